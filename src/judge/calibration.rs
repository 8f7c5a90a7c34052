//! The numbers that the judge decides by, all of them.
//!
//! What a model says ranks statements well and says little by itself where "yes" begins: that
//! differs by model and by kind of statement. So it and the signals are weighed together by a logistic
//! regression, fitted to labelled answers for each model file and kept in `calibration.toml` with
//! the command that made it. Between the ends of a band the judge says that it cannot tell.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::coverage::CoverageWeights;
use super::inside::Said;
use crate::domain::{Group, Signals, StatementKind, Target};

/// The probability of a figure where no number was said, whatever the margin.
pub const NO_NUMBER: f32 = 0.02;

/// Sentences that a statement is put to the model with.
pub const SHORTLIST: usize = 2;

/// How much less a second sentence may suit a statement and still be quoted beside the first.
pub const NEARLY: f32 = 0.15;

/// Pieces of evidence for one finding, at most.
pub const MOST_EVIDENCE: usize = 3;

/// Without a model: the probability of what a word or a number points to, of what shows nothing
/// either way, and of what its words are absent for. Modest, since a word proves little.
pub const HEARD: [f32; 3] = [0.6, 0.5, 0.4];

/// What a statement's log-odds are made of. Neither the length of the answer nor its numbers
/// are part of it, though good answers have more of both: what was said elsewhere in it shall not
/// raise a verdict.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// What all statements begin with.
    pub base: f32,
    /// For each log-odd of the model's margin, where it is asked for yes or no.
    pub margin: f32,
    /// For what its hidden state says, where that is read.
    #[serde(default)]
    pub probe: f32,
    /// For the share of attention that the most looked-at sentence gets, likewise.
    #[serde(default)]
    pub focus: f32,
    /// For each point by which the best sentence suits the statement.
    pub suits: f32,
    /// For each telling word that a sentence shares with the statement.
    pub shared: f32,
    /// For how like the statement the likest sentence is, where that was fitted.
    #[serde(default)]
    pub similar: f32,
    /// For the share of the statement's telling words that were said, where that was fitted.
    #[serde(default)]
    pub covered: f32,
    /// For each sentence in the manner of the kind, up to three.
    pub cues: f32,
    /// Where one of the statement's terms was heard.
    pub terms_heard: f32,
    /// Where the statement has terms and none of them was heard.
    pub terms_absent: f32,
    /// What statements of a kind begin with besides, where that helped on other questions.
    pub kinds: BTreeMap<String, f32>,
}

/// How many numbers a [`Weights`] has besides those of kinds.
pub const FEATURES: usize = 11;

impl Weights {
    /// What [`features`](Self::features) are called, as the weights are.
    pub const NAMES: [&str; FEATURES] = [
        "base",
        "margin",
        "probe",
        "focus",
        "suits",
        "shared",
        "similar",
        "covered",
        "cues",
        "terms_heard",
        "terms_absent",
    ];

    /// What the weights apply to, in their order; the base is 1.
    pub fn features(said: Said, signals: &Signals) -> [f32; FEATURES] {
        let flag = |on: bool| f32::from(u8::from(on));
        let some = |count: usize| count.min(3) as f32;
        [
            1.0,
            said.margin.0,
            said.probe,
            said.focus,
            signals.suits,
            signals.shared,
            signals.similar,
            signals.covered,
            some(signals.cues),
            flag(signals.terms_heard),
            flag(signals.terms_absent),
        ]
    }

    /// Weights from numbers in the order of [`features`](Self::features).
    pub fn from_numbers(numbers: [f32; FEATURES], kinds: BTreeMap<String, f32>) -> Self {
        let [
            base,
            margin,
            probe,
            focus,
            suits,
            shared,
            similar,
            covered,
            cues,
            terms_heard,
            terms_absent,
        ] = numbers;
        Self {
            base,
            margin,
            probe,
            focus,
            suits,
            shared,
            similar,
            covered,
            cues,
            terms_heard,
            terms_absent,
            kinds,
        }
    }

    fn numbers(&self) -> [f32; FEATURES] {
        [
            self.base,
            self.margin,
            self.probe,
            self.focus,
            self.suits,
            self.shared,
            self.similar,
            self.covered,
            self.cues,
            self.terms_heard,
            self.terms_absent,
        ]
    }

    /// How likely a statement holds, 0 to 1. What is no number says nothing, which is one half; a
    /// figure without any number was not given, whatever the model says.
    pub fn probability(&self, kind: StatementKind, said: Said, signals: &Signals) -> f32 {
        let features = Self::features(said, signals);
        let weighed: f32 = self.numbers().iter().zip(features).map(|(w, x)| w * x).sum();
        let odds = weighed + self.kinds.get(kind.name()).copied().unwrap_or_default();
        let probability = if odds.is_nan() { 0.5 } else { 1.0 / (1.0 + (-odds).exp()) };
        let no_number = kind == StatementKind::Metric && signals.numbers == 0;
        if no_number { probability.min(NO_NUMBER) } else { probability }
    }
}

/// Where the judge cannot tell.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Below this probability a statement does not hold.
    pub low: f32,
    /// Above this probability a statement holds.
    pub high: f32,
}

impl Band {
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

/// How one sort of statements is decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// What is not clear enough to say.
    pub band: Band,
    /// What makes it likely.
    pub weights: Weights,
}

/// How the margins of one model file are read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The model's name, for people.
    pub model: String,
    /// SHA-256 of its file in hexadecimal; empty for what serves every other file.
    pub sha256: String,
    /// For statements of criteria.
    pub criteria: Reading,
    /// For the steps of frameworks, where that was fitted: whether a story has its setting is told by
    /// other things than whether it names a trade-off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Reading>,
    /// For statements about mistakes: to accuse wrongly is worse than to miss one.
    pub mistakes: Reading,
    /// For the points of a reference answer, where that was fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Reading>,
    /// For all of a reference answer, where that was fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<CoverageWeights>,
}

