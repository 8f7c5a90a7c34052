//! What happens to activations between products: norms, gates, exponentials.
//!
//! Sums go over sixteen lanes and then over these, so that a row's result is the same wherever it
//! lies and whatever is computed with it.

use super::level::for_levels;
use super::simd::Simd;

const LANES: usize = 16;

for_levels! {
    /// Divides `x` by the root of its mean square and multiplies it by `gain`, which is as long.
    fn norm = norm_generic(x: &mut [f32], gain: &[f32], epsilon: f32)
}

for_levels! {
    /// `gate = silu(gate) * up`, for slices of the same length.
    fn silu_gate = silu_gate_generic(gate: &mut [f32], up: &[f32])
}

for_levels! {
    /// `gate = gelu(gate) * up`, for slices of the same length; by the approximation with the
    /// hyperbolic tangent.
    fn gelu_gate = gelu_gate_generic(gate: &mut [f32], up: &[f32])
}

for_levels! {
    /// `x += y`, for slices of the same length.
    fn add = add_generic(x: &mut [f32], y: &[f32])
}

for_levels! {
    /// The nearest numbers of 16 bits, for slices of the same length. Numbers beyond the largest
    /// of them are held to it, since an infinity would spoil whatever is added to it.
    fn narrow = narrow_generic(x: &[f32], halves: &mut [u16])
}

/// Up to sixteen numbers from a slice, and zeros behind its end.
#[inline(always)]
unsafe fn load_some<S: Simd>(from: &[f32], at: usize) -> S::F {
    // SAFETY: whole lanes are loaded only where the slice has them.
    unsafe {
        if at + LANES <= from.len() {
            return S::load(from.as_ptr().add(at));
        }
        let mut some = [0.0; LANES];
        some[..from.len() - at].copy_from_slice(&from[at..]);
        S::load(some.as_ptr())
    }
}

/// The counterpart of [`load_some`].
#[inline(always)]
unsafe fn store_some<S: Simd>(to: &mut [f32], at: usize, x: S::F) {
    // SAFETY: whole lanes are stored only where the slice has them.
    unsafe {
        if at + LANES <= to.len() {
            S::store(to.as_mut_ptr().add(at), x);
            return;
        }
        let mut some = [0.0; LANES];
        S::store(some.as_mut_ptr(), x);
        let left = to.len() - at;
        to[at..].copy_from_slice(&some[..left]);
    }
}

#[inline(always)]
unsafe fn norm_generic<S: Simd>(x: &mut [f32], gain: &[f32], epsilon: f32) {
    // SAFETY: loads and stores are within the slices.
    unsafe {
        let mut squares = S::splat(0.0);
        for at in (0..x.len()).step_by(LANES) {
            let some = load_some::<S>(x, at);
            squares = S::fma(some, some, squares);
        }
        let mean_square = S::sum(squares) / x.len() as f32;
        let scale = S::splat((mean_square + epsilon).sqrt().recip());
        for at in (0..x.len()).step_by(LANES) {
            let scaled = S::mul(load_some::<S>(x, at), scale);
            store_some::<S>(x, at, S::mul(scaled, load_some::<S>(gain, at)));
        }
    }
}

#[inline(always)]
unsafe fn silu_gate_generic<S: Simd>(gate: &mut [f32], up: &[f32]) {
    // SAFETY: loads and stores are within the slices.
    unsafe {
        for at in (0..gate.len()).step_by(LANES) {
            let x = load_some::<S>(gate, at);
            let gated = S::mul(through::<S>(x, x), load_some::<S>(up, at));
            store_some::<S>(gate, at, gated);
        }
    }
}

#[inline(always)]
unsafe fn gelu_gate_generic<S: Simd>(gate: &mut [f32], up: &[f32]) {
    /// Twice the root of two over pi: half of one and the tangent of `y` is what is let through
    /// at twice `y`.
    const SLOPE: f32 = 1.595_769;
    const CUBE: f32 = 0.044_715;
    // SAFETY: loads and stores are within the slices.
    unsafe {
        for at in (0..gate.len()).step_by(LANES) {
            let x = load_some::<S>(gate, at);
            let bent = S::fma(S::mul(x, x), S::splat(CUBE), S::splat(1.0));
            let y = S::mul(S::mul(x, S::splat(SLOPE)), bent);
            let gated = S::mul(through::<S>(x, y), load_some::<S>(up, at));
            store_some::<S>(gate, at, gated);
        }
    }
}

/// As much of `x` as a gate at `y` lets through: `x / (1 + exp(-y))`.
#[inline(always)]
unsafe fn through<S: Simd>(x: S::F, y: S::F) -> S::F {
    // SAFETY: the caller's promise.
    unsafe {
        let grown = S::add(S::splat(1.0), exp::<S>(S::sub(S::splat(0.0), y)));
        S::div(x, grown)
    }
}

#[inline(always)]
unsafe fn add_generic<S: Simd>(x: &mut [f32], y: &[f32]) {
    // SAFETY: loads and stores are within the slices.
    unsafe {
        for at in (0..x.len()).step_by(LANES) {
            store_some::<S>(x, at, S::add(load_some::<S>(x, at), load_some::<S>(y, at)));
        }
    }
}

#[inline(always)]
unsafe fn narrow_generic<S: Simd>(x: &[f32], halves: &mut [u16]) {
    const LARGEST: f32 = 65_504.0;
    // SAFETY: loads and stores are within the slices.
    unsafe {
        for at in (0..x.len()).step_by(LANES) {
            let x = S::min(S::max(load_some::<S>(x, at), S::splat(-LARGEST)), S::splat(LARGEST));
            let mut some = [0; LANES];
            S::store_half(some.as_mut_ptr(), x);
            let count = LANES.min(halves.len() - at);
            halves[at..at + count].copy_from_slice(&some[..count]);
        }
    }
}

/// The exponential, to about one part in ten million. Powers below -87 give what -87 gives.
///
/// 2 to the nearest whole power, times a polynomial for what is left; the constants are those of
/// Cephes' `expf` (S. L. Moshier).
#[inline(always)]
pub(super) unsafe fn exp<S: Simd>(x: S::F) -> S::F {
    const POLYNOMIAL: [f32; 6] =
        [1.987_569_2e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 5e-1];
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    // SAFETY: the caller's promise.
    unsafe {
        let x = S::max(S::min(x, S::splat(88.0)), S::splat(-87.0));
        let power = S::round(S::mul(x, S::splat(std::f32::consts::LOG2_E)));
        let n = S::to_float(power);
        let mut rest = S::fma(n, S::splat(-LN_2_HIGH), x);
        rest = S::fma(n, S::splat(-LN_2_LOW), rest);
        let mut sum = S::splat(POLYNOMIAL[0]);
        for factor in &POLYNOMIAL[1..] {
            sum = S::fma(sum, rest, S::splat(*factor));
        }
        let sum = S::fma(S::mul(rest, rest), sum, S::add(rest, S::splat(1.0)));
        S::mul(sum, S::pow2(power))
    }
}
