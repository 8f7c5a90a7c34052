//! Many rows of activations: weights are turned into bytes once for all of them.

use std::cell::RefCell;

use super::super::format::PART;
use super::super::packed::{GROUP, Shape, Sizes};
use super::super::simd::Simd;
use super::TILE_GROUPS;
use super::codes::{Scaling, Values};
use super::operands::{Input, Output, Rows};

/// Columns of a tile.
const TILE_COLUMNS: usize = 256;
const TILE_PARTS: usize = TILE_COLUMNS / PART;

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
            let sizes = const { Sizes::of(V::BITS, C::KIND) };
            for part in from..to {
                let places = sizes.places(shape.parts(), part);
                let values = V::unpack::<S>(group.add(places.values));
                let bytes = self.bytes.as_mut_ptr();
                for (w, value) in values.into_iter().enumerate() {
                    let at = (((part - from) * 8 + w) * slots + slot) * 64;
                    S::store_bytes(bytes.add(at), value);
                }
                let read = C::read::<S>(group.add(places.scales), group.add(places.factors));
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
    static SUMS: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

#[inline(always)]
pub(super) unsafe fn tiled<S: Simd, V: Values, C: Scaling>(
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
            for piece in at * C::HALVES..end * C::HALVES {
                let dots = dots::<S, V, C, G, T, CENTRED>(tile, from, piece, rows);
                scale::<S, C, G, T>(tile, from, piece, rows, dots, &mut part_sums);
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

/// The sums of products of one piece: a part, or a half of one.
#[inline(always)]
unsafe fn dots<
    S: Simd,
    V: Values,
    C: Scaling,
    const G: usize,
    const T: usize,
    const CENTRED: bool,
>(
    tile: &Tile,
    from: usize,
    piece: usize,
    rows: Rows,
) -> [[S::I; T]; G] {
    // SAFETY: offsets stay in the tile and in `T` rows.
    unsafe {
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
        for word in piece * words..(piece + 1) * words {
            let weights = tile.bytes.as_ptr().add((word - from * 8) * G * 64);
            let mut values = [S::load_bytes(weights); G];
            for (g, value) in values.iter_mut().enumerate().skip(1) {
                *value = S::load_bytes(weights.add(g * 64));
            }
            for t in 0..T {
                let x = rows.bytes.add(t * rows.columns + 4 * word).cast::<i32>().read_unaligned();
                for g in 0..G {
                    dots[g][t] = if V::BIASED {
                        S::dot_bytes(dots[g][t], values[g], x)
                    } else {
                        S::dot(dots[g][t], values[g], x)
                    };
                }
            }
        }
        dots
    }
}

/// Adds what the sums of products of one piece stand for.
#[inline(always)]
unsafe fn scale<S: Simd, C: Scaling, const G: usize, const T: usize>(
    tile: &Tile,
    from: usize,
    piece: usize,
    rows: Rows,
    dots: [[S::I; T]; G],
    part_sums: &mut [[S::F; T]; G],
) {
    // SAFETY: offsets stay in the tile and in `T` rows.
    unsafe {
        let place = (piece - from * C::HALVES) * G * GROUP;
        for g in 0..G {
            let scale = S::load(tile.scales.as_ptr().add(place + g * GROUP));
            for t in 0..T {
                part_sums[g][t] = S::fma(S::to_float(dots[g][t]), scale, part_sums[g][t]);
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
