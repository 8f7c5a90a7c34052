//! The kernels over matrices of activations, spread over a team of threads. Nothing here is
//! unsafe to the caller: lengths are checked, and no two threads write to one place.

use std::cell::RefCell;
use std::io;
use std::num::NonZeroUsize;
use std::ops::Range;

use super::activation;
use super::arena::Arena;
use super::attention::{self, Head, QUERIES, Query, Segment};
use super::cache::HeadShape;
use super::level::Level;
use super::matrix::{Activations, Coding, Matrix, Product, multiply};
use super::quantise::{self, Quantised};
use super::team::Team;

/// A processor: threads, the instructions that they use, and memory for weights.
pub(crate) struct Cpu {
    team: Team,
    level: Level,
    arena: Arena,
}

/// What the rows of one run see, beginning with the positions of the first segment.
pub(crate) struct Seen<'a> {
    pub(crate) segments: Vec<Segment<'a>>,
    /// Rows of the activations that belong to the run.
    pub(crate) rows: Range<usize>,
    /// The position of the first of them; each sees all up to its own.
    pub(crate) at: usize,
    /// How many positions a row sees at most, its own included.
    pub(crate) window: Option<usize>,
}

/// Queries that share a head of keys and values, of a run.
struct Tile<'a> {
    run: &'a Seen<'a>,
    head: usize,
    queries: Vec<Query<'a>>,
}

/// A gate of [`activation`], for slices of the same length.
type GateKernel = unsafe fn(Level, &mut [f32], &[f32]);

