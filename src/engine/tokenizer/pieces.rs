//! What tokens stand for.

use super::index::Index;
use super::{TokenKind, TokenizerError, Vocabulary};

/// The bytes of every token, end to end.
#[derive(Debug)]
pub(super) struct Pieces {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Pieces {
    /// `spell` adds the bytes that a token of a kind stands for, given how it is written.
    pub(super) fn new(
        vocabulary: &Vocabulary,
        spell: impl Fn(TokenKind, &str, &mut Vec<u8>),
    ) -> Result<Self, TokenizerError> {
        let count = vocabulary.tokens.len();
        let mut bytes = Vec::with_capacity(vocabulary.tokens.bytes());
        let mut ends = Vec::with_capacity(count);
        for (id, token) in vocabulary.tokens.iter().enumerate() {
            spell(vocabulary.kind(id), token, &mut bytes);
            ends.push(u32::try_from(bytes.len()).map_err(|_| too_long(count))?);
        }
        bytes.shrink_to_fit();
        Ok(Self { bytes, ends })
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, id: u32) -> &[u8] {
        let id = id as usize;
        let Some(&end) = self.ends.get(id) else { return &[] };
        let start = id.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start as usize..end as usize]
    }

    /// The first token that stands for exactly `bytes`. Looks at one after the other.
    pub(super) fn find(&self, bytes: &[u8]) -> Option<u32> {
        (0..self.len() as u32).find(|&id| !bytes.is_empty() && self.get(id) == bytes)
    }
}

fn too_long(count: usize) -> TokenizerError {
    TokenizerError::Damaged(format!("its {count} tokens are longer than 4 GiB together"))
}

/// Tokens by the bytes that they stand for: those of plain text alone.
#[derive(Debug)]
pub(super) struct Words(Index);

impl Words {
    pub(super) fn new(vocabulary: &Vocabulary, pieces: &Pieces) -> Self {
        let mut index = Index::with_room(pieces.len());
        for id in 0..pieces.len() {
            match vocabulary.kind(id) {
                TokenKind::Normal | TokenKind::Byte => {
                    index.insert(id as u32, |id| pieces.get(id));
                }
                TokenKind::UserDefined
                | TokenKind::Control
                | TokenKind::Unknown
                | TokenKind::Unused => {}
            }
        }
        Self(index)
    }

    pub(super) fn get(&self, bytes: &[u8], pieces: &Pieces) -> Option<u32> {
        self.0.find(bytes, |id| pieces.get(id))
    }
}
