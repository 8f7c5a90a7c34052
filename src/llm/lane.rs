//! A conversation's cache, kept up with what is asked of it.

use std::ops::Range;

use crate::engine::{ForwardError, KvCache, Model, Tap, Tapped, TappedRun};

use super::LlmError;
use super::frame::failed;

/// Tokens computed in one pass. Long enough that the matrix products are worth it, short enough
/// that little is lost when a pass is stopped.
const CHUNK: usize = 256;

/// A cache and the tokens it holds.
pub(super) struct Lane {
    cache: KvCache,
    tokens: Vec<u32>,
}

/// Why a pass gave no logits.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// It was told to stop.
    Stopped,
    /// It failed.
    Failed(LlmError),
}

impl From<LlmError> for Halt {
    fn from(error: LlmError) -> Self {
        Self::Failed(error)
    }
}

impl Lane {
    pub(super) fn new(model: &Model) -> Self {
        Self { cache: model.cache(), tokens: Vec::new() }
    }

    /// How many of its first tokens are those of `tokens`.
    pub(super) fn common(&self, tokens: &[u32]) -> usize {
        self.tokens.iter().zip(tokens).take_while(|(a, b)| a == b).count()
    }

    /// Takes another cache, which holds the first of `tokens`.
    pub(super) fn adopt(&mut self, cache: KvCache, tokens: &[u32]) {
        self.tokens = tokens[..cache.len()].to_vec();
        self.cache = cache;
    }

    /// Its cache.
    pub(super) fn cache(&self) -> &KvCache {
        &self.cache
    }

    /// Brings the cache to exactly `tokens`: what it has in common with them is kept. What was
    /// computed before a stop is kept as well.
    pub(super) fn become_(
        &mut self,
        model: &Model,
        tokens: &[u32],
        stop: &dyn Fn() -> bool,
    ) -> Result<(), Halt> {
        let common = self.common(tokens);
        self.truncate(common);
        for chunk in tokens[common..].chunks(CHUNK) {
            self.pass(model, chunk, &[], stop)?;
        }
        Ok(())
    }

    /// Appends tokens and gives the logits after the last.
    pub(super) fn push(
        &mut self,
        model: &Model,
        tokens: &[u32],
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>, Halt> {
        let mut logits = Vec::new();
        for chunk in tokens.chunks(CHUNK) {
            logits = self.pass(model, chunk, &[chunk.len() - 1], stop)?;
        }
        logits.pop().ok_or_else(|| failed("there was nothing to compute").into())
    }

    /// The logits at the ends of branches. A run sees what the lane holds, and itself. The lane
    /// stays as it is.
    pub(super) fn branches(
        &mut self,
        model: &Model,
        runs: &[&[u32]],
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, Halt> {
        model.branches(&mut self.cache, runs, stop).map_err(halt)
    }

    /// What is heard inside the model at the ends of branches, of attention over the tokens
    /// `within` the lane.
    pub(super) fn tap(
        &mut self,
        model: &Model,
        runs: &[TappedRun<'_>],
        tap: &Tap,
        within: Range<usize>,
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Tapped>, Halt> {
        model.tap(&mut self.cache, runs, tap, within, stop).map_err(halt)
    }

    /// Forgets all but the first `length` tokens.
    fn truncate(&mut self, length: usize) {
        self.tokens.truncate(length);
        self.cache.truncate(length);
    }

    fn pass(
        &mut self,
        model: &Model,
        chunk: &[u32],
        wanted: &[usize],
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, Halt> {
        let logits = model.forward(chunk, &mut self.cache, wanted, stop).map_err(halt)?;
        self.tokens.extend_from_slice(chunk);
        Ok(logits)
    }
}

fn halt(error: ForwardError) -> Halt {
    match error {
        ForwardError::Stopped => Halt::Stopped,
        ForwardError::TooLong { tokens, limit } => LlmError::TooLong { tokens, limit }.into(),
        ForwardError::UnknownToken { .. }
        | ForwardError::NoPosition { .. }
        | ForwardError::EmptyRun
        | ForwardError::NoTap
        | ForwardError::ForeignCache
        | ForwardError::Backend(_) => failed(error).into(),
    }
}
