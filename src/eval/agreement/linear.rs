//! Linear models, fitted: logistic regression for a handful of figures, ridge regression for the
//! hundreds of components of a hidden state.

use crate::judge::LinearProbe;

/// Steps of Newton's method; it converges in far fewer.
const NEWTON_STEPS: usize = 25;
/// Steps of conjugate gradients, at most, and the share of the first residue that is small enough.
const GRADIENT_STEPS: usize = 300;
const SMALL: f64 = 1e-5;

/// What is told apart, and whether it holds.
pub(super) type Labelled = (Vec<f64>, bool);

/// Weights that make the labels likeliest, by Newton's method (iteratively reweighted least
/// squares; Hastie, Tibshirani and Friedman 2009, 4.4.1) with a ridge penalty on all but the first,
/// whose figure is 1 in every row.
pub(super) fn logistic(rows: &[Labelled], penalty: f64) -> Vec<f64> {
    let n = rows.first().map_or(0, |(x, _)| x.len());
    let mut weights = vec![0.0; n];
    for _ in 0..NEWTON_STEPS {
        let step = newton_step(rows, &weights, penalty);
        weights.iter_mut().zip(&step).for_each(|(w, s)| *w += s.clamp(-4.0, 4.0));
        if step.iter().all(|s| s.abs() < 1e-7) {
            break;
        }
    }
    weights
}

fn newton_step(rows: &[Labelled], weights: &[f64], penalty: f64) -> Vec<f64> {
    let n = weights.len();
    let mut gradient: Vec<f64> = weights.iter().map(|w| -penalty * w).collect();
    let mut curvature = vec![vec![0.0; n]; n];
    for (i, row) in curvature.iter_mut().enumerate() {
        row[i] = if i == 0 { 1e-6 } else { penalty };
    }
    if let Some(first) = gradient.first_mut() {
        *first = 0.0;
    }
    for (x, holds) in rows {
        let p = chance(weights, x);
        for i in (0..n).filter(|&i| x[i] != 0.0) {
            gradient[i] += x[i] * (f64::from(u8::from(*holds)) - p);
            for j in 0..n {
                curvature[i][j] += x[i] * x[j] * p * (1.0 - p);
            }
        }
    }
    solve(curvature, gradient)
}

/// The penalty that loses least, with what came of trying it; of equals the first.
pub(super) fn best_penalty<T>(penalties: &[f64], attempt: impl Fn(f64) -> (f64, T)) -> (f64, T) {
    let tried = penalties.iter().map(|&penalty| (penalty, attempt(penalty)));
    let best = tried.min_by(|a, b| a.1.0.total_cmp(&b.1.0));
    let (penalty, (_, came)) = best.expect("there are penalties to try");
    (penalty, came)
}

/// How likely it is to hold.
pub(super) fn chance(weights: &[f64], x: &[f64]) -> f64 {
    let odds: f64 = weights.iter().zip(x).map(|(w, x)| w * x).sum();
    1.0 / (1.0 + (-odds).exp())
}

/// Solves `a x = b` for a positive definite `a`, by Gaussian elimination.
pub(super) fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for k in 0..n {
        let pivot = a[k].clone();
        for i in k + 1..n {
            let share = a[i][k] / pivot[k];
            for (value, above) in a[i].iter_mut().zip(&pivot).skip(k) {
                *value -= share * above;
            }
            b[i] -= share * b[k];
        }
    }
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| a[k][j] * b[j]).sum();
        b[k] = (b[k] - known) / a[k][k];
    }
    b
}

/// A direction that puts what holds at 1 and what does not at -1, by least squares with a ridge
/// penalty: `penalty` times the mean square of a row. Components are brought to one scale before.
/// By conjugate gradients on the normal equations (Hestenes and Stiefel 1952), which need no matrix
/// of components by components.
pub(super) fn ridge(rows: &[(&[f32], bool)], penalty: f64) -> LinearProbe {
    let Some(width) = rows.first().map(|(x, _)| x.len()) else { return LinearProbe::default() };
    let scale = Scale::of(rows, width);
    let standard: Vec<Vec<f32>> = rows.iter().map(|(x, _)| scale.apply(x)).collect();
    let labels: Vec<f64> = rows.iter().map(|(_, holds)| if *holds { 1.0 } else { -1.0 }).collect();
    let middle = labels.iter().sum::<f64>() / labels.len() as f64;
    let targets: Vec<f64> = labels.iter().map(|label| label - middle).collect();
    let held = penalty * width as f64;
    let weights = conjugate_gradients(back(&standard, &targets, width), |direction| {
        let mut curved = back(&standard, &forth(&standard, direction), width);
        curved.iter_mut().zip(direction).for_each(|(c, d)| *c += held * d);
        curved
    });
    scale.probe(&weights, middle)
}

/// The mean and the spread of each component.
struct Scale {
    means: Vec<f64>,
    spreads: Vec<f64>,
}

impl Scale {
    fn of(rows: &[(&[f32], bool)], width: usize) -> Self {
        let n = rows.len() as f64;
        let mean = |of: &dyn Fn(usize, f64) -> f64| -> Vec<f64> {
            let mut sums = vec![0.0; width];
            for (x, _) in rows {
                for (i, (sum, x)) in sums.iter_mut().zip(*x).enumerate() {
                    *sum += of(i, f64::from(*x));
                }
            }
            sums.into_iter().map(|sum| sum / n).collect()
        };
        let means = mean(&|_, x| x);
        let squares = mean(&|i, x| (x - means[i]).powi(2));
        let spreads = squares.into_iter().map(|s| s.sqrt().max(1e-6)).collect();
        Self { means, spreads }
    }

