//! A cache as bytes, for another process that runs the same model.

use std::sync::Arc;

use super::backend::{Backend, Slices};
use super::decoder::{Cache, Decoder};
use super::model::{CacheState, Engine, KvCache, Model};

/// Tokens and layers, each as four bytes, the lowest first.
const HEAD: usize = 8;

impl Model {
    /// The first `count` tokens of a cache as bytes, which [`restore`](Self::restore) turns into
    /// a cache that gives the same logits to the bit. None where there are fewer tokens, or where
    /// the back end keeps them out of this machine's memory.
    ///
    /// The bytes are those of this machine and of this version: they say nothing of the model
    /// they belong to, and it is for the caller to tell one from another.
    pub fn snapshot(&self, cache: &KvCache, count: usize) -> Option<Vec<u8>> {
        if !Arc::ptr_eq(self.shared_info(), &cache.model) || count > cache.len() {
            return None;
        }
        match (&self.engine, &cache.state) {
            (Engine::Slices(decoder), CacheState::Slices(cache)) => decoder.snapshot(cache, count),
            (Engine::Tensor(_), _) | (_, CacheState::Tensor(_)) => None,
        }
    }

    /// The cache that a [`snapshot`](Self::snapshot) of this model's was made of. None where the
    /// bytes are not such a snapshot.
    pub fn restore(&self, snapshot: &[u8]) -> Option<KvCache> {
        let state = match &self.engine {
            Engine::Slices(decoder) => CacheState::Slices(decoder.restore(snapshot)?),
            Engine::Tensor(_) => return None,
        };
        Some(KvCache { model: Arc::clone(self.shared_info()), state })
    }

    /// What the last bit of a logit rests on besides the weights and the tokens; none where there
    /// are no snapshots.
    pub fn numerics(&self) -> Option<String> {
        match &self.engine {
            Engine::Slices(decoder) => Some(decoder.numerics()),
            Engine::Tensor(_) => None,
        }
    }
}

impl Decoder<Slices> {
    fn numerics(&self) -> String {
        // Keys that were turned for another context are other keys.
        let turned = if self.config.is_long() { ", turned for a long context" } else { "" };
        format!("{}{turned}", self.backend.numerics())
    }
}

impl<B: Backend> Decoder<B> {
    fn snapshot(&self, cache: &Cache<B>, count: usize) -> Option<Vec<u8>> {
        let sizes = [count, cache.stores.len()].map(|n| (n as u32).to_le_bytes());
        let mut bytes = sizes.concat();
        for store in &cache.stores {
            self.backend.save(store, self.config.heads, count, &mut bytes)?;
        }
        Some(bytes)
    }

    fn restore(&self, snapshot: &[u8]) -> Option<Cache<B>> {
        let (head, body) = snapshot.split_at_checked(HEAD)?;
        let number = |at: usize| head[at..].first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
        let (length, layers) = (number(0)? as usize, number(4)? as usize);
        if layers != self.layers.len() || layers == 0 || body.len() % layers != 0 {
            return None;
        }
        let size = body.len() / layers;
        let store = |n: usize| {
            self.backend.restore(&body[n * size..(n + 1) * size], self.config.heads, length)
        };
        let stores = (0..layers).map(store).collect::<Option<_>>()?;
        (length <= self.config.context).then_some(Cache { length, stores })
    }
}
