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

use super::format::{Bits, Format, PART, Scales};
use super::level::{Level, for_levels};
use super::packed::{BLOCK, GROUP, Shape};
use super::quantise::Quantised;
use super::simd::Simd;

/// Rows of activations up to which the direct kernel is used.
pub(super) const DIRECT_ROWS: usize = 4;

/// Groups that the tiled kernel works on at once.
pub(super) const TILE_GROUPS: usize = 2;

/// Columns of a tile.
const TILE_COLUMNS: usize = 256;
const TILE_PARTS: usize = TILE_COLUMNS / PART;

/// Activations as one format's products need them.
pub(super) struct Input<'a> {
    x: &'a Quantised,
    /// What each sum of products begins at: minus the centre times the sum of `x`, a part or a
    /// half. Empty where the centre is 0.
    starts: Vec<i32>,
    /// Minus the sum of `x`, a part or a half; empty where the format has no `less`.
    sums: Vec<f32>,
}

impl<'a> Input<'a> {
    pub(super) fn new(x: &'a Quantised, format: Format, level: Level) -> Self {
        let (halves, affine) = match format.scales() {
            Scales::Plain => (1, false),
            Scales::Affine | Scales::Blocks => (1, true),
            Scales::Halves => (2, false),
            Scales::AffineHalves => (2, true),
        };
        let sums = || x.half_sums.chunks_exact(2 / halves).map(|halves| halves.iter().sum::<i32>());
        let centre = match format.bits() {
            Bits::Eight => byte_bias(level),
            Bits::Four | Bits::Five | Bits::Six => format.centre(),
        };
        Self {
            x,
            starts: if centre == 0 { Vec::new() } else { sums().map(|sum| centre * sum).collect() },
            sums: if affine { sums().map(|sum| sum as f32).collect() } else { Vec::new() },
        }
    }
}

fn byte_bias(level: Level) -> i32 {
    // SAFETY: it only reads a constant.
    unsafe { bias(level) }
}

for_levels! { fn bias = bias_generic() -> i32 }

#[inline(always)]
unsafe fn bias_generic<S: Simd>() -> i32 {
    S::BYTE_BIAS
}

/// Where results go: a matrix of activations that several threads write columns of.
#[derive(Clone, Copy)]
pub(super) struct Output {
    /// The first row's first column.
    pub(super) start: *mut f32,
    /// Columns of a row.
    pub(super) width: usize,
}

// SAFETY: whoever hands it to several threads gives each its own columns.
unsafe impl Send for Output {}
// SAFETY: as above.
unsafe impl Sync for Output {}

impl Output {
    /// # Safety
    ///
    /// The row has to exist, and nobody else may write to these columns.
    #[inline(always)]
    pub(super) unsafe fn put(self, row: usize, group: usize, values: &[f32; GROUP]) {
        let column = group * GROUP;
        let count = GROUP.min(self.width - column);
        // SAFETY: the caller's promise; `count` columns are left.
        unsafe {
            let to = self.start.add(row * self.width + column);
            std::ptr::copy_nonoverlapping(values.as_ptr(), to, count);
        }
    }
}

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

/// How values are turned into bytes.
trait Values {
    /// Bytes of a part.
    const BYTES: usize;
    /// Whether the bytes stand 128 too high.
    const BIASED: bool;
    /// Eight times the bytes of 16 rows and 4 columns.
    unsafe fn unpack<S: Simd>(from: *const u8) -> [S::B; 8];
}

/// How scales are had.
trait Scaling {
    /// Bytes of the scales of a part, and of the factors of a block.
    const BYTES: (usize, usize);
    /// Scales of a part.
    const HALVES: usize;
    /// Whether there is a `less`.
    const AFFINE: bool;
    /// Scale and `less` of each half.
    unsafe fn read<S: Simd>(scales: *const u8, factors: *const u8) -> [(S::F, S::F); 2];
}

struct FourBits;
struct FiveBits;
struct SixBits;
struct EightBits;
struct Plain;
struct Affine;
struct Blocks;
struct Halves;
struct AffineHalves;

impl Values for FourBits {
    const BYTES: usize = 256;
    const BIASED: bool = false;

