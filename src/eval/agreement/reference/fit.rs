//! Weights for points of a reference, from marks alone.
//!
//! Nobody marked the points one by one. So the weights are chosen such that the expected share of
//! points made comes close to the mark: least squares through the logistic function, by
//! Gauss-Newton steps (Nocedal and Wright 2006, 10.3) with a ridge penalty.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::StatementKind;
use crate::judge::{Band, CoverageWeights, FEATURES, Reading, Weights};

use super::super::fit::TooFew;
use super::super::linear::{best_penalty, rounded, solve};
use super::Coverage;
use super::report::groups;

/// The penalties that are tried; the one that does best on questions left out is taken.
const PENALTIES: [f64; 4] = [0.01, 0.1, 0.3, 1.0];
const STEPS: usize = 60;
/// Where the judge does not say whether a point was made. Set by hand, since nobody marked points,
/// and higher above than below: a wrong "met" is worse than an "unsure".
const BAND: Band = Band { low: 0.35, high: 0.7 };

/// Fits the weights of points to marks.
pub fn fit_points(found: &[Coverage]) -> Result<Reading, TooFew> {
    let weights = fitted(found, Row::of_points)?;
    let numbers: [f32; FEATURES] = std::array::from_fn(|i| rounded(weights[i]));
    Ok(Reading { band: BAND, weights: Weights::from_numbers(numbers, BTreeMap::new()) })
}

/// Fits the weights of coverage to marks, by points that are read with these weights.
pub fn fit_coverage(found: &[Coverage], points: &Weights) -> Result<CoverageWeights, TooFew> {
    let weights = fitted(found, |coverage| Row::of_shares(coverage, points))?;
    let [base, points, words] = [0, 1, 2].map(|i| rounded(weights[i]));
    Ok(CoverageWeights { base, points, words })
}

/// The weights that come closest to the marks.
fn fitted(found: &[Coverage], row: impl Fn(&Coverage) -> Row) -> Result<Vec<f64>, TooFew> {
    let groups = groups(found);
    let questions: BTreeSet<usize> = groups.iter().copied().collect();
    TooFew::check(found.len(), questions.len())?;
    let rows: Vec<Row> = found.iter().map(row).collect();
    let unseen = |penalty: f64| -> f64 {
        let one = |question: &usize| {
            let side = |out: bool| -> Vec<&Row> {
                let wanted = |i: &usize| (groups[*i] == *question) == out;
                (0..rows.len()).filter(wanted).map(|i| &rows[i]).collect()
            };
            loss(&weights(&side(false), penalty), &side(true))
        };
        questions.iter().map(one).sum()
    };
    let (penalty, ()) = best_penalty(&PENALTIES, |penalty| (unseen(penalty), ()));
    Ok(weights(&rows.iter().collect::<Vec<_>>(), penalty))
}

/// An answer: what speaks for each point, and its mark as a share.
struct Row {
    points: Vec<[f64; FEATURES]>,
    mark: f64,
}

impl Row {
    fn of_points(coverage: &Coverage) -> Self {
        let features = |(said, signals): &(_, _)| Weights::features(*said, signals);
        let points = coverage.points.iter().map(|p| features(p).map(f64::from)).collect();
        Self { points, mark: mark(coverage) }
    }

    /// The share of points made and that of words said, as one point of its own.
    fn of_shares(coverage: &Coverage, weights: &Weights) -> Self {
        let one = |(said, signals): &(_, _)| {
            f64::from(weights.probability(StatementKind::Point, *said, signals))
        };
        let made: f64 = coverage.points.iter().map(one).sum();
        let mut shares = [0.0; FEATURES];
        shares[..3].copy_from_slice(&[
            1.0,
            made / coverage.points.len().max(1) as f64,
            f64::from(coverage.words),
        ]);
        Self { points: vec![shares], mark: mark(coverage) }
    }

    /// The expected share, and how it changes with each weight.
    fn share(&self, weights: &[f64]) -> (f64, Vec<f64>) {
        let n = self.points.len().max(1) as f64;
        let (mut share, mut slope) = (0.0, vec![0.0; FEATURES]);
        for x in &self.points {
            let odds: f64 = weights.iter().zip(x).map(|(w, x)| w * x).sum();
            let p = 1.0 / (1.0 + (-odds).exp());
            share += p / n;
            slope.iter_mut().zip(x).for_each(|(slope, x)| *slope += p * (1.0 - p) * x / n);
        }
        (share, slope)
    }
}

fn mark(coverage: &Coverage) -> f64 {
    coverage.row.score / coverage.row.max_score
}

