//! A conversation's cache, kept up with what is asked of it.

use crate::engine::{ForwardError, KvCache, Model};

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

    /// Brings the cache to exactly `tokens`: what it has in common with them is kept. What was
    /// computed before a stop is kept as well.
    pub(super) fn become_(
        &mut self,
        model: &Model,
        tokens: &[u32],
        stop: &dyn Fn() -> bool,
    ) -> Result<(), Halt> {
        let common = self.tokens.iter().zip(tokens).take_while(|(a, b)| a == b).count();
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

    /// Forgets all but the first `length` tokens.
    pub(super) fn truncate(&mut self, length: usize) {
        self.tokens.truncate(length);
        self.cache.truncate(length);
    }

    /// How many tokens it holds.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    fn pass(
        &mut self,
        model: &Model,
        chunk: &[u32],
        wanted: &[usize],
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, Halt> {
        match model.forward(chunk, &mut self.cache, wanted, stop) {
            Ok(logits) => {
                self.tokens.extend_from_slice(chunk);
                Ok(logits)
            }
            Err(ForwardError::Stopped) => Err(Halt::Stopped),
            Err(ForwardError::TooLong { tokens, limit }) => {
                Err(LlmError::TooLong { tokens, limit }.into())
            }
            Err(other) => Err(failed(other).into()),
        }
    }
}