#[derive(Serialize, Deserialize)]
struct File {
    calibration: Vec<Calibration>,
}

static ALL: LazyLock<Vec<Calibration>> = LazyLock::new(|| {
    let file: File =
        toml::from_str(include_str!("../../calibration.toml")).expect("our own file, tested");
    file.calibration
});

impl Calibration {
    /// The one for the model file with this digest, else the one that serves every file.
    pub fn of(sha256: &str) -> &'static Self {
        Self::fitted(sha256).unwrap_or(&ALL[0])
    }

    /// Whether it is for every file that nothing was fitted to.
    pub fn serves_all(&self) -> bool {
        self.sha256.is_empty()
    }

    /// How statements of this kind about this subject are decided.
    pub fn reading(&self, kind: StatementKind, subject: &Target) -> &Reading {
        match subject {
            Target::Mistake { .. } => &self.mistakes,
            Target::Criterion { .. } if kind == StatementKind::Point => {
                self.points.as_ref().unwrap_or(&self.criteria)
            }
            Target::Criterion { group: Group::Structure, .. } => {
                self.steps.as_ref().unwrap_or(&self.criteria)
            }
            Target::Criterion { group: Group::LooksFor | Group::KeyPoints, .. } => &self.criteria,
        }
    }

    /// How the share of a reference answer is told that an answer covers.
    pub fn coverage(&self) -> CoverageWeights {
        self.coverage.unwrap_or(CoverageWeights::BY_HAND)
    }

    /// As an entry of `calibration.toml`.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(&File { calibration: vec![self.clone()] })
    }

    /// Whether there is one for the model file with this digest.
    pub fn is_fitted(sha256: &str) -> bool {
        Self::fitted(sha256).is_some()
    }

    fn fitted(sha256: &str) -> Option<&'static Self> {
        ALL.iter().filter(|_| !sha256.is_empty()).find(|c| c.sha256 == sha256)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Margin;

    #[test]
    fn the_first_serves_every_file_and_the_others_one_each() {
        assert_eq!(ALL[0].sha256, "");
        assert_eq!(Calibration::of("no such digest"), &ALL[0]);
        assert!(!Calibration::is_fitted(""));
        for calibration in &ALL[1..] {
            assert_eq!(Calibration::of(&calibration.sha256), calibration);
            assert_eq!(calibration.sha256.len(), 64, "{}", calibration.model);
        }
    }

    #[test]
    fn every_reading_makes_sense() {
        for calibration in ALL.iter() {
            let Calibration { criteria, steps, mistakes, points, .. } = calibration;
            for Reading { band, weights } in
                [criteria, mistakes].into_iter().chain(steps).chain(points)
            {
                assert!(0.0 < band.low && band.low <= band.high && band.high < 1.0);
                let more = if weights.probe == 0.0 { weights.margin } else { weights.probe };
                assert!(more > 0.0, "the more the model says so the likelier");
                let known = |kind: &String| StatementKind::ALL.iter().any(|k| k.name() == kind);
                assert!(weights.kinds.keys().all(known), "{:?}", weights.kinds);
            }
        }
    }

    #[test]
    fn weights_and_features_are_in_one_order() {
        let weights = Weights { suits: 2.0, terms_heard: 1.0, ..Weights::default() };
        let again = Weights::from_numbers(weights.numbers(), BTreeMap::new());
        assert_eq!(again, weights);
        let signals = Signals { suits: 1.5, terms_heard: true, ..Signals::default() };
        let probability = weights.probability(StatementKind::Action, Said::default(), &signals);
        assert!((probability - 1.0 / (1.0 + (-4.0f32).exp())).abs() < 1e-6);
    }

    #[test]
    fn names_are_those_of_the_weights() {
        let numbers = std::array::from_fn(|n| n as f32);
        let table = toml::Table::try_from(Weights::from_numbers(numbers, BTreeMap::new())).unwrap();
        let named = Weights::NAMES.map(|name| table[name].as_float().map(|number| number as f32));
        assert_eq!(named, numbers.map(Some));
    }

    #[test]
    fn a_kind_begins_where_it_was_fitted_to() {
        let kinds = BTreeMap::from([("result".to_owned(), 2.0)]);
        let weights = Weights { kinds, ..Weights::default() };
        let of = |kind| weights.probability(kind, Said::default(), &Signals::default());
        assert!((of(StatementKind::Result) - 0.880_8).abs() < 1e-3);
        assert!((of(StatementKind::Action) - 0.5).abs() < 1e-6);
    }

    #[test]
    fn any_margin_gives_a_probability_and_a_figure_takes_a_number() {
        let weights = Weights { margin: 1.0, ..Weights::default() };
        for margin in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN] {
            let said = Said { margin: Margin(margin), ..Said::default() };
            let of = |kind| weights.probability(kind, said, &Signals::default());
            assert!((0.0..=1.0).contains(&of(StatementKind::Action)), "{margin}");
            assert!((0.0..=NO_NUMBER).contains(&of(StatementKind::Metric)), "{margin}");
        }
    }

    #[test]
    fn the_band_is_unsure_with_both_ends() {
        let band = Band { low: 0.4, high: 0.6 };
        let calls = [0.39, 0.4, 0.5, 0.6, 0.61].map(|p| band.call(p));
        assert_eq!(calls, [Call::Not, Call::Unsure, Call::Unsure, Call::Unsure, Call::Holds]);
    }
}