    #[inline(always)]
    unsafe fn unpack<S: Simd>(from: *const u8) -> [S::B; 8] {
        // SAFETY: the caller's pointer is good for a part.
        unsafe {
            let a = S::load_bytes(from);
            let b = S::load_bytes(from.add(64));
            let c = S::load_bytes(from.add(128));
            let d = S::load_bytes(from.add(192));
            [
                S::and(a, 0xf),
                S::and(b, 0xf),
                S::and(c, 0xf),
                S::and(d, 0xf),
                S::and(S::shr_pairs::<4>(a), 0xf),
                S::and(S::shr_pairs::<4>(b), 0xf),
                S::and(S::shr_pairs::<4>(c), 0xf),
                S::and(S::shr_pairs::<4>(d), 0xf),
            ]
        }
    }
}

impl Values for FiveBits {
    const BYTES: usize = 320;
    const BIASED: bool = false;

    #[inline(always)]
    unsafe fn unpack<S: Simd>(from: *const u8) -> [S::B; 8] {
        // SAFETY: the caller's pointer is good for a part.
        unsafe {
            let low = FourBits::unpack::<S>(from);
            let high = S::load_bytes(from.add(256));
            [
                S::or(low[0], S::and(S::shl_pairs::<4>(high), 0x10)),
                S::or(low[1], S::and(S::shl_pairs::<3>(high), 0x10)),
                S::or(low[2], S::and(S::shl_pairs::<2>(high), 0x10)),
                S::or(low[3], S::and(S::shl_pairs::<1>(high), 0x10)),
                S::or(low[4], S::and(high, 0x10)),
                S::or(low[5], S::and(S::shr_pairs::<1>(high), 0x10)),
                S::or(low[6], S::and(S::shr_pairs::<2>(high), 0x10)),
                S::or(low[7], S::and(S::shr_pairs::<3>(high), 0x10)),
            ]
        }
    }
}

impl Values for SixBits {
    const BYTES: usize = 384;
    const BIASED: bool = false;

    #[inline(always)]
    unsafe fn unpack<S: Simd>(from: *const u8) -> [S::B; 8] {
        // SAFETY: the caller's pointer is good for a part.
        unsafe {
            let low = FourBits::unpack::<S>(from);
            let a = S::load_bytes(from.add(256));
            let b = S::load_bytes(from.add(320));
            [
                S::or(low[0], S::and(S::shl_pairs::<4>(a), 0x30)),
                S::or(low[1], S::and(S::shl_pairs::<2>(a), 0x30)),
                S::or(low[2], S::and(a, 0x30)),
                S::or(low[3], S::and(S::shr_pairs::<2>(a), 0x30)),
                S::or(low[4], S::and(S::shl_pairs::<4>(b), 0x30)),
                S::or(low[5], S::and(S::shl_pairs::<2>(b), 0x30)),
                S::or(low[6], S::and(b, 0x30)),
                S::or(low[7], S::and(S::shr_pairs::<2>(b), 0x30)),
            ]
        }
    }
}

impl Values for EightBits {
    const BYTES: usize = 512;
    const BIASED: bool = true;

    #[inline(always)]
    unsafe fn unpack<S: Simd>(from: *const u8) -> [S::B; 8] {
        // SAFETY: the caller's pointer is good for a part.
        unsafe {
            [
                S::load_bytes(from),
                S::load_bytes(from.add(64)),
                S::load_bytes(from.add(128)),
                S::load_bytes(from.add(192)),
                S::load_bytes(from.add(256)),
                S::load_bytes(from.add(320)),
                S::load_bytes(from.add(384)),
                S::load_bytes(from.add(448)),
            ]
        }
    }
}

impl Scaling for Plain {
    const BYTES: (usize, usize) = Scales::Plain.bytes();
    const HALVES: usize = 1;
    const AFFINE: bool = false;

    #[inline(always)]
    unsafe fn read<S: Simd>(scales: *const u8, _: *const u8) -> [(S::F, S::F); 2] {
        // SAFETY: the caller's pointers are good for a part and a block.
        unsafe { [(S::load_half(scales.cast()), S::splat(0.0)); 2] }
    }
}

impl Scaling for Affine {
    const BYTES: (usize, usize) = Scales::Affine.bytes();
    const HALVES: usize = 1;
    const AFFINE: bool = true;

    #[inline(always)]
    unsafe fn read<S: Simd>(scales: *const u8, _: *const u8) -> [(S::F, S::F); 2] {
        // SAFETY: the caller's pointers are good for a part and a block.
        unsafe { [(S::load_half(scales.cast()), S::load_half(scales.add(32).cast())); 2] }
    }
}

impl Scaling for Blocks {
    const BYTES: (usize, usize) = Scales::Blocks.bytes();
    const HALVES: usize = 1;
    const AFFINE: bool = true;

