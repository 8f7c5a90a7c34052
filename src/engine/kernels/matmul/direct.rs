//! Few rows of activations, straight from the packed weights.

use super::super::format::PART;
use super::super::packed::{GROUP, Shape, Sizes};
use super::super::simd::Simd;
use super::codes::{Scaling, Values};
use super::operands::{Output, Rows};

/// How far ahead of their use weights are asked for, in bytes.
const AHEAD: usize = 8192;

/// One group with `T` rows of activations, straight from the packed weights.
#[inline(always)]
pub(super) unsafe fn direct<S: Simd, V: Values, C: Scaling, const T: usize, const CENTRED: bool>(
    shape: Shape,
    group: *const u8,
    number: usize,
    rows: Rows,
    output: Output,
) {
    // SAFETY: offsets stay in the group and in the rows, whose sizes `shape` gives.
    unsafe {
        let parts = shape.parts();
        let sizes = const { Sizes::of(V::BITS, C::KIND) };
        let mut sums = [S::splat(0.0); T];
        let mut at = 0;
        while at < parts {
            let end = parts.min(at + rows.span_parts);
            let mut part_sums = [S::splat(0.0); T];
            for part in at..end {
                let places = sizes.places(parts, part);
                for line in (0..sizes.values).step_by(64) {
                    S::prefetch(group.wrapping_add(places.values + AHEAD + line));
                }
                S::prefetch(group.wrapping_add(places.scales + AHEAD));
                let values = V::unpack::<S>(group.add(places.values));
                let read = C::read::<S>(group.add(places.scales), group.add(places.factors));
                for t in 0..T {
                    let x = rows.bytes.add(t * rows.columns + part * PART).cast::<i32>();
                    for half in 0..C::HALVES {
                        let piece = t * rows.pieces + part * C::HALVES + half;
                        let mut dot =
                            S::splat_int(if CENTRED { *rows.starts.add(piece) } else { 0 });
                        let words = 8 / C::HALVES;
                        for w in half * words..(half + 1) * words {
                            let x = x.add(w).read_unaligned();
                            dot = if V::BIASED {
                                S::dot_bytes(dot, values[w], x)
                            } else {
                                S::dot(dot, values[w], x)
                            };
                        }
                        part_sums[t] = S::fma(S::to_float(dot), read[half].0, part_sums[t]);
                        if C::AFFINE {
                            let sum = S::splat(*rows.sums.add(piece));
                            part_sums[t] = S::fma(sum, read[half].1, part_sums[t]);
                        }
                    }
                }
            }
            for t in 0..T {
                let scale = S::splat(*rows.scales.add(t * rows.spans + at / rows.span_parts));
                sums[t] = S::fma(part_sums[t], scale, sums[t]);
            }
            at = end;
        }
        for (t, sum) in sums.into_iter().enumerate() {
            let mut values = [0.0; GROUP];
            S::store(values.as_mut_ptr(), sum);
            output.put(t, number, &values);
        }
    }
}
