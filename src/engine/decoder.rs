//! The decoder: one order of operations for all architectures and back ends.

use std::ops::Range;
use std::sync::Arc;

use super::backend::{Backend, BackendError, Layout, View};
use super::config::Config;
use super::error::ForwardError;
use super::tap::{Head, Listener, Tap, Tapped, TappedRun};

/// The weights of a model on one back end.
pub(crate) struct Decoder<B: Backend> {
    pub(crate) backend: B,
    pub(crate) config: Config,
    /// The ways in which layers look back, as `config` names them by index.
    pub(crate) views: Vec<View>,
    /// Tokens that there are: the rows of `embedding` and `output`.
    pub(crate) vocabulary: usize,
    pub(crate) embedding: B::Table,
    pub(crate) layers: Vec<Layer<B>>,
    pub(crate) norm: B::Vector,
    /// Shared with `embedding` in models that tie the two.
    pub(crate) output: Arc<B::Weight>,
}

/// The weights of one layer.
pub(crate) struct Layer<B: Backend> {
    pub(crate) attention_norm: B::Vector,
    pub(crate) query: Projection<B>,
    pub(crate) key: Projection<B>,
    pub(crate) value: Projection<B>,
    pub(crate) output: B::Weight,
    /// Of what attention gives, where the architecture has such norms.
    pub(crate) attention_post_norm: Option<B::Vector>,
    pub(crate) feed_norm: B::Vector,
    pub(crate) gate: B::Weight,
    pub(crate) up: B::Weight,
    pub(crate) down: B::Weight,
    /// Of what the feed-forward part gives.
    pub(crate) feed_post_norm: Option<B::Vector>,
}

/// A matrix with what some architectures put after it.
pub(crate) struct Projection<B: Backend> {
    pub(crate) weight: B::Weight,
    pub(crate) bias: Option<B::Vector>,
    /// The gain of a norm over each head.
    pub(crate) head_norm: Option<B::Vector>,
}

/// Keys and values of the tokens so far. A store may hold more positions than `length`, of a
/// call that was stopped or a tail that was cut off; they are written over, never read.
pub(crate) struct Cache<B: Backend> {
    pub(crate) length: usize,
    pub(crate) stores: Vec<B::Store>,
}

/// Continuations that are read at their ends.
struct Branches {
    tokens: Vec<u32>,
    layout: Layout,
    ends: Vec<usize>,
}

/// What a call computes.
#[derive(Clone, Copy)]
struct Work<'a> {
    tokens: &'a [u32],
    layout: &'a Layout,
    /// The tokens, by index, of which the result is wanted.
    wanted: &'a [usize],
    /// How many layers.
    layers: usize,
}

impl<B: Backend> Clone for Cache<B> {
    fn clone(&self) -> Self {
        Self { length: self.length, stores: self.stores.clone() }
    }
}

impl From<BackendError> for ForwardError {
    fn from(error: BackendError) -> Self {
        Self::Backend(error.to_string())
    }
}

impl<B: Backend> Decoder<B> {
    pub(crate) fn cache(&self) -> Cache<B> {
        Cache { length: 0, stores: vec![B::Store::default(); self.layers.len()] }
    }

