//! What is multiplied, and where the results go.

use super::super::format::{Bits, Format, PART};
use super::super::level::{Level, for_levels};
use super::super::packed::GROUP;
use super::super::quantise::Quantised;
use super::super::simd::Simd;

/// Activations as one format's products need them.
pub(in super::super) struct Input<'a> {
    pub(super) x: &'a Quantised,
    /// What each sum of products begins at: minus the centre times the sum of `x`, a part or a
    /// half. Empty where the centre is 0.
    pub(in super::super) starts: Vec<i32>,
    /// Minus the sum of `x`, a part or a half; empty where the format has no `less`.
    pub(super) sums: Vec<f32>,
}

impl<'a> Input<'a> {
    pub(in super::super) fn new(x: &'a Quantised, format: Format, level: Level) -> Self {
        let (halves, affine) = (format.scales().halves(), format.scales().is_affine());
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
pub(in super::super) struct Output {
    /// The first row's first column.
    pub(in super::super) start: *mut f32,
    /// Columns of a row.
    pub(in super::super) width: usize,
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
    pub(in super::super) unsafe fn put(self, row: usize, group: usize, values: &[f32; GROUP]) {
        let column = group * GROUP;
        let count = GROUP.min(self.width - column);
        // SAFETY: the caller's promise; `count` columns are left.
        unsafe {
            let to = self.start.add(row * self.width + column);
            if count == GROUP {
                // Of a length that is known, this is a store or two and no call.
                to.cast::<[f32; GROUP]>().write(*values);
            } else {
                std::ptr::copy_nonoverlapping(values.as_ptr(), to, count);
            }
        }
    }
}

/// Where the activations of some rows lie.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    pub(super) bytes: *const i8,
    pub(super) columns: usize,
    pub(super) scales: *const f32,
    pub(super) spans: usize,
    /// Parts of a span.
    pub(super) span_parts: usize,
    /// Sums and starts a row: parts or halves.
    pub(super) pieces: usize,
    pub(super) starts: *const i32,
    pub(super) sums: *const f32,
}

impl Rows {
    pub(super) fn new(input: &Input<'_>, halves: usize) -> Self {
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
    pub(super) unsafe fn from(self, row: usize, centred: bool, affine: bool) -> Self {
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
