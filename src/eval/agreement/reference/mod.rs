//! How well coverage of a reference answer agrees with the marks that people gave.
//!
//! - `rows`: the marked answers
//! - `report`: the figures, beside baselines and beside two people
//! - `fit`: weights for points, from marks alone

mod fit;
mod report;
mod rows;

pub use fit::{fit_coverage, fit_points};
pub use report::{ReferenceReport, reference_report};
pub use rows::{Marked, marked};

use crate::domain::Signals;
use crate::judge::{CoverageWeights, Decision, Said};

/// What the judge made of one marked answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    /// The row.
    pub row: Marked,
    /// Each point of the reference: what the model said, and what code can tell.
    pub points: Vec<(Said, Signals)>,
    /// The share of the reference's telling words that were said.
    pub words: f32,
    /// The share of the reference that the answer covers, by the judge.
    pub share: f32,
}

impl Coverage {
    /// From what was decided on each point.
    pub fn new(row: Marked, decisions: &[Decision], words: f32, weights: &CoverageWeights) -> Self {
        let points = decisions.iter().map(|decision| (decision.said, decision.signals)).collect();
        let sum: f32 = decisions.iter().map(|decision| decision.probability).sum();
        let share = weights.coverage(sum / decisions.len().max(1) as f32, words);
        Self { row, points, words, share }
    }
}
