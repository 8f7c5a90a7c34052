//! Products with weights that are not quantised: half or single precision, sixteen rows side by
//! side, each column's sixteen weights together.

use super::half;
use super::level::for_levels;
use super::matmul::Output;
use super::packed::GROUP;
use super::simd::Simd;

/// How unquantised weights are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    /// 16 bits, as in the file.
    Half,
    /// 32 bits.
    Single,
}

impl Precision {
    /// Bytes of a weight.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::Half => 2,
            Self::Single => 4,
        }
    }

    /// The number that so many bytes stand for.
    pub(super) fn number(self, bytes: &[u8]) -> f32 {
        match self {
            Self::Half => half::to_float(u16::from_le_bytes([bytes[0], bytes[1]])),
            Self::Single => f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
        }
    }
}

/// A group of 16 rows and the activations that it is multiplied with.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) precision: Precision,
    /// `[columns, 16]`.
    pub(super) group: &'a [u8],
    pub(super) number: usize,
    /// `[rows, columns]`.
    pub(super) x: &'a [f32],
    pub(super) columns: usize,
    pub(super) output: Output,
}

for_levels! {
    /// Multiplies one group with all rows; a sum runs over the columns in their order.
    ///
    /// # Safety
    ///
    /// As for [`super::matmul::groups`].
    fn multiply = multiply_generic(job: Job<'_>)
}

#[inline(always)]
unsafe fn multiply_generic<S: Simd>(job: Job<'_>) {
    let count = job.x.len() / job.columns;
    let mut row = 0;
    while row < count {
        // SAFETY: as many rows are left.
        row += unsafe {
            match count - row {
                4.. => some::<S, 4>(job, row),
                _ => some::<S, 1>(job, row),
            }
        };
    }
}

#[inline(always)]
unsafe fn some<S: Simd, const T: usize>(job: Job<'_>, row: usize) -> usize {
    // SAFETY: a group has 16 weights a column, and there are `T` rows from `row` on.
    unsafe {
        let x = job.x.as_ptr().add(row * job.columns);
        let weights = job.group.as_ptr();
        let mut sums = [S::splat(0.0); T];
        for k in 0..job.columns {
            let weight = match job.precision {
                Precision::Half => S::load_half(weights.add(2 * GROUP * k).cast()),
                Precision::Single => S::load(weights.add(4 * GROUP * k).cast()),
            };
            for (t, sum) in sums.iter_mut().enumerate() {
                *sum = S::fma(S::splat(*x.add(t * job.columns + k)), weight, *sum);
            }
        }
        for (t, sum) in sums.into_iter().enumerate() {
            let mut values = [0.0; GROUP];
            S::store(values.as_mut_ptr(), sum);
            job.output.put(row + t, job.number, &values);
        }
    }
    T
}