fn loss(weights: &[f64], rows: &[&Row]) -> f64 {
    rows.iter().map(|row| (row.mark - row.share(weights).0).powi(2)).sum()
}

fn weights(rows: &[&Row], penalty: f64) -> Vec<f64> {
    let ridge = |i: usize| if i == 0 { 1e-6 } else { penalty };
    let held = |w: &[f64]| w.iter().enumerate().map(|(i, w)| ridge(i) * w * w).sum::<f64>();
    let worth = |w: &[f64]| loss(w, rows) + held(w);
    let mut weights = vec![0.0; FEATURES];
    for _ in 0..STEPS {
        let mut pull: Vec<f64> = weights.iter().enumerate().map(|(i, w)| -ridge(i) * w).collect();
        let mut curvature = vec![vec![0.0; FEATURES]; FEATURES];
        for (i, row) in curvature.iter_mut().enumerate() {
            row[i] = ridge(i) + 1e-9;
        }
        for row in rows {
            let (share, slope) = row.share(&weights);
            for i in 0..FEATURES {
                pull[i] += slope[i] * (row.mark - share);
                (0..FEATURES).for_each(|j| curvature[i][j] += slope[i] * slope[j]);
            }
        }
        let step = solve(curvature, pull);
        let Some(next) = shortened(&weights, &step, &worth) else { break };
        weights = next;
    }
    weights
}

/// The weights a step on, as much of it as makes them better; none where no part of it does.
fn shortened(weights: &[f64], step: &[f64], worth: &dyn Fn(&[f64]) -> f64) -> Option<Vec<f64>> {
    let before = worth(weights);
    let moved =
        |share: f64| -> Vec<f64> { weights.iter().zip(step).map(|(w, s)| w + share * s).collect() };
    let shares = (0..12).map(|halved| 0.5_f64.powi(halved));
    shares.map(moved).find(|next| worth(next) < before - 1e-10)
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::coverage;
    use super::*;
    use crate::domain::{Margin, Signals};
    use crate::judge::Said;

    fn by_margin(margin: f32) -> Said {
        Said { margin: Margin(margin), ..Said::default() }
    }

    #[test]
    fn marks_alone_show_what_points_are_made_by() {
        let mut state = 1_u64;
        let mut unit = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f32 / (1_u32 << 24) as f32
        };
        let found: Vec<Coverage> = (0..400)
            .map(|n| {
                let points: Vec<(Said, Signals)> = (0..3)
                    .map(|_| {
                        let signals = Signals { covered: unit(), ..Signals::default() };
                        (by_margin(4.0 * unit() - 2.0), signals)
                    })
                    .collect();
                let made = |(said, signals): &(Said, Signals)| {
                    f64::from(1.0 / (1.0 + (1.0 - said.margin.0 - 3.0 * signals.covered).exp()))
                };
                let mark = points.iter().map(made).sum::<f64>() / 3.0;
                let row = coverage(["a", "b", "c", "d"][n % 4], "", 0.0, 5.0 * mark);
                Coverage { points, ..row }
            })
            .collect();
        let reading = fit_points(&found).expect("enough");
        let Weights { margin, covered, suits, .. } = reading.weights;
        assert!((margin - 1.0).abs() < 0.1 && (covered - 3.0).abs() < 0.4, "{margin} {covered}");
        assert!(suits.abs() < 1e-3, "{suits}");
    }

    #[test]
    fn coverage_is_fitted_to_both_shares() {
        let weights = CoverageWeights { base: -1.0, points: 1.0, words: 2.0 };
        let found: Vec<Coverage> = (0..200_u16)
            .map(|n| {
                let (words, margin) = (f32::from(n % 10) / 10.0, f32::from(n % 7) - 3.0);
                let made = 1.0 / (1.0 + (-margin).exp());
                let mark = f64::from(5.0 * weights.coverage(made, words));
                let row = coverage(["a", "b", "c"][usize::from(n % 3)], "", words, mark);
                Coverage { points: vec![(by_margin(margin), Signals::default())], ..row }
            })
            .collect();
        let weights = Weights { margin: 1.0, ..Weights::default() };
        let CoverageWeights { points, words, .. } = fit_coverage(&found, &weights).expect("enough");
        assert!((points - 1.0).abs() < 0.1 && (words - 2.0).abs() < 0.2, "{points} {words}");
    }

    #[test]
    fn too_few_marks_are_refused() {
        let few = [coverage("a", "", 0.5, 1.0)];
        assert!(fit_points(&few).is_err());
    }
}
