//! How much of a reference answer an answer covers.

use serde::{Deserialize, Serialize};

use crate::domain::{Finding, Group, Question};

use super::answer::Answer;
use super::cues::{covered, telling};

/// How coverage follows from points and words: a logistic regression over two shares. Neither does
/// as well alone: a small model takes a point for made that was only touched, and words do not know
/// what was said with them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoverageWeights {
    /// What every answer begins with.
    pub base: f32,
    /// For the share of points made, each counted by how likely it was.
    pub points: f32,
    /// For the share of the reference's telling words, beyond those of the question, that were said.
    pub words: f32,
}

impl CoverageWeights {
    /// For a model that nobody fitted them for: half of both is half covered.
    pub const BY_HAND: Self = Self { base: -3.0, points: 3.0, words: 3.0 };

    /// The coverage, 0 to 1.
    pub fn coverage(&self, points: f32, words: f32) -> f32 {
        1.0 / (1.0 + (-(self.base + self.points * points + self.words * words)).exp())
    }
}

/// The share of a reference that the answer covers, 0 to 1, by what was found of its points.
pub fn coverage(
    question: &Question,
    findings: &[Finding],
    answer: &Answer,
    weights: &CoverageWeights,
) -> f32 {
    let points = findings.iter().filter(|finding| finding.group == Group::KeyPoints);
    let likely: Vec<f32> = points.map(|point| point.probability).collect();
    weights.coverage(mean(&likely), words_said(question, answer))
}

/// The share of the reference's telling words, beyond those of the question, that were said.
pub fn words_said(question: &Question, answer: &Answer) -> f32 {
    let all: Vec<&str> = question.key_points.iter().map(|point| point.text.as_str()).collect();
    let (all, asked) = (telling(&all.join("\n")), telling(&question.say));
    let beyond: Vec<String> = all.iter().filter(|word| !asked.contains(word)).cloned().collect();
    let wanted = if beyond.is_empty() { all } else { beyond };
    covered(&wanted, answer.sentences().iter().map(|s| s.text.as_str()))
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_rises_with_both_and_stays_a_share() {
        let weights = CoverageWeights { base: -2.0, points: 1.0, words: 3.0 };
        let of = |points, words| weights.coverage(points, words);
        assert!(of(0.0, 0.0) < of(1.0, 0.0) && of(1.0, 0.0) < of(1.0, 1.0));
        assert!((of(1.0, 1.0 / 3.0) - 0.5).abs() < 1e-6);
        assert!((0.0..=1.0).contains(&of(1e9, 1e9)));
    }
}