    fn apply(&self, x: &[f32]) -> Vec<f32> {
        let scales = self.means.iter().zip(&self.spreads);
        x.iter().zip(scales).map(|(x, (m, s))| ((f64::from(*x) - m) / s) as f32).collect()
    }

    /// The same direction for components as they are.
    fn probe(&self, weights: &[f64], middle: f64) -> LinearProbe {
        let weights: Vec<f64> = weights.iter().zip(&self.spreads).map(|(w, s)| w / s).collect();
        let shift: f64 = weights.iter().zip(&self.means).map(|(w, m)| w * m).sum();
        LinearProbe {
            base: (middle - shift) as f32,
            weights: weights.into_iter().map(|w| w as f32).collect(),
        }
    }
}

/// A number for each row.
fn forth(rows: &[Vec<f32>], direction: &[f64]) -> Vec<f64> {
    let direction: Vec<f32> = direction.iter().map(|d| *d as f32).collect();
    rows.iter().map(|row| product(row, &direction)).collect()
}

/// In several sums, which the processor adds up side by side.
fn product(a: &[f32], b: &[f32]) -> f64 {
    const LANES: usize = 16;
    let mut sums = [0.0f32; LANES];
    let (a, rest_a) = a.as_chunks::<LANES>();
    let (b, rest_b) = b.as_chunks::<LANES>();
    for (a, b) in a.iter().zip(b) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    let rest: f32 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    f64::from(sums.iter().sum::<f32>() + rest)
}

/// The sum of the rows, each so many times.
fn back(rows: &[Vec<f32>], times: &[f64], width: usize) -> Vec<f64> {
    let mut sums = vec![0.0; width];
    for (row, times) in rows.iter().zip(times) {
        sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += times * f64::from(*x));
    }
    sums
}

/// The `x` with `curve(x) = target`, for a symmetric positive definite `curve`.
fn conjugate_gradients(target: Vec<f64>, curve: impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut found = vec![0.0; target.len()];
    let (mut residue, mut direction) = (target.clone(), target);
    let first = dot(&residue, &residue);
    let mut left = first;
    for _ in 0..GRADIENT_STEPS {
        if left <= SMALL * SMALL * first {
            break;
        }
        let curved = curve(&direction);
        let far = left / dot(&direction, &curved);
        found.iter_mut().zip(&direction).for_each(|(x, d)| *x += far * d);
        residue.iter_mut().zip(&curved).for_each(|(r, c)| *r -= far * c);
        let now = dot(&residue, &residue);
        direction.iter_mut().zip(&residue).for_each(|(d, r)| *d = r + now / left * *d);
        left = now;
    }
    found
}

/// To three decimals: more would only look exact.
pub(super) fn rounded(value: f64) -> f32 {
    ((value * 1000.0).round() / 1000.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers between -1 and 1 that look like chance.
    fn noise(count: usize) -> Vec<f32> {
        let mut state = 7_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 40) as f32 / (1_u32 << 23) as f32 - 1.0
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn the_direction_that_made_the_labels_is_found() {
        let rows: Vec<Vec<f32>> = noise(40 * 500).chunks(40).map(<[f32]>::to_vec).collect();
        // One component on another scale than the rest.
        let rows: Vec<Vec<f32>> = rows
            .into_iter()
            .map(|mut row| {
                row[3] = 1000.0 + 50.0 * row[3];
                row
            })
            .collect();
        let holds = |row: &[f32]| row[0] + (row[3] - 1000.0) / 50.0 > 0.2;
        let labelled: Vec<(&[f32], bool)> =
            rows.iter().map(|row| (row.as_slice(), holds(row))).collect();
        let probe = ridge(&labelled[..400], 0.1);
        let right = |(row, holds): &&(&[f32], bool)| (probe.score(row) > 0.0) == *holds;
        let right = labelled[400..].iter().filter(right).count();
        assert!(right > 90, "{right} of 100");
        assert_eq!(probe.weights.len(), 40);
    }

    #[test]
    fn a_large_penalty_leaves_the_mean() {
        let rows = [([1.0f32, 0.0], true), ([0.0, 1.0], false), ([1.0, 1.0], true)];
        let rows: Vec<(&[f32], bool)> = rows.iter().map(|(x, y)| (x.as_slice(), *y)).collect();
        let probe = ridge(&rows, 1e9);
        assert!((probe.score(&[5.0, 5.0]) - 1.0 / 3.0).abs() < 1e-3);
        assert_eq!(ridge(&[], 1.0), LinearProbe::default());
    }

    #[test]
    fn equations_are_solved_both_ways() {
        let (a, b) = (vec![vec![4.0, 1.0], vec![1.0, 3.0]], vec![1.0, 2.0]);
        let curve = |x: &[f64]| vec![4.0 * x[0] + x[1], x[0] + 3.0 * x[1]];
        for x in [solve(a, b.clone()), conjugate_gradients(b, curve)] {
            assert!((x[0] - 1.0 / 11.0).abs() < 1e-9 && (x[1] - 7.0 / 11.0).abs() < 1e-9);
        }
    }
}