    /// See [`super::Model::forward`].
    pub(crate) fn forward(
        &self,
        tokens: &[u32],
        cache: &mut Cache<B>,
        wanted: &[usize],
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, ForwardError> {
        self.check(tokens, cache.length + tokens.len(), wanted)?;
        let logits =
            self.pass(tokens, &Layout::append(cache.length, tokens.len()), cache, wanted, stop)?;
        cache.length += tokens.len();
        Ok(logits)
    }

    /// See [`super::Model::branches`].
    pub(crate) fn branches(
        &self,
        runs: &[&[u32]],
        cache: &mut Cache<B>,
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, ForwardError> {
        let Branches { tokens, layout, ends } = self.laid_out(runs, cache.length)?;
        self.pass(&tokens, &layout, cache, &ends, stop)
    }

    /// See [`super::Model::tap`].
    pub(crate) fn tap(
        &self,
        runs: &[TappedRun<'_>],
        cache: &mut Cache<B>,
        (tap, within): (&Tap, Range<usize>),
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Tapped>, ForwardError> {
        let texts: Vec<&[u32]> = runs.iter().map(|run| run.tokens).collect();
        let Branches { tokens, layout, ends } = self.laid_out(&texts, cache.length)?;
        self.check_tap(runs, cache.length, tap, &within)?;
        let shifted = |(place, run): (Range<usize>, &TappedRun<'_>)| {
            place.start + run.asks.start..place.start + run.asks.end
        };
        let asks = layout.places().zip(runs).map(shifted).collect();
        let mut listener = Listener::new(tap, within, asks);
        let work = Work { tokens: &tokens, layout: &layout, wanted: &ends, layers: tap.layers };
        let Some(x) = self.rows(&work, cache, Some(&mut listener), stop)? else {
            return Ok(Vec::new());
        };
        let hidden = self.backend.numbers(&x)?.into_iter();
        let both = hidden.zip(listener.attention);
        Ok(both.map(|(hidden, attention)| Tapped { hidden, attention }).collect())
    }

    /// Continuations of `cached` tokens, checked.
    fn laid_out(&self, runs: &[&[u32]], cached: usize) -> Result<Branches, ForwardError> {
        if runs.iter().any(|run| run.is_empty()) {
            return Err(ForwardError::EmptyRun);
        }
        let layout = Layout::branches(cached, runs.iter().map(|run| run.len()).collect());
        let ends: Vec<usize> = layout.places().map(|place| place.end - 1).collect();
        let longest = layout.runs.iter().max().map_or(0, |longest| *longest);
        let tokens = runs.concat();
        self.check(&tokens, cached + longest, &ends)?;
        Ok(Branches { tokens, layout, ends })
    }

    fn check_tap(
        &self,
        runs: &[TappedRun<'_>],
        cached: usize,
        tap: &Tap,
        within: &Range<usize>,
    ) -> Result<(), ForwardError> {
        let there = |head: &Head| head.layer < tap.layers && head.head < self.config.heads.query;
        let there = tap.layers <= self.layers.len() && tap.heads.iter().all(there);
        let inside = |range: &Range<usize>, end: usize| range.start < range.end && range.end <= end;
        if there
            && inside(within, cached)
            && runs.iter().all(|run| inside(&run.asks, run.tokens.len()))
        {
            Ok(())
        } else {
            Err(ForwardError::NoTap)
        }
    }

    /// Computes checked tokens behind those of the cache, whose length is left as it is.
    fn pass(
        &self,
        tokens: &[u32],
        layout: &Layout,
        cache: &mut Cache<B>,
        wanted: &[usize],
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, ForwardError> {
        let work = Work { tokens, layout, wanted, layers: self.layers.len() };
        let Some(x) = self.rows(&work, cache, None, stop)? else { return Ok(Vec::new()) };
        let x = self.norm(&x, &self.norm)?;
        Ok(self.backend.logits(&x, &self.output)?)
    }

    /// What the wanted tokens are after some layers; none where none is wanted.
    fn rows(
        &self,
        work: &Work<'_>,
        cache: &mut Cache<B>,
        mut listener: Option<&mut Listener<'_>>,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<B::Rows>, ForwardError> {
        let Work { tokens, layout, wanted, layers: depth } = *work;
        if tokens.is_empty() {
            return Ok(None);
        }
        let call = |view| self.backend.call(layout.clone(), self.config.heads, view);
        let calls = self.views.iter().map(call).collect::<Result<Vec<_>, _>>()?;
        let mut x = self.backend.embed(&self.embedding, tokens, self.config.embedding_scale)?;
        let layers = self.layers[..depth].iter().zip(&self.config.reach_of);
        for (n, ((layer, reach), store)) in layers.zip(&mut cache.stores).enumerate() {
            if stop() {
                return Err(ForwardError::Stopped);
            }
            let call = &calls[*reach];
            let [query, key, value] = self.projected(layer, &x, call)?;
            if let Some(listener) = &mut listener {
                listener.hear(&self.backend, n, &query, store, call)?;
            }
            let mut seen = self.backend.attend(&query, &key, &value, store, call)?;
            if n + 1 == depth {
                // All later tokens need of the others is their keys and values.
                if wanted.is_empty() {
                    return Ok(None);
                }
                (x, seen) = (self.backend.pick(&x, wanted)?, self.backend.pick(&seen, wanted)?);
            }
            x = self.rest(layer, x, &seen)?;
        }
        Ok(Some(x))
    }

    /// `total` is the length that the longest run comes to, with what is in the cache.
    fn check(&self, tokens: &[u32], total: usize, wanted: &[usize]) -> Result<(), ForwardError> {
        let limit = self.config.context;
        if total > limit {
            return Err(ForwardError::TooLong { tokens: total, limit });
        }
        let vocabulary = self.vocabulary;
        if let Some(&token) = tokens.iter().find(|token| **token as usize >= vocabulary) {
            return Err(ForwardError::UnknownToken { token, vocabulary });
        }
        if let Some(&position) = wanted.iter().find(|position| **position >= tokens.len()) {
            return Err(ForwardError::NoPosition { position, tokens: tokens.len() });
        }
        Ok(())
    }

    /// What a layer does after attention has `seen` the tokens.
    fn rest(&self, layer: &Layer<B>, x: B::Rows, seen: &B::Rows) -> Result<B::Rows, BackendError> {
        let seen = self.backend.linear(seen, &layer.output)?;
        let x = self.backend.add(x, &self.normed(seen, layer.attention_post_norm.as_ref())?)?;
        let fed = self.feed_forward(layer, &x)?;
        self.backend.add(x, &self.normed(fed, layer.feed_post_norm.as_ref())?)
    }

    /// Queries, keys and values, at their positions.
    fn projected(
        &self,
        layer: &Layer<B>,
        x: &B::Rows,
        call: &B::Call,
    ) -> Result<[B::Rows; 3], BackendError> {
        let x = self.norm(x, &layer.attention_norm)?;
        let parts = [&layer.query, &layer.key, &layer.value];
        let projected =
            self.backend.project(&x, parts.map(|part| (&part.weight, part.bias.as_ref())))?;
        let [query, key, value] = projected;
        let [query_norm, key_norm] = [&layer.query, &layer.key].map(|to| to.head_norm.as_ref());
        let query = self.backend.rotate(self.normed(query, query_norm)?, call)?;
        let key = self.backend.rotate(self.normed(key, key_norm)?, call)?;
        Ok([query, key, value])
    }

    /// Normalised, where there is a gain for it.
    fn normed(&self, y: B::Rows, gain: Option<&B::Vector>) -> Result<B::Rows, BackendError> {
        match gain {
            None => Ok(y),
            Some(gain) => self.norm(&y, gain),
        }
    }

    fn feed_forward(&self, layer: &Layer<B>, x: &B::Rows) -> Result<B::Rows, BackendError> {
        let x = self.norm(x, &layer.feed_norm)?;
        let activation = self.config.activation;
        let hidden = self.backend.gated(&x, &layer.gate, &layer.up, activation)?;
        self.backend.linear(&hidden, &layer.down)
    }

    fn norm(&self, x: &B::Rows, gain: &B::Vector) -> Result<B::Rows, BackendError> {
        self.backend.norm(x, gain, self.config.epsilon)
    }
}
