//! Text to token ids and back, as the model's file says.
//!
//! Ids are held equal to llama.cpp's (`tests/tokenizer.rs`). No pre-tokeniser here normalises:
//! the bytes of the tokens of a text are the bytes of the text, so long as the vocabulary has
//! them all, and positions in the one are positions in the other.

mod bpe;
mod bytes;
mod error;
mod ids;
mod index;
mod merges;
mod pieces;
mod specials;
mod split;
mod vocabulary;

use bpe::{Bpe, Workspace};
use bytes::Alphabet;
use ids::Ids;
use merges::Merges;
use pieces::{Pieces, Words};
use specials::Specials;
use split::{Pre, Splitter};

pub use error::TokenizerError;
pub use vocabulary::{TokenKind, Vocabulary};

/// Names of tokens that end a turn or a text, in the vocabularies of various models. A file says
/// at most two of its own; a chat model may write any of them.
const ENDS: [&str; 8] = [
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end_of_text|>",
    "<|end|>",
    "<end_of_turn>",
    "<|return|>",
];

/// What to make of text that looks like a control token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Special {
    /// It is that token: for text of ours.
    Parse,
    /// It is the characters that it is written with: for text of anybody's.
    Plain,
}

/// A model's tokenizer.
#[derive(Debug)]
pub struct Tokenizer {
    bpe: Bpe,
    /// Where a piece that is a token as a whole is that token, whatever the merges say.
    words: Option<Words>,
    splitter: Splitter,
    alphabet: Alphabet,
    specials: Specials,
    pieces: Pieces,
    bos: Option<u32>,
    add_bos: bool,
    ends: Vec<u32>,
}

impl Tokenizer {
    /// A tokenizer from what a GGUF says of it.
    pub fn new(vocabulary: &Vocabulary) -> Result<Self, TokenizerError> {
        let pre = pre_of(vocabulary)?;
        check(vocabulary)?;
        let ids = Ids::new(&vocabulary.tokens)?;
        let ends = ends(vocabulary, &ids);
        let alphabet = Alphabet::new();
        let pieces = Pieces::new(vocabulary, &alphabet)?;
        let bpe = Bpe::new(&alphabet, &ids, Merges::new(&vocabulary.merges, &ids)?);
        check_reach(&bpe, vocabulary)?;
        Ok(Self {
            bpe,
            words: pre.whole_words().then(|| Words::new(vocabulary, &pieces)),
            splitter: Splitter::new(pre),
            specials: Specials::new(vocabulary, &ends)?,
            bos: vocabulary.bos,
            add_bos: vocabulary.add_bos.unwrap_or(pre.adds_bos()) && vocabulary.bos.is_some(),
            alphabet,
            pieces,
            ends,
        })
    }

    /// The ids of `text`. No BOS is added. Bytes that the vocabulary has no token for, some
    /// control characters in small ones, are left out.
    pub fn encode(&self, text: &str, special: Special) -> Result<Vec<u32>, TokenizerError> {
        let mut ids = Vec::with_capacity(text.len() / 3);
        let mut rest = text;
        if special == Special::Parse {
            while let Some((before, id, after)) = self.specials.first(rest) {
                self.encode_plain(before, &mut ids);
                ids.push(id);
                rest = after;
            }
        }
        self.encode_plain(rest, &mut ids);
        Ok(ids)
    }

    fn encode_plain(&self, text: &str, ids: &mut Vec<u32>) {
        let mut work = Workspace::default();
        self.splitter.split(text, &mut |piece| match self.word(piece.as_bytes()) {
            Some(word) => ids.push(word),
            None => self.bpe.encode(piece.as_bytes(), &mut work, ids),
        });
    }

    fn word(&self, piece: &[u8]) -> Option<u32> {
        self.words.as_ref()?.get(piece, &self.pieces)
    }

    /// The text of `ids`. Control tokens have none; what is not UTF-8 becomes U+FFFD.
    pub fn decode(&self, ids: &[u32]) -> String {
        let bytes: Vec<u8> = ids.iter().flat_map(|&id| self.token_bytes(id)).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The bytes that a token stands for, which may be a part of a character: empty for control
    /// tokens, fillers and ids that the vocabulary does not have.
    pub fn token_bytes(&self, id: u32) -> &[u8] {
        self.pieces.get(id)
    }

    /// The id of the token that the vocabulary writes as `token`; fillers are not found. Looks
    /// through the whole vocabulary.
    pub fn id_of(&self, token: &str) -> Option<u32> {
        let mut bytes = Vec::new();
        self.alphabet.bytes(token, &mut bytes);
        self.specials.id(token).or_else(|| self.pieces.find(&bytes))
    }

    /// The number of ids.
    pub fn vocab_size(&self) -> usize {
        self.pieces.len()
    }

    /// The token that prompts begin with, if there is one.
    pub fn bos(&self) -> Option<u32> {
        self.bos
    }

    /// Whether a prompt that does not begin with [`Self::bos`] should be given it.
    pub fn add_bos(&self) -> bool {
        self.add_bos
    }

    /// The tokens that end what a model writes, lowest first.
    pub fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// Whether `id` ends what a model writes.
    pub fn is_end(&self, id: u32) -> bool {
        self.ends.binary_search(&id).is_ok()
    }
}

fn pre_of(vocabulary: &Vocabulary) -> Result<Pre, TokenizerError> {
    let name = vocabulary.pre.as_deref().unwrap_or_default();
    Pre::from_name(name).ok_or_else(|| TokenizerError::Pre { found: name.to_owned() })
}

/// Lengths and ids that the lists name of each other.
fn check(vocabulary: &Vocabulary) -> Result<(), TokenizerError> {
    let (tokens, kinds) = (vocabulary.tokens.len(), vocabulary.kinds.len());
    let merges = vocabulary.merges.len();
    if tokens == 0 || u32::try_from(tokens.max(merges)).is_err() {
        return Err(TokenizerError::Damaged(format!("it has {tokens} tokens and {merges} merges")));
    }
    if kinds != 0 && kinds != tokens {
        return Err(TokenizerError::Damaged(format!("{tokens} tokens have {kinds} types")));
    }
    for (name, id) in [("bos", vocabulary.bos), ("eos", vocabulary.eos), ("eot", vocabulary.eot)] {
        if let Some(id) = id.filter(|&id| id as usize >= tokens) {
            let what = format!("its {name} token is number {id} of {tokens}, counted from 0");
            return Err(TokenizerError::Damaged(what));
        }
    }
    Ok(())
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

fn ends(vocabulary: &Vocabulary, ids: &Ids) -> Vec<u32> {
    let named = ENDS.iter().filter_map(|name| ids.get(name));
    let mut ends: Vec<u32> = named.chain(vocabulary.eos).chain(vocabulary.eot).collect();
    ends.sort_unstable();
    ends.dedup();
    ends
}

#[cfg(test)]
mod tests;
