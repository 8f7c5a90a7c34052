//! Figures of agreement between what was judged and what people said, as functions of values.
//!
//! Each takes pairs and gives `None` where it is not defined: of too few pairs, of pairs that do
//! not vary, of one class alone.

use std::cmp::Ordering;

/// A judgement and its label, both as numbers, with the group it belongs to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    /// What the judge said.
    pub(super) said: f64,
    /// What people said.
    pub(super) label: f64,
    /// The question, counted from 0: what "within a question" and the bootstrap go by.
    pub(super) group: usize,
}

/// Pearson's correlation.
pub(super) fn pearson(pairs: &[Pair]) -> Option<f64> {
    let n = pairs.len() as f64;
    let (x, y) = (mean(pairs, |p| p.said)?, mean(pairs, |p| p.label)?);
    let sum = |f: &dyn Fn(&Pair) -> f64| pairs.iter().map(f).sum::<f64>() / n;
    let (xx, yy) = (sum(&|p| (p.said - x).powi(2)), sum(&|p| (p.label - y).powi(2)));
    let xy = sum(&|p| (p.said - x) * (p.label - y));
    let spread = (xx * yy).sqrt();
    (spread > 1e-12).then(|| xy / spread)
}

/// Pearson's correlation of what is left when each group's means are taken away: whether answers
/// to the same question are told apart.
pub(super) fn pearson_within(pairs: &[Pair]) -> Option<f64> {
    let groups = pairs.iter().map(|p| p.group).max()? + 1;
    let mut sums = vec![(0.0, 0.0, 0.0); groups];
    for pair in pairs {
        let sum = &mut sums[pair.group];
        *sum = (sum.0 + pair.said, sum.1 + pair.label, sum.2 + 1.0);
    }
    let centred = |pair: &Pair| {
        let (said, label, n) = sums[pair.group];
        Pair { said: pair.said - said / n, label: pair.label - label / n, ..*pair }
    };
    pearson(&pairs.iter().map(centred).collect::<Vec<_>>())
}

/// The chance that a pair with label 1 ranks above one with label 0 (the area under the ROC
/// curve); ties count a half.
pub(super) fn auc(pairs: &[Pair]) -> Option<f64> {
    let mut ranked: Vec<&Pair> = pairs.iter().collect();
    ranked.sort_by(|a, b| a.said.total_cmp(&b.said));
    let (mut below, mut wins) = (0.0, 0.0);
    for tied in ranked.chunk_by(|a, b| a.said.total_cmp(&b.said) == Ordering::Equal) {
        let yes = tied.iter().filter(|p| holds(p)).count() as f64;
        let no = tied.len() as f64 - yes;
        wins += yes * (below + no / 2.0);
        below += no;
    }
    let yes = pairs.iter().filter(|p| holds(p)).count() as f64;
    (yes > 0.0 && below > 0.0).then(|| wins / (yes * below))
}

/// The share of decisions that are right: `said` is 0 or 1.
pub(super) fn accuracy(pairs: &[Pair]) -> Option<f64> {
    mean(pairs, |p| f64::from(u8::from((p.said > 0.5) == holds(p))))
}

/// The mean of the shares of both classes that are found: `said` is 0 or 1.
pub(super) fn balanced_accuracy(pairs: &[Pair]) -> Option<f64> {
    let of = |class: bool| {
        let side: Vec<Pair> = pairs.iter().filter(|p| holds(p) == class).copied().collect();
        accuracy(&side)
    };
    Some(f64::midpoint(of(true)?, of(false)?))
}

/// The mean of both classes' F1: `said` is 0 or 1. A class that neither has counts as found.
pub(super) fn macro_f1(pairs: &[Pair]) -> Option<f64> {
    let f1 = |class: bool| {
        let count = |wanted: &dyn Fn(bool, bool) -> bool| {
            pairs.iter().filter(|p| wanted((p.said > 0.5) == class, holds(p) == class)).count()
        };
        let (right, wrong) = (count(&|s, l| s && l), count(&|s, l| s != l));
        let all = 2 * right + wrong;
        if all == 0 { 1.0 } else { 2.0 * right as f64 / all as f64 }
    };
    (!pairs.is_empty()).then(|| f64::midpoint(f1(true), f1(false)))
}

/// The expected calibration error (Naeini et al. 2015): how far probabilities are from the shares
/// that hold, over ten bins of equal width, weighted by their size.
pub(super) fn calibration_error(pairs: &[Pair]) -> Option<f64> {
    const BINS: usize = 10;
    let bin = |p: &&Pair| ((p.said * BINS as f64) as usize).min(BINS - 1);
    let gaps = (0..BINS).map(|n| -> f64 {
        let inside: Vec<&Pair> = pairs.iter().filter(|p| bin(p) == n).collect();
        inside.iter().map(|p| p.said - p.label).sum::<f64>().abs()
    });
    let gaps: f64 = gaps.sum();
    (!pairs.is_empty()).then(|| gaps / pairs.len() as f64)
}

