//! What a model gives away about a statement.

use serde::{Deserialize, Serialize};

use super::Margin;

/// Where in a model to read what it holds of a statement. That differs by model file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tap {
    /// The hidden state is the one behind so many layers.
    pub layers: usize,
    /// Heads that look at the sentence that bears on a statement, as `[layer, head]`, both counted
    /// from 0; those of lower layers first.
    pub heads: Vec<[usize; 2]>,
}

/// What was read about one statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Insight {
    /// What the model would say.
    Margin(Margin),
    /// What it holds before it says anything.
    Inside(Inside),
}

/// What was read inside a model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inside {
    /// The hidden state at the end of what was asked.
    pub hidden: Vec<f32>,
    /// For each head the shares of its attention that the answer's sentences get, in their order.
    /// The rest goes to what stands between them.
    pub attention: Vec<Vec<f32>>,
}
