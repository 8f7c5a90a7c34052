//! Matrices in the order that kernels read them: sixteen rows side by side.
//!
//! A group of 16 rows is one stretch of memory, read from its beginning to its end: stripe after
//! stripe of 256 columns, each the values of part after part (32 columns), then the scales of
//! part after part, then the factors of the block. Within a part, word `w` of the 16 rows lies
//! together, 64 bytes. It takes the memory that the file takes, but for the small scales of
//! `Q4_K` and `Q5_K`, which get a byte each: 3 % more.

use super::format::{
    Bits, FileScales, Format, PART, Scales, file_scales, half_scales, value, words,
};

/// Rows of a group.
pub(crate) const GROUP: usize = 16;

/// Parts of a stripe, but for the last: as many as share factors, where there are any.
pub(super) const STRIPE: usize = 8;

/// Where things lie in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) format: Format,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
}

impl Scales {
    /// Bytes of the scales of a part, and of the factors of a block, of 16 rows.
    pub(super) const fn bytes(self) -> (usize, usize) {
        match self {
            Self::Plain => (32, 0),
            Self::Affine => (64, 0),
            Self::Blocks => (32, 64),
            Self::Halves => (32, 32),
            Self::AffineHalves => (64, 64),
        }
    }
}

/// Bytes of the things of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    /// Of the values of a part.
    pub(super) values: usize,
    /// Of the scales of a part.
    pub(super) scales: usize,
    /// Of the factors of a block.
    pub(super) factors: usize,
}

/// Where the things of one part lie in a group, in bytes from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) values: usize,
    pub(super) scales: usize,
    pub(super) factors: usize,
}

impl Sizes {
    pub(super) const fn of(bits: Bits, scales: Scales) -> Self {
        let values = bits.words() * 4 * GROUP;
        let (scales, factors) = scales.bytes();
        Self { values, scales, factors }
    }

    /// Bytes of a stripe of so many parts: whole lines of a cache.
    pub(super) const fn stripe(self, parts: usize) -> usize {
        (parts * (self.values + self.scales) + self.factors).next_multiple_of(64)
    }

    /// Where part `part` of `parts` lies.
    #[inline(always)]
    pub(super) const fn places(self, parts: usize, part: usize) -> Places {
        let (stripe, part) = (part / STRIPE, part % STRIPE);
        let left = parts - stripe * STRIPE;
        let parts = if left < STRIPE { left } else { STRIPE };
        let start = stripe * self.stripe(STRIPE);
        let scales = start + parts * self.values;
        Places {
            values: start + part * self.values,
            scales: scales + part * self.scales,
            factors: scales + parts * self.scales,
        }
    }
}

impl Shape {
    pub(super) fn parts(self) -> usize {
        self.columns / PART
    }

    pub(super) fn sizes(self) -> Sizes {
        Sizes::of(self.format.bits(), self.format.scales())
    }

    /// Bytes of a group.
    pub(crate) fn group_bytes(self) -> usize {
        let (sizes, stripes, rest) = (self.sizes(), self.parts() / STRIPE, self.parts() % STRIPE);
        stripes * sizes.stripe(STRIPE) + if rest == 0 { 0 } else { sizes.stripe(rest) }
    }

    /// Bytes of a row in the file.
    pub(crate) fn file_row_bytes(self) -> usize {
        self.columns / self.format.block_values() * self.format.block_bytes()
    }

    /// Packs up to 16 rows as the file has them into a group, which holds zeros.
    pub(crate) fn pack(self, rows: &[u8], group: &mut [u8]) {
        // Loading a model is little else than this, so each format gets a loop of its own, in
        // which all that hangs on it is a constant.
        macro_rules! pack {
            ($($format:ident),+) => {
                match self.format {
                    $(Format::$format => self.pack_as(Format::$format, rows, group),)+
                }
            };
        }
        pack!(Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2K, Q3K, Q4K, Q5K, Q6K);
    }

    #[inline(always)]
    fn pack_as(self, format: Format, rows: &[u8], group: &mut [u8]) {
        let parts = format.block_values() / PART;
        // Block by block of all rows, so that what is written at a time is a few pages.
        for block in 0..self.parts() / parts {
            for (r, row) in rows.chunks_exact(self.file_row_bytes()).enumerate().take(GROUP) {
                // Written out, since a part whose number is known is some vector instructions: half
                // as fast again as a loop.
                let mut part = |s| self.pack_part(format, (r, row), block * parts + s, group);
                part(0);
                if parts > 1 {
                    part(1);
                    part(2);
                    part(3);
                    part(4);
                    part(5);
                    part(6);
                    part(7);
                }
            }
        }
    }