/// The root of the mean squared difference.
pub(super) fn rmse(pairs: &[Pair]) -> Option<f64> {
    mean(pairs, |p| (p.said - p.label).powi(2)).map(f64::sqrt)
}

/// Cohen's kappa with quadratic weights (Cohen 1968): 1 is full agreement, 0 that of chance. Both
/// numbers are steps of one scale.
pub(super) fn quadratic_kappa(pairs: &[Pair]) -> Option<f64> {
    let apart = |a: &Pair, b: &Pair| (a.said - b.label).powi(2);
    let observed = mean(pairs, |p| apart(p, p))?;
    let (said, label) = (mean(pairs, |p| p.said)?, mean(pairs, |p| p.label)?);
    // The mean of apart(a, b) over all a and b, without going over all.
    let spread = |of: fn(&Pair) -> f64, centre: f64| mean(pairs, |p| (of(p) - centre).powi(2));
    let chance = spread(|p| p.said, said)? + spread(|p| p.label, label)? + (said - label).powi(2);
    (chance > 1e-12).then(|| 1.0 - observed / chance)
}

fn holds(pair: &Pair) -> bool {
    pair.label > 0.5
}

fn mean(pairs: &[Pair], value: impl Fn(&Pair) -> f64) -> Option<f64> {
    (!pairs.is_empty()).then(|| pairs.iter().map(value).sum::<f64>() / pairs.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(values: &[(f64, f64)]) -> Vec<Pair> {
        values.iter().map(|&(said, label)| Pair { said, label, group: 0 }).collect()
    }

    fn near(value: Option<f64>, expected: f64) {
        let value = value.expect("a value");
        assert!((value - expected).abs() < 1e-4, "{value} is not {expected}");
    }

    #[test]
    fn correlation_is_that_of_the_textbook() {
        near(pearson(&pairs(&[(1.0, 2.0), (2.0, 4.0), (3.0, 6.0)])), 1.0);
        near(pearson(&pairs(&[(1.0, 1.0), (2.0, 3.0), (3.0, 2.0), (4.0, 5.0)])), 0.831_52);
        assert_eq!(pearson(&pairs(&[(1.0, 2.0), (1.0, 3.0)])), None, "nothing varies");
        assert_eq!(pearson(&[]), None);
    }

    #[test]
    fn within_a_question_its_difficulty_does_not_count() {
        let pair = |said, label, group| Pair { said, label, group };
        let pairs = [pair(0.1, 0.3, 0), pair(0.2, 0.2, 0), pair(0.8, 1.0, 1), pair(0.9, 0.9, 1)];
        assert!(pearson(&pairs).expect("a value") > 0.9);
        near(pearson_within(&pairs), -1.0);
    }

    #[test]
    fn ranking_counts_ties_by_half() {
        near(auc(&pairs(&[(0.1, 0.0), (0.9, 1.0), (0.5, 0.0), (0.5, 1.0)])), 0.875);
        assert_eq!(auc(&pairs(&[(0.1, 1.0)])), None, "one class");
    }

    #[test]
    fn decisions_are_counted_by_class() {
        let said = pairs(&[(1.0, 1.0), (1.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 1.0)]);
        near(accuracy(&said), 0.6);
        near(balanced_accuracy(&said), f64::midpoint(0.5, 2.0 / 3.0));
        near(macro_f1(&said), f64::midpoint(0.5, 2.0 / 3.0));
        near(macro_f1(&pairs(&[(0.0, 0.0)])), 1.0);
    }

    #[test]
    fn marks_are_compared_by_distance() {
        near(rmse(&pairs(&[(1.0, 2.0), (4.0, 2.0)])), 2.5_f64.sqrt());
        let said = pairs(&[(0.0, 0.0), (1.0, 2.0), (2.0, 2.0), (3.0, 3.0)]);
        near(quadratic_kappa(&said), 1.0 - 0.25 / (1.25 + 1.1875 + 0.0625));
        near(quadratic_kappa(&pairs(&[(0.0, 1.0), (1.0, 0.0)])), -1.0);
        assert_eq!(quadratic_kappa(&pairs(&[(1.0, 1.0)])), None);
    }

    #[test]
    fn calibration_is_by_bins() {
        let well = pairs(&[(0.75, 1.0), (0.75, 1.0), (0.75, 1.0), (0.75, 0.0)]);
        near(calibration_error(&well), 0.0);
        near(calibration_error(&pairs(&[(0.9, 0.0), (0.1, 0.0)])), 0.5);
        near(calibration_error(&pairs(&[(1.0, 1.0)])), 0.0);
    }
}
