//! Activations as bytes, for products with packed weights.

use super::format::PART;
use super::level::{Level, for_levels};
use super::simd::Simd;

/// Rows of activations as bytes, each span with a scale. Sums are kept with their sign turned:
/// what a format's `less` and centre are multiplied by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Quantised {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    /// Columns that share a scale.
    pub(super) span: usize,
    /// `[rows, columns]`.
    pub(super) bytes: Vec<i8>,
    /// `[rows, spans]`.
    pub(super) scales: Vec<f32>,
    /// Minus the sum of the bytes of each half of a part, `[rows, 2 * parts]`.
    pub(super) half_sums: Vec<i32>,
}

impl Quantised {
    /// Room for rows.
    pub(super) fn new(rows: usize, columns: usize, span: usize) -> Self {
        assert!(columns.is_multiple_of(PART) && span.is_multiple_of(PART), "whole parts");
        let halves = 2 * columns / PART;
        Self {
            rows,
            columns,
            span,
            bytes: vec![0; rows * columns],
            scales: vec![0.0; rows * columns.div_ceil(span)],
            half_sums: vec![0; rows * halves],
        }
    }

    /// The rows' parts, to be filled by [`row`].
    pub(super) fn rows_mut(&mut self) -> impl ExactSizeIterator<Item = RowMut<'_>> {
        let (columns, span, spans) = (self.columns, self.span, self.columns.div_ceil(self.span));
        let bytes = self.bytes.chunks_exact_mut(columns);
        let scales = self.scales.chunks_exact_mut(spans);
        let sums = self.half_sums.chunks_exact_mut(2 * columns / PART);
        let parts = bytes.zip(scales).zip(sums);
        parts.map(move |((bytes, scales), half_sums)| RowMut { span, bytes, scales, half_sums })
    }
}

/// One row of [`Quantised`].
pub(super) struct RowMut<'a> {
    span: usize,
    bytes: &'a mut [i8],
    scales: &'a mut [f32],
    half_sums: &'a mut [i32],
}

/// Fills a row from as many numbers.
pub(super) fn row(level: Level, x: &[f32], to: RowMut<'_>) {
    assert_eq!(x.len(), to.bytes.len());
    let spans = x.chunks(to.span).zip(to.bytes.chunks_mut(to.span));
    let spans = spans.zip(to.scales).zip(to.half_sums.chunks_mut(2 * to.span / PART));
    for (((x, bytes), scale), sums) in spans {
        // SAFETY: the three slices have matching lengths.
        *scale = unsafe { span(level, x, bytes, sums) };
    }
}

for_levels! {
    /// Turns the numbers of a span, whole parts, into bytes, and returns their scale.
    fn span = span_generic(x: &[f32], bytes: &mut [i8], sums: &mut [i32]) -> f32
}

#[inline(always)]
unsafe fn span_generic<S: Simd>(x: &[f32], bytes: &mut [i8], sums: &mut [i32]) -> f32 {
    // SAFETY: lengths are whole numbers of 16, equal but for the sums, of which each has 16.
    unsafe {
        let mut most = S::splat(0.0);
        for i in (0..x.len()).step_by(16) {
            most = S::max(S::abs(S::load(x.as_ptr().add(i))), most);
        }
        let most = S::largest(most);
        // Nothing to tell apart, or nothing that a number of 8 bits could stand for.
        if most <= f32::MIN_POSITIVE || !most.is_finite() {
            bytes.fill(0);
            sums.fill(0);
            return 0.0;
        }
        let per_scale = 127.0 / most;
        for i in (0..x.len()).step_by(16) {
            let q = S::round(S::mul(S::load(x.as_ptr().add(i)), S::splat(per_scale)));
            S::store_i8(bytes.as_mut_ptr().add(i), q);
            sums[i / 16] = -S::sum_int(q);
        }
        most / 127.0
    }
}