    #[inline(always)]
    fn pack_part(self, format: Format, (r, row): (usize, &[u8]), part: usize, group: &mut [u8]) {
        let sizes = Sizes::of(format.bits(), format.scales());
        let places = sizes.places(self.parts(), part);
        let words = words(format, row, part);
        let to = &mut group[places.values..][..sizes.values];
        for (to, word) in to.chunks_exact_mut(4 * GROUP).zip(words) {
            to[4 * r..4 * r + 4].copy_from_slice(&word.to_le_bytes());
        }
        pack_scales(format.scales(), r, file_scales(format, row, part), places, group);
    }

    /// The numbers that a row of blocks stands for.
    pub(crate) fn unpack_file_row(self, row: &[u8], to: &mut [f32]) {
        for part in 0..self.parts() {
            let words = words(self.format, row, part);
            let scales = half_scales(self.format.scales(), file_scales(self.format, row, part));
            self.numbers(&words, scales, &mut to[part * PART..(part + 1) * PART]);
        }
    }

    /// The numbers of row `row` of a group.
    pub(crate) fn unpack_row(self, group: &[u8], row: usize, to: &mut [f32]) {
        for part in 0..self.parts() {
            let from = &group[self.sizes().places(self.parts(), part).values..];
            let word = |w: usize| {
                let at = 4 * (w * GROUP + row);
                u32::from_le_bytes([from[at], from[at + 1], from[at + 2], from[at + 3]])
            };
            let count = self.format.bits().words();
            let words = std::array::from_fn(|w| if w < count { word(w) } else { 0 });
            let scales = half_scales(self.format.scales(), self.packed_scales(group, row, part));
            self.numbers(&words, scales, &mut to[part * PART..(part + 1) * PART]);
        }
    }

    fn packed_scales(self, group: &[u8], row: usize, part: usize) -> FileScales {
        let Places { scales: at, factors, .. } = self.sizes().places(self.parts(), part);
        let half = |at: usize| u16::from_le_bytes([group[at + 2 * row], group[at + 2 * row + 1]]);
        let small = |at: usize| [group[at + row], group[at + 16 + row]];
        match self.format.scales() {
            Scales::Plain => FileScales { factor: half(at), ..FileScales::default() },
            Scales::Affine => {
                FileScales { factor: half(at), less_factor: half(at + 32), ..FileScales::default() }
            }
            Scales::Blocks => FileScales {
                factor: half(factors),
                less_factor: half(factors + 32),
                small: [group[at + row]; 2],
                small_less: [group[at + 16 + row]; 2],
            },
            Scales::Halves => {
                FileScales { factor: half(factors), small: small(at), ..FileScales::default() }
            }
            Scales::AffineHalves => FileScales {
                factor: half(factors),
                less_factor: half(factors + 32),
                small: small(at),
                small_less: small(at + 32),
            },
        }
    }

    fn numbers(self, words: &[u32; 8], scales: [(f32, f32); 2], to: &mut [f32]) {
        let bits: Bits = self.format.bits();
        for (k, to) in to.iter_mut().enumerate() {
            let (scale, less) = scales[k / (PART / 2)];
            *to = scale * (value(bits, words, k) - self.format.centre()) as f32 - less;
        }
    }
}

#[inline(always)]
fn pack_scales(kind: Scales, row: usize, scales: FileScales, places: Places, group: &mut [u8]) {
    let Places { scales: at, factors, .. } = places;
    let mut half = |at: usize, half: u16| {
        group[at + 2 * row..at + 2 * row + 2].copy_from_slice(&half.to_le_bytes());
    };
    match kind {
        Scales::Plain => half(at, scales.factor),
        Scales::Affine => {
            half(at, scales.factor);
            half(at + 32, scales.less_factor);
        }
        Scales::Blocks => {
            half(factors, scales.factor);
            half(factors + 32, scales.less_factor);
            group[at + row] = scales.small[0];
            group[at + 16 + row] = scales.small_less[0];
        }
        Scales::Halves => {
            half(factors, scales.factor);
            group[at + row] = scales.small[0];
            group[at + 16 + row] = scales.small[1];
        }
        Scales::AffineHalves => {
            half(factors, scales.factor);
            half(factors + 32, scales.less_factor);
            for i in 0..2 {
                group[at + 16 * i + row] = scales.small[i];
                group[at + 32 + 16 * i + row] = scales.small_less[i];
            }
        }
    }
}
