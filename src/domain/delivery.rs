//! How an answer was delivered.

use serde::{Deserialize, Serialize};

/// Figures of delivery that need no model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Words said.
    pub words: usize,
    /// Minutes the words would take to speak.
    pub spoken_minutes: f32,
    /// Numbers said that measure something.
    pub numbers: usize,
    /// "I" against "I" and "we" together, 0 to 1; none where neither was said.
    pub i_share: Option<f32>,
    /// Filler words said.
    pub fillers: usize,
}