    #[inline(always)]
    unsafe fn read<S: Simd>(scales: *const u8, factors: *const u8) -> [(S::F, S::F); 2] {
        // SAFETY: the caller's pointers are good for a part and a block.
        unsafe {
            let (scale, less) =
                (S::load_half(factors.cast()), S::load_half(factors.add(32).cast()));
            let small = S::to_float(S::load_u8(scales));
            let small_less = S::to_float(S::load_u8(scales.add(16)));
            [(S::mul(scale, small), S::mul(less, small_less)); 2]
        }
    }
}

impl Scaling for Halves {
    const BYTES: (usize, usize) = Scales::Halves.bytes();
    const HALVES: usize = 2;
    const AFFINE: bool = false;

    #[inline(always)]
    unsafe fn read<S: Simd>(scales: *const u8, factors: *const u8) -> [(S::F, S::F); 2] {
        // SAFETY: the caller's pointers are good for a part and a block.
        unsafe {
            let factor = S::load_half(factors.cast());
            let first = S::to_float(S::load_i8(scales));
            let second = S::to_float(S::load_i8(scales.add(16)));
            let none = S::splat(0.0);
            [(S::mul(factor, first), none), (S::mul(factor, second), none)]
        }
    }
}

impl Scaling for AffineHalves {
    const BYTES: (usize, usize) = Scales::AffineHalves.bytes();
    const HALVES: usize = 2;
    const AFFINE: bool = true;

    #[inline(always)]
    unsafe fn read<S: Simd>(scales: *const u8, factors: *const u8) -> [(S::F, S::F); 2] {
        // SAFETY: the caller's pointers are good for a part and a block.
        unsafe {
            let (first, second) = (Blocks::read::<S>(scales, factors), scales.add(16));
            let (factor, less) =
                (S::load_half(factors.cast()), S::load_half(factors.add(32).cast()));
            let small = S::to_float(S::load_u8(second));
            let small_less = S::to_float(S::load_u8(scales.add(48)));
            let less_first = S::to_float(S::load_u8(scales.add(32)));
            [
                (first[0].0, S::mul(less, less_first)),
                (S::mul(factor, small), S::mul(less, small_less)),
            ]
        }
    }
}

/// Where the activations of some rows lie.
#[derive(Clone, Copy)]
struct Rows {
    bytes: *const i8,
    columns: usize,
    scales: *const f32,
    spans: usize,
    /// Parts of a span.
    span_parts: usize,
    /// Sums and starts a row: parts or halves.
    pieces: usize,
    starts: *const i32,
    sums: *const f32,
}

impl Rows {
    fn new(input: &Input<'_>, halves: usize) -> Self {
        let columns = input.x.columns;
        Self {
            bytes: input.x.bytes.as_ptr(),
            columns,
            scales: input.x.scales.as_ptr(),
            spans: columns.div_ceil(input.x.span),
            span_parts: input.x.span / PART,
            pieces: columns / PART * halves,
            starts: input.starts.as_ptr(),
            sums: input.sums.as_ptr(),
        }
    }