thread_local! {
    static SCORES: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

impl Cpu {
    /// A processor of which `threads` are used.
    pub(crate) fn new(threads: NonZeroUsize, level: Level) -> io::Result<Self> {
        Ok(Self { team: Team::new(threads)?, level, arena: Arena::default() })
    }

    pub(crate) fn level(&self) -> Level {
        self.level
    }

    /// A matrix whose rows are got by `read`: see [`Matrix::fill`].
    pub(crate) fn matrix(
        &self,
        coding: Coding,
        read: &(dyn Fn(usize, &mut [u8]) -> io::Result<()> + Sync),
    ) -> io::Result<Matrix> {
        Matrix::fill(coding, &self.arena, &self.team, read)
    }

    /// `to` is `x` with every piece as long as `gain` divided by the root of its mean square and
    /// multiplied by `gain`.
    pub(crate) fn norm(&self, x: &[f32], to: &mut [f32], gain: &[f32], epsilon: f32) {
        assert_eq!(x.len(), to.len());
        let pieces = x.chunks_exact(gain.len()).zip(to.chunks_exact_mut(gain.len()));
        self.in_chunks(pieces, |(x, to)| {
            to.copy_from_slice(x);
            // SAFETY: the lengths are equal.
            unsafe { activation::norm(self.level, to, gain, epsilon) }
        });
    }

    /// `gate = silu(gate) * up`.
    pub(crate) fn silu_gate(&self, gate: &mut [f32], up: &[f32]) {
        self.gate(activation::silu_gate, gate, up);
    }

    /// `gate = gelu(gate) * up`.
    pub(crate) fn gelu_gate(&self, gate: &mut [f32], up: &[f32]) {
        self.gate(activation::gelu_gate, gate, up);
    }

    fn gate(&self, kernel: GateKernel, gate: &mut [f32], up: &[f32]) {
        assert_eq!(gate.len(), up.len());
        self.in_chunks(gate.chunks_mut(1024).zip(up.chunks(1024)), |(gate, up)| {
            // SAFETY: the lengths are equal.
            unsafe { kernel(self.level, gate, up) }
        });
    }

    /// `x += y`, again and again where `y` is shorter.
    pub(crate) fn add(&self, x: &mut [f32], y: &[f32]) {
        self.in_chunks(x.chunks_exact_mut(y.len().max(1)), |x| {
            // SAFETY: the lengths are equal.
            unsafe { activation::add(self.level, x, y) }
        });
    }

    /// Numbers of 16 bits.
    pub(crate) fn halves(&self, x: &[f32]) -> Vec<u16> {
        let mut halves = vec![0; x.len()];
        self.in_chunks(x.chunks(4096).zip(halves.chunks_mut(4096)), |(x, halves)| {
            // SAFETY: the lengths are equal.
            unsafe { activation::narrow(self.level, x, halves) }
        });
        halves
    }

    /// Calls `work` with every row of so many numbers and its number.
    pub(crate) fn for_rows(
        &self,
        x: &mut [f32],
        width: usize,
        work: impl Fn(usize, &mut [f32]) + Sync,
    ) {
        self.in_chunks(x.chunks_exact_mut(width).enumerate(), |(row, x)| work(row, x));
    }

    /// Activations as bytes, rows of `columns` each, of which so many share a scale.
    pub(crate) fn quantise(&self, x: &[f32], columns: usize, span: usize) -> Quantised {
        let mut quantised = Quantised::new(x.len() / columns, columns, span);
        let rows = x.chunks_exact(columns).zip(quantised.rows_mut());
        self.in_chunks(rows, |(x, to)| quantise::row(self.level, x, to));
        quantised
    }

    /// Multiplies the same activations with several matrices.
    pub(crate) fn multiply(&self, x: &Activations<'_>, products: Vec<Product<'_>>) {
        multiply(&self.team, self.level, x, products);
    }

    /// Attention of every row. `queries` is `[rows, heads, dim]` and already divided by the root
    /// of `dim`; `out` is as large.
    pub(crate) fn attend(
        &self,
        shape: HeadShape,
        queries: &[f32],
        out: &mut [f32],
        runs: &[Seen<'_>],
    ) {
        assert_eq!(queries.len(), out.len());
        let tiles = self.tiles(shape, queries, out, runs);
        self.team.each(tiles, |tile| self.attend_tile(shape, tile));
    }

    fn attend_tile(&self, shape: HeadShape, mut tile: Tile<'_>) {
        let head = Head { shape, number: tile.head, segments: &tile.run.segments };
        let mut scores = SCORES.take();
        // SAFETY: queries and results have `dim` components, and see what the segments hold.
        unsafe { attention::attend(self.level, head, &mut tile.queries, &mut scores) };
        SCORES.set(scores);
    }

    fn tiles<'a>(
        &self,
        shape: HeadShape,
        queries: &'a [f32],
        out: &'a mut [f32],
        runs: &'a [Seen<'a>],
    ) -> Vec<Tile<'a>> {
        let rows = runs.iter().map(|run| run.rows.end).max().unwrap_or(0);
        let heads = queries.len() / shape.dim / rows.max(1);
        let group = heads / shape.heads;
        let (tokens, split) = self.cut(rows, shape.heads, group);
        let mut queries: Vec<Option<(&[f32], &mut [f32])>> = queries
            .chunks_exact(shape.dim)
            .zip(out.chunks_exact_mut(shape.dim))
            .map(Some)
            .collect();
        let mut tiles = Vec::new();
        for run in runs {
            for (some, part) in run.cut(tokens, heads, split) {
                let places = some.flat_map(|row| part.clone().map(move |head| (row, head)));
                let queries = places.filter_map(|(row, head)| {
                    let (numbers, out) = queries[row * heads + head].take()?;
                    let (first, end) = run.sees(row);
                    Some(Query { numbers, first, end, out })
                });
                let queries = queries.collect();
                tiles.push(Tile { run, head: part.start / group, queries });
            }
        }
        tiles
    }

    /// How many rows make a tile, and how many of the heads that share keys and values.
    fn cut(&self, rows: usize, kv_heads: usize, group: usize) -> (usize, usize) {
        let tokens = (QUERIES / group).max(1);
        let tiles = rows.div_ceil(tokens) * kv_heads;
        let pieces = self.team.threads().div_ceil(tiles.max(1)).min(group);
        // A piece has to be the same for all heads: one that divides them.
        let split = (1..=group).rev().find(|n| group.is_multiple_of(*n) && group / n >= pieces);
        (tokens, split.unwrap_or(1))
    }

    /// Spreads items over the threads, each of some size, where there is enough to do.
    fn in_chunks<T: Send>(&self, items: impl ExactSizeIterator<Item = T>, work: impl Fn(T) + Sync) {
        if self.team.threads() == 1 || items.len() < 2 {
            items.for_each(work);
            return;
        }
        let pieces = super::matrix::in_pieces(items.collect(), self.team.threads() * 2);
        self.team.each(pieces, |piece| piece.into_iter().for_each(&work));
    }
}

impl Seen<'_> {
    /// Its rows by so many, each with all heads by so many.
    fn cut(
        &self,
        rows: usize,
        heads: usize,
        split: usize,
    ) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
        let end = self.rows.end;
        self.rows.clone().step_by(rows).flat_map(move |first| {
            let some = first..end.min(first + rows);
            (0..heads).step_by(split).map(move |head| (some.clone(), head..head + split))
        })
    }

    /// The first position that a row sees, and the one after the last.
    fn sees(&self, row: usize) -> (usize, usize) {
        let end = self.at + (row - self.rows.start) + 1;
        (self.window.map_or(0, |window| end.saturating_sub(window)), end)
    }
}
