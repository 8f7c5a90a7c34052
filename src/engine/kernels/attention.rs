//! Attention over cached keys and values, for some queries that share a head of these.
//!
//! A query's result depends on its own keys and values alone, to the bit: a score is summed up
//! component by component, the weights lane by lane of the position, and values position by
//! position, however the positions are spread over stores.

use super::activation::exp;
use super::cache::{BLOCK, HeadShape, PAGE, Store};
use super::level::for_levels;
use super::simd::Simd;

/// Queries that are worked on at once, at most.
pub(crate) const QUERIES: usize = 8;

/// The positions of one store, the first of which follow those of the segment before.
#[derive(Clone, Copy)]
pub(crate) struct Segment<'a> {
    pub(crate) store: &'a Store,
    pub(crate) positions: usize,
}

/// A query: `dim` numbers, already divided by the root of `dim`, what it sees, and where its
/// result goes.
pub(crate) struct Query<'a> {
    pub(crate) numbers: &'a [f32],
    /// The first position that it sees.
    pub(crate) first: usize,
    /// The position after the last that it sees; more than `first`.
    pub(crate) end: usize,
    pub(crate) out: &'a mut [f32],
}

/// The head of keys and values that some queries share.
#[derive(Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) shape: HeadShape,
    pub(crate) number: usize,
    pub(crate) segments: &'a [Segment<'a>],
}

for_levels! {
    /// Attends with up to [`QUERIES`] queries. `scores` is scratch.
    fn attend = attend_generic(head: Head<'_>, queries: &mut [Query<'_>], scores: &mut Vec<f32>)
}

