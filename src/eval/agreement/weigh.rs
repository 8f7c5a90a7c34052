//! Cases as rows of a logistic regression, and what it tells of questions that it has not seen.

use std::collections::BTreeSet;

use crate::domain::Margin;
use crate::judge::Weights;

use super::cases::Case;
use super::fit::TooFew;
use super::linear::{Labelled, best_penalty, chance, logistic};

/// The penalties that are tried; the one that does best on questions left out is taken.
const PENALTIES: [f64; 4] = [0.5, 2.0, 8.0, 32.0];

/// A probability for a case that the fit has not seen, and whether it holds.
pub(super) type Unseen = (f64, bool);

/// What is weighed.
pub(super) struct Weighing<'a> {
    rows: Vec<Labelled>,
    /// The question of each.
    about: Vec<&'a str>,
    /// The kinds of statements, which come behind what all statements have.
    pub(super) kinds: Vec<&'a str>,
}

impl<'a> Weighing<'a> {
    pub(super) fn of(cases: &[&'a Case]) -> Result<Self, TooFew> {
        let about: Vec<&str> = cases.iter().map(|case| case.question.as_str()).collect();
        TooFew::check(cases.len(), about.iter().collect::<BTreeSet<_>>().len())?;
        let kinds: BTreeSet<&str> = cases.iter().map(|case| case.kind.name()).collect();
        let kinds: Vec<&str> = kinds.into_iter().collect();
        let rows = cases.iter().map(|case| (features(case, &kinds), case.holds)).collect();
        Ok(Self { rows, about, kinds })
    }

    /// The same where only some features tell anything.
    pub(super) fn only(&self, tells: impl Fn(usize) -> bool) -> Self {
        let masked = |(features, holds): &Labelled| {
            let one = |(n, x): (usize, &f64)| if tells(n) { *x } else { 0.0 };
            (features.iter().enumerate().map(one).collect(), *holds)
        };
        let rows = self.rows.iter().map(masked).collect();
        Self { rows, about: self.about.clone(), kinds: self.kinds.clone() }
    }

    /// The values of one feature.
    pub(super) fn values(&self, feature: usize) -> impl Iterator<Item = f64> {
        self.rows.iter().map(move |(features, _)| features[feature])
    }

    /// The best penalty, and what is told with it of questions left out.
    pub(super) fn best(&self) -> (f64, Vec<Unseen>) {
        best_penalty(&PENALTIES, |penalty| {
            let unseen = self.unseen(penalty);
            (surprise(&unseen), unseen)
        })
    }

    /// The weights of all features.
    pub(super) fn weights(&self, penalty: f64) -> Vec<f64> {
        logistic(&self.rows, penalty)
    }

    /// In the order of the cases.
    fn unseen(&self, penalty: f64) -> Vec<Unseen> {
        let mut told = vec![(0.5, false); self.rows.len()];
        for question in self.about.iter().collect::<BTreeSet<_>>() {
            let both = || self.rows.iter().zip(&self.about);
            let seen: Vec<Labelled> = both()
                .filter(|(_, about)| *about != question)
                .map(|(row, _)| row.clone())
                .collect();
            let weights = logistic(&seen, penalty);
            let out = both().zip(&mut told).filter(|((_, about), _)| *about == question);
            out.for_each(|((row, _), told)| *told = (chance(&weights, &row.0), row.1));
        }
        told
    }
}

fn features(case: &Case, kinds: &[&str]) -> Vec<f64> {
    let mut said = case.said;
    if said.margin.0.is_nan() {
        said.margin = Margin(0.0);
    }
    let shared = Weights::features(said, &case.signals).map(f64::from);
    let kind = kinds.iter().map(|kind| f64::from(u8::from(*kind == case.kind.name())));
    shared.into_iter().chain(kind).collect()
}

/// The mean negative log-likelihood.
fn surprise(unseen: &[Unseen]) -> f64 {
    let one = |&(p, holds): &Unseen| -(if holds { p } else { 1.0 - p }).max(1e-9).ln();
    unseen.iter().map(one).sum::<f64>() / unseen.len() as f64
}
