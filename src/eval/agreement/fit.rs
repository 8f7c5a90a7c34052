//! A calibration from cases: a logistic regression with a penalty on every weight but the base.

use std::collections::BTreeMap;

use crate::domain::{Group, ModelCard};
use crate::judge::{Band, Calibration, FEATURES, Reading, Weights};

use super::cases::Case;
use super::linear::rounded;
use super::probes::by_unseen_probes;
use super::weigh::{Unseen, Weighing};

/// The share of statements about criteria that the judge is to leave open, on questions left out.
const OPEN: f64 = 0.14;
/// How much of that lies on the side of what holds: to praise wrongly is worse than to overlook.
const PRAISE: f64 = 2.0 / 3.0;
/// From which probability a mistake may be flagged: to accuse wrongly is worse than to miss one, and
/// what hardly ever reaches a probability says nothing about it.
const ACCUSES: std::ops::RangeInclusive<f64> = 0.5..=0.8;

/// There is too little to fit to.
#[derive(Debug, thiserror::Error)]
#[error(
    "{cases} labelled statements about {questions} questions are too few to fit to; give some hundreds \
     about three or more"
)]
pub struct TooFew {
    cases: usize,
    questions: usize,
}

impl TooFew {
    /// Whether there is enough.
    pub(super) fn check(cases: usize, questions: usize) -> Result<(), Self> {
        if cases < 100 || questions < 3 { Err(Self { cases, questions }) } else { Ok(()) }
    }
}

/// Cases by what is fitted by itself. Hidden states are told by probes that were fitted to other
/// questions: one that has seen an answer is surer of it than it will be of another's.
pub(super) struct Sorts(Vec<Case>);

impl Sorts {
    pub(super) fn of(cases: &[Case]) -> Self {
        Self(by_unseen_probes(cases))
    }

