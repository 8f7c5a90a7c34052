//! The numbers that the judge decides by, all of them.
//!
//! A margin ranks statements well and says little by itself where "yes" begins: that differs by
//! model and by kind of statement. So a margin becomes a probability by a logistic curve with a
//! centre and a scale, and between `low` and `high` the judge says that it cannot tell.

use crate::domain::{Margin, StatementKind};

/// Whether the numbers below were fitted to labelled data.
pub const CALIBRATED: bool = false;

/// How margins of one kind of statement are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// The margin, in log-odds, at which "yes" and "no" are equally likely.
    pub centre: f32,
    /// How many log-odds of margin make one log-odd of probability.
    pub scale: f32,
    /// Below this probability a statement does not hold.
    pub low: f32,
    /// Above this probability a statement holds.
    pub high: f32,
}

/// The band of every kind without a row of its own.
///
/// Set with Qwen2.5-Coder-1.5B on the answers and labels of `tests/fixtures/judge` by a logistic
/// regression over margin, best sentence ([`SUITS`]) and absent terms ([`TERMS_ABSENT`]), which
/// was checked by leaving out one question at a time; see docs/evaluation.md. The answers are our
/// own, so this is no calibration.
const USUAL: Band = Band { centre: 1.7, scale: 0.86, low: 0.33, high: 0.7 };

/// Kinds that are read otherwise. A centre for each kind did not help on questions left out.
const KINDS: &[(StatementKind, Band)] = &[];

/// The band of statements about mistakes: what is held against the candidate takes more. To accuse
/// wrongly is worse than to miss one, so words do not add to the margin here, and most mistakes
/// that the model only suspects stay unsaid.
const SAID: Band = Band { centre: 0.7, scale: 0.35, low: 0.33, high: 0.8 };

/// Log-odds of margin that each point adds by which the best sentence suits the statement: its
/// words speak beside the model.
pub const SUITS: f32 = 0.6;

/// Log-odds of margin that a statement with terms loses when none of them was heard: what can
/// hardly be said in other words was hardly said.
pub const TERMS_ABSENT: f32 = 1.75;

/// The probability of a figure where no number was said, whatever the margin.
pub const NO_NUMBER: f32 = 0.02;

/// How much less a second sentence may suit a statement and still be quoted beside the first.
pub const NEARLY: f32 = 0.15;

/// What it is worth to a sentence, beside its words, that the model is sure to pick it.
pub const PICKED: f32 = 1.5;

/// Pieces of evidence for one finding, at most.
pub const MOST_EVIDENCE: usize = 3;

/// Without a model: the probability of what a word or a number points to, of what shows nothing
/// either way, and of what its words are absent for. Modest, since a word proves little.
pub const HEARD: [f32; 3] = [0.6, 0.5, 0.4];

/// The bands by kind of statement.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// For kinds that are not listed.
    pub usual: Band,
    /// Kinds that are read otherwise.
    pub kinds: &'static [(StatementKind, Band)],
    /// For statements about mistakes.
    pub said: Band,
}

impl Thresholds {
    /// The fixed numbers of this version.
    pub const FIXED: Self = Self { usual: USUAL, kinds: KINDS, said: SAID };

    /// How margins of this kind are read.
    pub fn band(&self, kind: StatementKind) -> Band {
        let listed = self.kinds.iter().find(|(listed, _)| *listed == kind);
        listed.map_or(self.usual, |(_, band)| *band)
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self::FIXED
    }
}

/// Whether a statement holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// It does.
    Holds,
    /// The judge cannot tell.
    Unsure,
    /// It does not.
    Not,
}

impl Band {
    /// How likely a statement with this margin holds, 0 to 1; a margin that is no number says
    /// nothing, which is one half.
    pub fn probability(&self, margin: Margin) -> f32 {
        let odds = (margin.0 - self.centre) / self.scale;
        if odds.is_nan() { 0.5 } else { 1.0 / (1.0 + (-odds).exp()) }
    }

    /// Whether a statement of this probability holds.
    pub fn call(&self, probability: f32) -> Call {
        if probability > self.high {
            Call::Holds
        } else if probability < self.low {
            Call::Not
        } else {
            Call::Unsure
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_centre_is_one_half_and_the_scale_a_log_odd() {
        let band = Band { centre: 2.0, scale: 1.5, low: 0.4, high: 0.6 };
        assert!((band.probability(Margin(2.0)) - 0.5).abs() < 1e-6);
        assert!((band.probability(Margin(3.5)) - 0.731_06).abs() < 1e-4);
    }

    #[test]
    fn any_margin_gives_a_probability() {
        for margin in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN] {
            assert!((0.0..=1.0).contains(&USUAL.probability(Margin(margin))), "{margin}");
        }
    }

    #[test]
    fn the_band_is_unsure_with_both_ends() {
        let band = Band { low: 0.4, high: 0.6, ..USUAL };
        let calls = [0.39, 0.4, 0.5, 0.6, 0.61].map(|p| band.call(p));
        assert_eq!(calls, [Call::Not, Call::Unsure, Call::Unsure, Call::Unsure, Call::Holds]);
    }

    #[test]
    fn every_kind_has_a_band_that_makes_sense() {
        for &kind in StatementKind::ALL {
            let Band { scale, low, high, .. } = Thresholds::FIXED.band(kind);
            assert!(scale > 0.0 && 0.0 < low && low <= high && high < 1.0, "{kind:?}");
        }
    }

    #[test]
    fn a_listed_kind_goes_by_its_own_band() {
        static KINDS: [(StatementKind, Band); 1] =
            [(StatementKind::Metric, Band { centre: 1.0, ..USUAL })];
        let thresholds = Thresholds { usual: USUAL, kinds: &KINDS, said: SAID };
        assert!((thresholds.band(StatementKind::Metric).centre - 1.0).abs() < f32::EPSILON);
        assert_eq!(thresholds.band(StatementKind::Action), USUAL);
    }
}
