//! Products of quantised activations with packed weights.
//!
//! For a row of weights and a row of activations the sum is taken in one order, whatever else is
//! computed with it, on however many threads and with whichever instructions:
//!
//! ```text
//! sum = 0
//! for each span of columns that share a scale of the activations:
//!     part_sum = 0
//!     for each part of 32 columns, or each half of it where halves have scales:
//!         part_sum += scale * (sum of q * x)          exact in integers, then one rounding
//!         part_sum -= less * (sum of x)               where the format has it
//!     sum += activation_scale * part_sum
//! ```
//!
//! Two kernels keep to it. *Direct* reads each weight once for up to four rows of activations,
//! and is as fast as memory. *Tiled* turns two groups of weights into bytes once and multiplies
//! them with all rows of activations, and is as fast as the multiplier.

mod codes;
mod direct;
mod operands;
mod tiled;

use super::format::Format;
use super::level::{Level, for_levels};
use super::packed::Shape;
use super::simd::Simd;
use codes::{
    Affine, AffineHalves, Blocks, EightBits, FiveBits, FourBits, Halves, Plain, Scaling, SixBits,
    Values,
};
use direct::direct;
use operands::Rows;
use tiled::tiled;

pub(super) use operands::{Input, Output};

/// Rows of activations up to which the direct kernel is used.
pub(super) const DIRECT_ROWS: usize = 4;

/// Groups that the tiled kernel works on at once.
pub(super) const TILE_GROUPS: usize = 2;

/// Multiplies the groups from `first` on, `count` of them, with all rows of activations.
///
/// # Safety
///
/// `packed` holds the groups of `shape`, `output` a row for each of the activations, and nobody
/// else writes the columns of these groups.
pub(super) unsafe fn groups(
    level: Level,
    shape: Shape,
    packed: &[u8],
    (first, count): (usize, usize),
    input: &Input<'_>,
    output: Output,
) {
    // SAFETY: the caller's promise.
    unsafe {
        match shape.format {
            Format::Q4_0 => q4_0(level, shape, packed, first, count, input, output),
            Format::Q4_1 => q4_1(level, shape, packed, first, count, input, output),
            Format::Q5_0 => q5_0(level, shape, packed, first, count, input, output),
            Format::Q5_1 => q5_1(level, shape, packed, first, count, input, output),
            Format::Q8_0 => q8_0(level, shape, packed, first, count, input, output),
            Format::Q2K => q2_k(level, shape, packed, first, count, input, output),
            Format::Q3K => q3_k(level, shape, packed, first, count, input, output),
            Format::Q4K => q4_k(level, shape, packed, first, count, input, output),
            Format::Q5K => q5_k(level, shape, packed, first, count, input, output),
            Format::Q6K => q6_k(level, shape, packed, first, count, input, output),
        }
    }
}

macro_rules! format_kernels {
    ($($name:ident: $values:ty, $scales:ty;)*) => {
        $(for_levels! {
            fn $name = groups_generic::<$values, $scales>(
                shape: Shape, packed: &[u8], first: usize, count: usize, input: &Input<'_>,
                output: Output,
            )
        })*
    };
}

format_kernels! {
    q4_0: FourBits, Plain;
    q4_1: FourBits, Affine;
    q5_0: FiveBits, Plain;
    q5_1: FiveBits, Affine;
    q8_0: EightBits, Plain;
    q2_k: FourBits, AffineHalves;
    q3_k: FourBits, Halves;
    q4_k: FourBits, Blocks;
    q5_k: FiveBits, Blocks;
    q6_k: SixBits, Halves;
}

#[inline(always)]
unsafe fn groups_generic<S: Simd, V: Values, C: Scaling>(
    shape: Shape,
    packed: &[u8],
    first: usize,
    count: usize,
    input: &Input<'_>,
    output: Output,
) {
    let rows = Rows::new(input, C::HALVES);
    // SAFETY: the caller's promise; `first + count` groups are there.
    unsafe {
        if input.x.rows > DIRECT_ROWS {
            tiled::<S, V, C>(shape, packed, first, count, input, rows, output);
            return;
        }
        let centred = !input.starts.is_empty();
        for group in first..first + count {
            let from = packed.as_ptr().add(group * shape.group_bytes());
            match (input.x.rows, centred) {
                (1, true) => direct::<S, V, C, 1, true>(shape, from, group, rows, output),
                (1, false) => direct::<S, V, C, 1, false>(shape, from, group, rows, output),
                (2, true) => direct::<S, V, C, 2, true>(shape, from, group, rows, output),
                (2, false) => direct::<S, V, C, 2, false>(shape, from, group, rows, output),
                (3, true) => direct::<S, V, C, 3, true>(shape, from, group, rows, output),
                (3, false) => direct::<S, V, C, 3, false>(shape, from, group, rows, output),
                (_, true) => direct::<S, V, C, 4, true>(shape, from, group, rows, output),
                (_, false) => direct::<S, V, C, 4, false>(shape, from, group, rows, output),
            }
        }
    }
}