#[inline(always)]
unsafe fn attend_generic<S: Simd>(
    head: Head<'_>,
    queries: &mut [Query<'_>],
    scores: &mut Vec<f32>,
) {
    // SAFETY: each call gets as many queries as its number says.
    unsafe {
        let mut rest = queries;
        while !rest.is_empty() {
            let count = rest.len().min(S::QUERIES);
            let (now, later) = rest.split_at_mut(count);
            match now.len() {
                8 => some::<S, 8>(head, now, scores),
                7 => some::<S, 7>(head, now, scores),
                6 => some::<S, 6>(head, now, scores),
                5 => some::<S, 5>(head, now, scores),
                4 => some::<S, 4>(head, now, scores),
                3 => some::<S, 3>(head, now, scores),
                2 => some::<S, 2>(head, now, scores),
                _ => some::<S, 1>(head, now, scores),
            }
            rest = later;
        }
    }
}

#[inline(always)]
unsafe fn some<S: Simd, const Q: usize>(
    head: Head<'_>,
    queries: &mut [Query<'_>],
    scores: &mut Vec<f32>,
) {
    let first = queries.iter().map(|q| q.first).min().unwrap_or(0);
    let end = queries.iter().map(|q| q.end).max().unwrap_or(0);
    // A block may be written whole behind the last position that is asked for.
    let stride = (end + 2 * BLOCK).next_multiple_of(BLOCK);
    // What is not written below is not read either.
    scores.resize(scores.len().max(Q * stride), 0.0);
    // SAFETY: there are `Q` queries, of `dim` components, and no fewer than `Q * stride` scores.
    unsafe {
        score::<S, Q>(head, queries, (first, end), scores.as_mut_ptr(), stride);
        let mut sums = [0.0; Q];
        for (q, query) in queries.iter().enumerate() {
            let scores = &mut scores[q * stride..(q + 1) * stride];
            sums[q] = weigh::<S>(scores, query.first, query.end);
        }
        blend::<S, Q>(head, queries, (first, end), scores.as_ptr(), stride, sums);
    }
}

/// The products of queries and keys, block by block of positions.
#[inline(always)]
unsafe fn score<S: Simd, const Q: usize>(
    head: Head<'_>,
    queries: &[Query<'_>],
    (first, end): (usize, usize),
    scores: *mut f32,
    stride: usize,
) {
    // SAFETY: a block has `dim` times 16 keys; scores reach a block beyond `end`.
    unsafe {
        let mut from = 0;
        for segment in head.segments {
            let begin = first.saturating_sub(from) / BLOCK * BLOCK;
            let stop = segment.positions.min(end.saturating_sub(from));
            for at in (begin..stop).step_by(BLOCK) {
                let page = segment.store.page(at / PAGE);
                let keys = page.keys(head.shape, head.number, at % PAGE / BLOCK);
                let mut sums = [S::splat(0.0); Q];
                for d in 0..head.shape.dim {
                    let key = S::load_half(keys.as_ptr().add(d * BLOCK));
                    for (q, sum) in sums.iter_mut().enumerate() {
                        let query = *queries.get_unchecked(q).numbers.get_unchecked(d);
                        *sum = S::fma(S::splat(query), key, *sum);
                    }
                }
                for (q, sum) in sums.into_iter().enumerate() {
                    S::store(scores.add(q * stride + from + at), sum);
                }
            }
            from += segment.positions;
        }
    }
}

/// Turns scores into weights that are not yet divided by their sum, which is returned. What is
/// not seen weighs nothing.
#[inline(always)]
unsafe fn weigh<S: Simd>(scores: &mut [f32], first: usize, end: usize) -> f32 {
    let (begin, stop) = (first / BLOCK * BLOCK, end.next_multiple_of(BLOCK));
    scores[begin..first].fill(f32::NEG_INFINITY);
    scores[end..].fill(f32::NEG_INFINITY);
    // SAFETY: whole blocks within the slice.
    unsafe {
        let mut most = S::splat(f32::NEG_INFINITY);
        for at in (begin..stop).step_by(BLOCK) {
            most = S::max(S::load(scores.as_ptr().add(at)), most);
        }
        let most = S::splat(S::largest(most));
        let mut sum = S::splat(0.0);
        for at in (begin..stop).step_by(BLOCK) {
            let place = scores.as_mut_ptr().add(at);
            S::store(place, exp::<S>(S::sub(S::load(place), most)));
            if at < first || at + BLOCK > end {
                // The exponential of minus infinity is small, and has to be nothing.
                for at in (at..at + BLOCK).filter(|at| *at < first || *at >= end) {
                    *scores.get_unchecked_mut(at) = 0.0;
                }
            }
            sum = S::add(sum, S::load(place));
        }
        scores[..begin].fill(0.0);
        scores[stop..].fill(0.0);
        S::sum(sum)
    }
}

/// Sums up the values by their weights, position by position.
#[inline(always)]
unsafe fn blend<S: Simd, const Q: usize>(
    head: Head<'_>,
    queries: &mut [Query<'_>],
    (first, end): (usize, usize),
    weights: *const f32,
    stride: usize,
    sums: [f32; Q],
) {
    let lanes = head.shape.lanes();
    // SAFETY: a position has `lanes` values; there are weights for all positions before `end`.
    unsafe {
        for d in (0..lanes).step_by(2 * BLOCK) {
            // Where a single register's worth is left, the second is a copy that nobody uses.
            let second = if d + BLOCK < lanes { BLOCK } else { 0 };
            let mut blends = [[S::splat(0.0); 2]; Q];
            let mut from = 0;
            for segment in head.segments {
                let begin = first.saturating_sub(from);
                let stop = segment.positions.min(end.saturating_sub(from));
                let mut at = begin;
                while at < stop {
                    let page = segment.store.page(at / PAGE).values(head.shape, head.number);
                    let page_end = stop.min((at / PAGE + 1) * PAGE);
                    for at in at..page_end {
                        let values = page.as_ptr().add(at % PAGE * lanes + d);
                        let low = S::load_half(values);
                        let high = S::load_half(values.add(second));
                        for (q, blend) in blends.iter_mut().enumerate() {
                            let weight = S::splat(*weights.add(q * stride + from + at));
                            blend[0] = S::fma(weight, low, blend[0]);
                            blend[1] = S::fma(weight, high, blend[1]);
                        }
                    }
                    at = page_end;
                }
                from += segment.positions;
            }
            for (q, blend) in blends.into_iter().enumerate() {
                let share = S::splat(sums[q].recip());
                for (i, blend) in blend.into_iter().enumerate().take(1 + second / BLOCK) {
                    let mut values = [0.0; BLOCK];
                    S::store(values.as_mut_ptr(), S::mul(blend, share));
                    let out = &mut queries.get_unchecked_mut(q).out[d + i * BLOCK..];
                    let count = out.len().min(BLOCK);
                    out[..count].copy_from_slice(&values[..count]);
                }
            }
        }
    }
}