    /// Steps, criteria and mistakes.
    pub(super) fn named(&self) -> [(&'static str, Vec<&Case>); 3] {
        let about = |wanted: fn(Option<Group>) -> bool| -> Vec<&Case> {
            self.0.iter().filter(|case| wanted(case.group)).collect()
        };
        [
            ("steps", about(|group| group == Some(Group::Structure))),
            ("criteria", about(|group| group.is_some_and(|group| group != Group::Structure))),
            ("mistakes", about(|group| group.is_none())),
        ]
    }
}

/// Fits a calibration for a model to its cases. How far weights are held back, and the bands, are
/// chosen on questions that a fit has not seen.
pub fn fit(card: &ModelCard, cases: &[Case]) -> Result<Calibration, TooFew> {
    let sorts = Sorts::of(cases);
    let [(_, steps), (_, criteria), (_, mistakes)] = sorts.named();
    Ok(Calibration {
        model: card.name.clone(),
        sha256: card.sha256.clone(),
        criteria: reading(&criteria, praise)?,
        steps: Some(reading(&steps, praise)?),
        mistakes: reading(&mistakes, |unseen| {
            let high = rounded(best_threshold(unseen).clamp(*ACCUSES.start(), *ACCUSES.end()));
            Band { low: high.min(0.3), high }
        })?,
        points: None,
        coverage: None,
    })
}

/// The band of criteria: what is least clear is left open.
fn praise(unseen: &[Unseen]) -> Band {
    let (mut above, mut below): (Vec<f64>, Vec<f64>) =
        unseen.iter().map(|(p, _)| *p).partition(|p| *p > 0.5);
    above.sort_by(f64::total_cmp);
    below.sort_by(|a, b| b.total_cmp(a));
    let end = |sorted: &[f64], share: f64| {
        let count = (share * OPEN * unseen.len() as f64) as usize;
        sorted.get(count).or(sorted.last()).copied().unwrap_or(0.5)
    };
    Band { low: rounded(end(&below, 1.0 - PRAISE)), high: rounded(end(&above, PRAISE)) }
}

fn reading(cases: &[&Case], band: impl Fn(&[Unseen]) -> Band) -> Result<Reading, TooFew> {
    let weighing = Weighing::of(cases)?;
    let (penalty, unseen) = weighing.best();
    let found = weighing.weights(penalty);
    let numbers: [f32; FEATURES] = std::array::from_fn(|i| rounded(found[i]));
    let kinds: BTreeMap<String, f32> = weighing
        .kinds
        .iter()
        .zip(&found[FEATURES..])
        .map(|(kind, &weight)| ((*kind).to_owned(), rounded(weight)))
        .collect();
    Ok(Reading { band: band(&unseen), weights: Weights::from_numbers(numbers, kinds) })
}

/// The probability from which a mistake is taken for made, by the mean of both classes' F1.
fn best_threshold(unseen: &[Unseen]) -> f64 {
    let worth = |threshold: f64| {
        let count = |said: bool, holds: bool| {
            unseen.iter().filter(|&&(p, h)| (p > threshold) == said && h == holds).count() as f64
        };
        let wrong = count(true, false) + count(false, true);
        let f1 = |right: f64| 2.0 * right / (2.0 * right + wrong).max(1.0);
        f1(count(true, true)) + f1(count(false, false))
    };
    let thresholds = (1..20).map(|step| f64::from(step) / 20.0);
    thresholds.max_by(|a, b| worth(*a).total_cmp(&worth(*b))).unwrap_or(0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Insight, Margin, Signals, StatementKind};
    use crate::judge::{Call, Said};

    /// Statements that hold by chance with odds of 2 margin - 1, and results more often.
    fn made(group: Option<Group>) -> Vec<Case> {
        let mut state = 1_u64;
        let mut unit = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f64 / f64::from(1_u32 << 24)
        };
        (0..3000)
            .map(|n| {
                let margin = 4.0 * unit() - 2.0;
                let kind = if n % 2 == 0 { StatementKind::Result } else { StatementKind::Action };
                let odds = 2.0 * margin - 1.0 + if n % 2 == 0 { 1.5 } else { 0.0 };
                Case {
                    question: format!("q{}", n % 5),
                    construct: "full".into(),
                    group,
                    kind,
                    said: Said { margin: Margin(margin as f32), ..Said::default() },
                    insights: vec![Insight::Margin(Margin(margin as f32))],
                    passages: Vec::new(),
                    signals: Signals { words: 100, ..Signals::default() },
                    probability: 0.0,
                    call: Call::Unsure,
                    holds: unit() < 1.0 / (1.0 + (-odds).exp()),
                    quoted: None,
                }
            })
            .collect()
    }

    fn card() -> ModelCard {
        ModelCard { name: "m".into(), sha256: "0".repeat(64), calibrated: false }
    }

    #[test]
    fn the_weights_that_made_the_cases_are_found() {
        let step = made(Some(Group::Structure));
        let cases = [made(Some(Group::LooksFor)), made(None), step].concat();
        let fitted = fit(&card(), &cases).expect("enough");
        let Weights { base, margin, ref kinds, .. } = fitted.criteria.weights;
        assert!((margin - 2.0).abs() < 0.2, "{margin}");
        let apart = kinds["result"] - kinds["action"];
        assert!((apart - 1.5).abs() < 0.3, "{apart}");
        assert!((base + kinds["action"] + 1.0).abs() < 0.3, "{base}");
        let Band { low, high } = fitted.criteria.band;
        assert!(0.3 < low && low < 0.5 && 0.5 < high && high < 0.8, "{low} {high}");
        assert!(fitted.mistakes.band.high >= 0.5);
    }

    #[test]
    fn too_little_is_said() {
        let few: Vec<Case> = made(Some(Group::LooksFor)).into_iter().take(50).collect();
        let error = fit(&card(), &few).expect_err("too few").to_string();
        assert!(error.starts_with("50 labelled statements about 5 questions"), "{error}");
    }
}
