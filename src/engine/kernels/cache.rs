//! Keys and values of one layer: pages of half-precision numbers, shared between forks until one
//! of them is written to.

use std::ops::Range;
use std::sync::Arc;

use super::half::to_float;

/// Positions of a page.
pub(crate) const PAGE: usize = 256;

/// Positions whose keys lie side by side.
pub(super) const BLOCK: usize = 16;

/// Heads of keys and values, and the components of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HeadShape {
    pub(crate) heads: usize,
    pub(crate) dim: usize,
}

impl HeadShape {
    /// Components of a value with those that fill it up to whole lanes.
    pub(super) fn lanes(self) -> usize {
        self.dim.next_multiple_of(BLOCK)
    }

    fn keys_of_head(self) -> usize {
        PAGE * self.dim
    }

    fn values_of_head(self) -> usize {
        PAGE * self.lanes()
    }

    fn page_halves(self) -> usize {
        self.heads * (self.keys_of_head() + self.values_of_head())
    }
}

/// 256 positions: `[heads, blocks, dim, 16]` keys, so that sixteen positions are compared at once,
/// then `[heads, positions, lanes]` values.
#[derive(Debug, Clone)]
pub(super) struct Page(Vec<u16>);

impl Page {
    /// The keys of a head's block.
    pub(super) fn keys(&self, shape: HeadShape, head: usize, block: usize) -> &[u16] {
        let start = head * shape.keys_of_head() + block * BLOCK * shape.dim;
        &self.0[start..start + BLOCK * shape.dim]
    }

    /// The values of all of a head's positions.
    pub(super) fn values(&self, shape: HeadShape, head: usize) -> &[u16] {
        let start = shape.heads * shape.keys_of_head() + head * shape.values_of_head();
        &self.0[start..start + shape.values_of_head()]
    }

    fn key(&self, shape: HeadShape, place: usize) -> impl Iterator<Item = u16> {
        (0..shape.heads).flat_map(move |head| {
            let block = self.keys(shape, head, place / BLOCK);
            block.iter().copied().skip(place % BLOCK).step_by(BLOCK)
        })
    }

    fn value(&self, shape: HeadShape, place: usize) -> impl Iterator<Item = u16> {
        (0..shape.heads).flat_map(move |head| {
            let start = place * shape.lanes();
            self.values(shape, head)[start..start + shape.dim].iter().copied()
        })
    }

    fn write(&mut self, shape: HeadShape, place: usize, key: &[u16], value: &[u16]) {
        for head in 0..shape.heads {
            let part = head * shape.dim..(head + 1) * shape.dim;
            let keys = head * shape.keys_of_head() + place / BLOCK * BLOCK * shape.dim;
            for (d, key) in key[part.clone()].iter().enumerate() {
                self.0[keys + d * BLOCK + place % BLOCK] = *key;
            }
            let values = shape.heads * shape.keys_of_head() + head * shape.values_of_head();
            let values = values + place * shape.lanes();
            self.0[values..values + shape.dim].copy_from_slice(&value[part]);
        }
    }
}

/// The pages of one layer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Store {
    pages: Vec<Arc<Page>>,
}

impl Store {
    /// Writes rows of keys and values, each `heads * dim` wide, from position `at` on. What was
    /// there or behind it is lost.
    pub(crate) fn write(&mut self, shape: HeadShape, at: usize, keys: &[u16], values: &[u16]) {
        let width = shape.heads * shape.dim;
        let rows = keys.chunks_exact(width).zip(values.chunks_exact(width));
        self.pages.truncate((at + keys.len() / width).div_ceil(PAGE));
        for (position, (key, value)) in (at..).zip(rows) {
            if position / PAGE >= self.pages.len() {
                self.pages.push(Arc::new(Page(vec![0; shape.page_halves()])));
            }
            let page = Arc::make_mut(&mut self.pages[position / PAGE]);
            page.write(shape, position % PAGE, key, value);
        }
    }

    /// Keys, then values, of the first positions, as [`Self::write`] takes them; none where there
    /// are fewer.
    pub(crate) fn read(&self, shape: HeadShape, count: usize) -> Option<Vec<u16>> {
        if count > self.pages.len() * PAGE {
            return None;
        }
        let place = |position: usize| (&self.pages[position / PAGE], position % PAGE);
        let keys = (0..count).map(place).flat_map(|(page, place)| page.key(shape, place));
        let values = (0..count).map(place).flat_map(|(page, place)| page.value(shape, place));
        Some(keys.chain(values).collect())
    }

    /// A head's keys at these positions, which the store has.
    pub(crate) fn keys(
        &self,
        shape: HeadShape,
        head: usize,
        positions: Range<usize>,
    ) -> Vec<Vec<f32>> {
        let components = head * shape.dim..(head + 1) * shape.dim;
        let key = |position: usize| {
            let halves = self.pages[position / PAGE].key(shape, position % PAGE);
            let of_head = halves.skip(components.start).take(components.len());
            of_head.map(to_float).collect()
        };
        positions.map(key).collect()
    }

    pub(super) fn page(&self, number: usize) -> &Page {
        &self.pages[number]
    }
}
