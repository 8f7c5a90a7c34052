//! Byte-level vocabularies (`gpt2` in GGUF files): text is split at fixed places, and the bytes of
//! each piece are merged in pairs.

use super::bpe::{Bpe, Workspace};
use super::bytes::Alphabet;
use super::ids::Ids;
use super::merges::Merges;
use super::pieces::{Pieces, Words};
use super::split::{Pre, Splitter};
use super::{TokenKind, TokenizerError, Vocabulary, error};

/// The merges of a vocabulary, and where they stop.
#[derive(Debug)]
pub(super) struct ByteLevel {
    bpe: Bpe,
    /// Where a piece that is a token as a whole is that token, whatever the merges say.
    words: Option<Words>,
    splitter: Splitter,
    alphabet: Alphabet,
}

impl ByteLevel {
    pub(super) fn new(
        vocabulary: &Vocabulary,
        pre: Pre,
        ids: &Ids,
        pieces: &Pieces,
    ) -> Result<Self, TokenizerError> {
        let alphabet = Alphabet::new();
        let bpe = Bpe::new(&alphabet, ids, Merges::new(&vocabulary.merges, ids)?);
        check_reach(&bpe, vocabulary)?;
        Ok(Self {
            bpe,
            words: pre.whole_words().then(|| Words::new(vocabulary, pieces)),
            splitter: Splitter::new(pre),
            alphabet,
        })
    }

    /// Appends the ids of `text`.
    pub(super) fn encode(&self, text: &str, pieces: &Pieces, ids: &mut Vec<u32>) {
        let word = |piece: &str| self.words.as_ref()?.get(piece.as_bytes(), pieces);
        let mut work = Workspace::default();
        self.splitter.split(text, &mut |piece| match word(piece) {
            Some(word) => ids.push(word),
            None => self.bpe.encode(piece.as_bytes(), &mut work, ids),
        });
    }

    /// The id of the token that the vocabulary writes as `token`. Looks at one after the other.
    pub(super) fn id_of(&self, token: &str, pieces: &Pieces) -> Option<u32> {
        let mut bytes = Vec::new();
        self.alphabet.bytes(token, &mut bytes);
        pieces.find(&bytes)
    }
}

/// What the tokens of a byte-level vocabulary stand for.
pub(super) fn pieces(vocabulary: &Vocabulary) -> Result<Pieces, TokenizerError> {
    let alphabet = Alphabet::new();
    Pieces::new(vocabulary, |kind, token, bytes| match kind {
        TokenKind::Normal | TokenKind::Byte => alphabet.bytes(token, bytes),
        TokenKind::UserDefined => bytes.extend_from_slice(token.as_bytes()),
        TokenKind::Control | TokenKind::Unknown | TokenKind::Unused => {}
    })
}

/// Text must not come out as a token that steers the model, whatever the merges say.
fn check_reach(bpe: &Bpe, vocabulary: &Vocabulary) -> Result<(), TokenizerError> {
    let steers = |id: &u32| match vocabulary.kind(*id as usize) {
        TokenKind::Control | TokenKind::Unknown => true,
        TokenKind::Normal | TokenKind::UserDefined | TokenKind::Unused | TokenKind::Byte => false,
    };
    let Some(id) = bpe.reach().find(steers) else { return Ok(()) };
    let token = error::shown(vocabulary.tokens.get(id as usize).unwrap_or_default());
    let what = format!("token {id}, {token}, is a control token, and plain text would become it");
    Err(TokenizerError::Damaged(what))
}