    /// The same from row `row` on.
    ///
    /// # Safety
    ///
    /// There is such a row.
    #[inline(always)]
    unsafe fn from(self, row: usize, centred: bool, affine: bool) -> Self {
        // SAFETY: the buffers hold as many rows; those that are empty are left alone.
        unsafe {
            Self {
                bytes: self.bytes.add(row * self.columns),
                scales: self.scales.add(row * self.spans),
                starts: if centred { self.starts.add(row * self.pieces) } else { self.starts },
                sums: if affine { self.sums.add(row * self.pieces) } else { self.sums },
                ..self
            }
        }
    }
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

/// One group with `T` rows of activations, straight from the packed weights.
#[inline(always)]
unsafe fn direct<S: Simd, V: Values, C: Scaling, const T: usize, const CENTRED: bool>(
    shape: Shape,
    group: *const u8,
    number: usize,
    rows: Rows,
    output: Output,
) {
    // SAFETY: offsets stay in the group and in the rows, whose sizes `shape` gives.
    unsafe {
        let parts = shape.parts();
        let scales = group.add(shape.scales_at());
        let factors = group.add(shape.factors_at());
        let mut sums = [S::splat(0.0); T];
        let mut at = 0;
        while at < parts {
            let end = parts.min(at + rows.span_parts);
            let mut part_sums = [S::splat(0.0); T];
            for part in at..end {
                let values = V::unpack::<S>(group.add(part * V::BYTES));
                let read = C::read::<S>(
                    scales.add(part * C::BYTES.0),
                    factors.add(part / (BLOCK / PART) * C::BYTES.1),
                );
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

/// Weights of up to two groups and 256 columns as bytes, with their scales.
#[repr(align(64))]
struct Tile {
    /// `[parts, 8, groups, 64]`.
    bytes: [u8; TILE_GROUPS * GROUP * TILE_COLUMNS],
    /// `[parts, halves, groups, 16]`.
    scales: [f32; TILE_PARTS * 2 * TILE_GROUPS * GROUP],
    /// The same for `less`.
    less: [f32; TILE_PARTS * 2 * TILE_GROUPS * GROUP],
}

impl Tile {
    const fn new() -> Self {
        Self {
            bytes: [0; TILE_GROUPS * GROUP * TILE_COLUMNS],
            scales: [0.0; TILE_PARTS * 2 * TILE_GROUPS * GROUP],
            less: [0.0; TILE_PARTS * 2 * TILE_GROUPS * GROUP],
        }
    }

    /// Unpacks parts of one group into place `slot` of `slots`.
    #[inline(always)]
    unsafe fn fill<S: Simd, V: Values, C: Scaling>(
        &mut self,
        shape: Shape,
        group: *const u8,
        (from, to): (usize, usize),
        (slot, slots): (usize, usize),
    ) {
        // SAFETY: offsets stay in the group, whose size `shape` gives, and in the tile.
        unsafe {
            let scales = group.add(shape.scales_at());
            let factors = group.add(shape.factors_at());
            for part in from..to {
                let values = V::unpack::<S>(group.add(part * V::BYTES));
                let bytes = self.bytes.as_mut_ptr();
                for (w, value) in values.into_iter().enumerate() {
                    let at = (((part - from) * 8 + w) * slots + slot) * 64;
                    S::store_bytes(bytes.add(at), value);
                }
                let read = C::read::<S>(
                    scales.add(part * C::BYTES.0),
                    factors.add(part / (BLOCK / PART) * C::BYTES.1),
                );
                for (half, (scale, less)) in read.into_iter().enumerate().take(C::HALVES) {
                    let at = (((part - from) * C::HALVES + half) * slots + slot) * GROUP;
                    S::store(self.scales.as_mut_ptr().add(at), scale);
                    if C::AFFINE {
                        S::store(self.less.as_mut_ptr().add(at), less);
                    }
                }
            }
        }
    }
}

thread_local! {
    /// Sums of all rows with up to two groups.
    static SUMS: std::cell::RefCell<Vec<f32>> = const { std::cell::RefCell::new(Vec::new()) };
}

#[inline(always)]
unsafe fn tiled<S: Simd, V: Values, C: Scaling>(
    shape: Shape,
    packed: &[u8],
    first: usize,
    count: usize,
    input: &Input<'_>,
    rows: Rows,
    output: Output,
) {
    let mut sums = SUMS.take();
    let mut group = first;
    while group < first + count {
        let slots = TILE_GROUPS.min(first + count - group);
        sums.clear();
        sums.resize(input.x.rows * slots * GROUP, 0.0);
        // SAFETY: `slots` groups are there, and room for their sums.
        unsafe {
            let from = packed.as_ptr().add(group * shape.group_bytes());
            if slots == TILE_GROUPS {
                tile_rows::<S, V, C, TILE_GROUPS>(shape, from, input, rows, &mut sums);
            } else {
                tile_rows::<S, V, C, 1>(shape, from, input, rows, &mut sums);
            }
            for (t, sums) in sums.chunks_exact(slots * GROUP).enumerate() {
                for (slot, sums) in sums.as_chunks::<GROUP>().0.iter().enumerate() {
                    output.put(t, group + slot, sums);
                }
            }
        }
        group += slots;
    }
    SUMS.set(sums);
}

/// All rows with `G` groups, tile after tile along the columns.
#[inline(always)]
unsafe fn tile_rows<S: Simd, V: Values, C: Scaling, const G: usize>(
    shape: Shape,
    groups: *const u8,
    input: &Input<'_>,
    rows: Rows,
    sums: &mut [f32],
) {
    let mut tile = Tile::new();
    let (parts, count) = (shape.parts(), input.x.rows);
    let centred = !input.starts.is_empty();
    for from in (0..parts).step_by(TILE_PARTS) {
        let to = parts.min(from + TILE_PARTS);
        // SAFETY: `G` groups are there; rows and sums as many as `count` says.
        unsafe {
            for slot in 0..G {
                let group = groups.add(slot * shape.group_bytes());
                tile.fill::<S, V, C>(shape, group, (from, to), (slot, G));
            }
            let mut t = 0;
            while t < count {
                let at = rows.from(t, centred, C::AFFINE);
                let sums = sums.as_mut_ptr().add(t * G * GROUP);
                t += block::<S, V, C, G>(&tile, (from, to), at, centred, count - t, sums);
            }
        }
    }
}

/// Some of the `left` rows with a tile; returns how many.
#[inline(always)]
unsafe fn block<S: Simd, V: Values, C: Scaling, const G: usize>(
    tile: &Tile,
    range: (usize, usize),
    at: Rows,
    centred: bool,
    left: usize,
    sums: *mut f32,
) -> usize {
    // SAFETY: the caller's promise; no more rows than are left.
    unsafe {
        let wide = S::TILE_ROWS;
        match (left, centred) {
            (6.., true) if wide >= 6 => micro::<S, V, C, G, 6, true>(tile, range, at, sums),
            (6.., false) if wide >= 6 => micro::<S, V, C, G, 6, false>(tile, range, at, sums),
            (2.., true) => micro::<S, V, C, G, 2, true>(tile, range, at, sums),
            (2.., false) => micro::<S, V, C, G, 2, false>(tile, range, at, sums),
            (_, true) => micro::<S, V, C, G, 1, true>(tile, range, at, sums),
            (_, false) => micro::<S, V, C, G, 1, false>(tile, range, at, sums),
        }
    }
}

/// `T` rows with a tile of `G` groups: the sums of products stay in registers for a span.
#[inline(always)]
unsafe fn micro<
    S: Simd,
    V: Values,
    C: Scaling,
    const G: usize,
    const T: usize,
    const CENTRED: bool,
>(
    tile: &Tile,
    (from, to): (usize, usize),
    rows: Rows,
    sums: *mut f32,
) -> usize {
    // SAFETY: offsets stay in the tile and in `T` rows.
    unsafe {
        let mut at = from;
        while at < to {
            let end = to.min(at + rows.span_parts);
            let mut part_sums = [[S::splat(0.0); T]; G];
            for part in at..end {
                for half in 0..C::HALVES {
                    let piece = part * C::HALVES + half;
                    let mut dots = [[S::splat_int(0); T]; G];
                    if CENTRED {
                        for t in 0..T {
                            let start = S::splat_int(*rows.starts.add(t * rows.pieces + piece));
                            for dots in &mut dots {
                                dots[t] = start;
                            }
                        }
                    }
                    let words = 8 / C::HALVES;
                    for w in half * words..(half + 1) * words {
                        let weights = tile.bytes.as_ptr().add(((part - from) * 8 + w) * G * 64);
                        let mut values = [S::load_bytes(weights); G];
                        for (g, value) in values.iter_mut().enumerate().skip(1) {
                            *value = S::load_bytes(weights.add(g * 64));
                        }
                        for t in 0..T {
                            let x = rows.bytes.add(t * rows.columns + part * PART + 4 * w);
                            let x = x.cast::<i32>().read_unaligned();
                            for g in 0..G {
                                dots[g][t] = if V::BIASED {
                                    S::dot_bytes(dots[g][t], values[g], x)
                                } else {
                                    S::dot(dots[g][t], values[g], x)
                                };
                            }
                        }
                    }
                    let place = (piece - from * C::HALVES) * G * GROUP;
                    for g in 0..G {
                        let scale = S::load(tile.scales.as_ptr().add(place + g * GROUP));
                        for t in 0..T {
                            part_sums[g][t] =
                                S::fma(S::to_float(dots[g][t]), scale, part_sums[g][t]);
                        }
                    }
                    if C::AFFINE {
                        for g in 0..G {
                            let less = S::load(tile.less.as_ptr().add(place + g * GROUP));
                            for t in 0..T {
                                let sum = S::splat(*rows.sums.add(t * rows.pieces + piece));
                                part_sums[g][t] = S::fma(sum, less, part_sums[g][t]);
                            }
                        }
                    }
                }
            }
            for t in 0..T {
                let scale = S::splat(*rows.scales.add(t * rows.spans + at / rows.span_parts));
                for (g, part_sums) in part_sums.iter().enumerate() {
                    let sum = sums.add((t * G + g) * GROUP);
                    S::store(sum, S::fma(part_sums[t], scale, S::load(sum)));
                }
            }
            at = end;
        }
        T
    }
}
