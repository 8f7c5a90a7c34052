//! Listening inside a model: what it holds of a text before it has said a word.
//!
//! The vector of a text's last token after some layers tells things apart that the model's next
//! word does not, by a direction that was fitted to labelled texts (a linear probe: Alain and
//! Bengio 2016, <https://arxiv.org/abs/1610.01644>). Some heads of attention look from a
//! statement straight at the passage that bears on it (retrieval heads: Wu et al. 2024,
//! <https://arxiv.org/abs/2404.15574>).

use std::ops::Range;

use super::backend::{Backend, BackendError};

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tap {
    /// Layers that are computed; the vector is the one behind the last of them.
    pub layers: usize,
    /// The heads whose attention is listened to; each is in one of those layers. Where a layer does
    /// not look far back, they are heard as if it did.
    pub heads: Vec<Head>,
}

/// A head of attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its layer, counted from 0.
    pub layer: usize,
    /// Which of the layer's heads of the query, counted from 0.
    pub head: usize,
}

/// A continuation to listen to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TappedRun<'a> {
    /// Its tokens.
    pub tokens: &'a [u32],
    /// Those of them, by index, whose attention is listened to.
    pub asks: Range<usize>,
}

/// What was heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Tapped {
    /// The vector of the run's last token.
    pub hidden: Vec<f32>,
    /// For each head, in the order of their layers, how the attention of the asking tokens spreads
    /// over the positions that were asked for: the mean of their weights, which sum to 1.
    pub attention: Vec<Vec<f32>>,
}

/// Listens to attention while a call is computed.
pub(crate) struct Listener<'a> {
    tap: &'a Tap,
    /// Positions of the cache.
    within: Range<usize>,
    /// The asking rows of each run.
    asks: Vec<Range<usize>>,
    /// For each run what was heard of each head.
    pub(crate) attention: Vec<Vec<Vec<f32>>>,
}

impl<'a> Listener<'a> {
    pub(crate) fn new(tap: &'a Tap, within: Range<usize>, asks: Vec<Range<usize>>) -> Self {
        let attention = vec![Vec::new(); asks.len()];
        Self { tap, within, asks, attention }
    }

    /// Listens, if `layer` is the one.
    pub(crate) fn hear<B: Backend>(
        &mut self,
        backend: &B,
        layer: usize,
        query: &B::Rows,
        store: &B::Store,
        call: &B::Call,
    ) -> Result<(), BackendError> {
        let heads: Vec<usize> = self
            .tap
            .heads
            .iter()
            .filter(|head| head.layer == layer)
            .map(|head| head.head)
            .collect();
        if heads.is_empty() {
            return Ok(());
        }
        let rows: Vec<usize> = self.asks.iter().cloned().flatten().collect();
        let query = backend.pick(query, &rows)?;
        for head in heads {
            let scores = backend.scores(&query, head, store, self.within.clone(), call)?;
            let mut scores = scores.into_iter();
            for (asks, heard) in self.asks.iter().zip(&mut self.attention) {
                heard.push(mean(scores.by_ref().take(asks.len()).map(softmax)));
            }
        }
        Ok(())
    }
}

fn softmax(mut scores: Vec<f32>) -> Vec<f32> {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for score in &mut scores {
        *score = (*score - most).exp();
    }
    let sum: f32 = scores.iter().sum();
    for score in &mut scores {
        *score /= sum;
    }
    scores
}

/// The mean of rows of one length; of no row it is empty.
fn mean(rows: impl Iterator<Item = Vec<f32>>) -> Vec<f32> {
    let (mut sums, mut count) = (Vec::new(), 0.0);
    for row in rows {
        count += 1.0;
        sums.resize(row.len(), 0.0f32);
        sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
    }
    for sum in &mut sums {
        *sum /= count;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_sum_to_one_however_far_apart_scores_are() {
        let weights = softmax(vec![-1e30, 0.0, 88.0, 90.0]);
        assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6 && weights[3] > 0.8);
        assert_eq!(softmax(Vec::new()), [0.0; 0]);
    }

    #[test]
    fn the_mean_of_rows_is_taken_component_by_component() {
        assert_eq!(mean([vec![1.0, 0.0], vec![0.0, 0.5]].into_iter()), [0.5, 0.25]);
        assert_eq!(mean(std::iter::empty()), [0.0; 0]);
    }
}
