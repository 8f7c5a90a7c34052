//! Tokens by how the vocabulary writes them: while a tokenizer is built, and not beyond.

use super::index::Index;
use super::{TokenizerError, error};
use crate::engine::gguf::Texts;

/// The id of every token.
#[derive(Debug)]
pub(super) struct Ids<'v> {
    tokens: &'v Texts,
    index: Index,
}

impl<'v> Ids<'v> {
    /// The ids of `tokens`, which have to differ.
    pub(super) fn new(tokens: &'v Texts) -> Result<Self, TokenizerError> {
        let mut index = Index::with_room(tokens.len());
        for id in 0..tokens.len() as u32 {
            if let Some(first) = index.insert(id, |id| tokens.get(id as usize)) {
                let token = error::shown(tokens.get(id as usize).unwrap_or_default());
                let what = format!("tokens {first} and {id} are both {token}");
                return Err(TokenizerError::Damaged(what));
            }
        }
        Ok(Self { tokens, index })
    }

    pub(super) fn get(&self, token: &str) -> Option<u32> {
        self.index.find(Some(token), |id| self.tokens.get(id as usize))
    }

    /// The token that is `left` and `right` together. It is looked for at `likely` first: most
    /// vocabularies have the results of their merges one after the other.
    pub(super) fn joined(&self, left: &str, right: &str, likely: u32) -> Option<u32> {
        let at_likely = self.tokens.get(likely as usize);
        match at_likely.and_then(|token| token.strip_prefix(left)) {
            Some(rest) if rest == right => Some(likely),
            Some(_) | None => self.get(&[left, right].concat()),
        }
    }
}
