//! How far a figure could be off, by drawing the rows anew.

use crate::domain::Seed;

use super::figures::Pair;

/// Draws that an interval is made from.
const DRAWS: usize = 1000;
/// The share of draws that are left out at either end: a 95 % interval.
const TAIL: f64 = 0.025;

/// A figure with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Interval {
    /// The figure of the rows as they are.
    pub value: f64,
    /// Below it are 2.5 % of the draws.
    pub low: f64,
    /// Above it are 2.5 % of the draws.
    pub high: f64,
}

impl Interval {
    /// The figure of `pairs` with its percentile interval (Efron 1979), from draws with
    /// replacement; the same pairs give the same interval. `None` where the figure is not defined.
    pub(super) fn of(pairs: &[Pair], figure: impl Fn(&[Pair]) -> Option<f64>) -> Option<Self> {
        let value = figure(pairs)?;
        let mut seed = Seed(1);
        let mut one = || {
            let pair = pairs[seed.pick(pairs.len())];
            seed = seed.next().1;
            pair
        };
        let mut drawn: Vec<f64> = (0..DRAWS)
            .filter_map(|_| figure(&(0..pairs.len()).map(|_| one()).collect::<Vec<Pair>>()))
            .collect();
        drawn.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let last = drawn.len().saturating_sub(1);
            drawn.get((share * last as f64).round() as usize).copied().unwrap_or(value)
        };
        Some(Self { value, low: at(TAIL), high: at(1.0 - TAIL) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::agreement::figures::pearson;

    fn pairs(n: usize) -> Vec<Pair> {
        let mut seed = Seed(7);
        let mut unit = || {
            let unit = seed.pick(1000) as f64 / 1000.0;
            seed = seed.next().1;
            unit
        };
        (0..n)
            .map(|_| {
                let label = unit();
                Pair { said: label + unit(), label, group: 0 }
            })
            .collect()
    }

    #[test]
    fn more_rows_make_the_interval_narrower_and_it_holds_the_figure() {
        let width = |n: usize| {
            let Interval { value, low, high } = Interval::of(&pairs(n), pearson).expect("a figure");
            assert!(low < value && value < high);
            high - low
        };
        assert!(width(1000) < width(100) / 2.0);
    }

    #[test]
    fn the_same_rows_give_the_same_interval() {
        assert_eq!(Interval::of(&pairs(50), pearson), Interval::of(&pairs(50), pearson));
        assert_eq!(Interval::of(&[], pearson), None);
    }
}
