//! Text to token ids and back, as the model's file says.
//!
//! Ids are held equal to llama.cpp's (`tests/tokenizer.rs`). Nothing here normalises, but for one
//! sign that sentencepiece writes spaces with: the bytes of the tokens of a text are the bytes of
//! the text, so long as the vocabulary has them all, and positions in the one are positions in the
//! other.

mod bpe;
mod byte_level;
mod bytes;
mod error;
mod ids;
mod index;
mod merges;
mod pieces;
mod sentencepiece;
mod specials;
mod split;
mod vocabulary;

use byte_level::ByteLevel;
use ids::Ids;
use pieces::Pieces;
use sentencepiece::SentencePiece;
use specials::Specials;
use split::Pre;

pub use error::TokenizerError;
pub use vocabulary::{TokenKind, TokenizerModel, Vocabulary};

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
    scheme: Scheme,
    specials: Specials,
    pieces: Pieces,
    bos: Option<u32>,
    add_bos: bool,
    ends: Vec<u32>,
}

/// How text becomes tokens.
#[derive(Debug)]
enum Scheme {
    Bytes(Box<ByteLevel>),
    Pieces(SentencePiece),
}

impl Tokenizer {
    /// A tokenizer from what a GGUF says of it.
    pub fn new(vocabulary: &Vocabulary) -> Result<Self, TokenizerError> {
        check(vocabulary)?;
        match vocabulary.model {
            TokenizerModel::ByteLevel => Self::byte_level(vocabulary),
            TokenizerModel::SentencePiece => Self::sentencepiece(vocabulary),
        }
    }

    fn byte_level(vocabulary: &Vocabulary) -> Result<Self, TokenizerError> {
        let pre = pre_of(vocabulary)?;
        let ids = Ids::new(&vocabulary.tokens)?;
        let pieces = byte_level::pieces(vocabulary)?;
        let scheme = Scheme::Bytes(Box::new(ByteLevel::new(vocabulary, pre, &ids, &pieces)?));
        let ends = ends(vocabulary, &ids);
        let specials = Specials::new(vocabulary, &ends)?;
        Ok(Self::of(scheme, specials, pieces, ends, vocabulary, pre.adds_bos()))
    }

    fn sentencepiece(vocabulary: &Vocabulary) -> Result<Self, TokenizerError> {
        let ends = ends(vocabulary, &Ids::new(&vocabulary.tokens)?);
        let pieces = sentencepiece::pieces(vocabulary)?;
        let scheme = Scheme::Pieces(SentencePiece::new(vocabulary, &ends, &pieces)?);
        let specials = Specials::new(vocabulary, &ends)?.with_blanks(vocabulary, &ends)?;
        Ok(Self::of(scheme, specials, pieces, ends, vocabulary, true))
    }

    fn of(
        scheme: Scheme,
        specials: Specials,
        pieces: Pieces,
        ends: Vec<u32>,
        vocabulary: &Vocabulary,
        adds_bos: bool,
    ) -> Self {
        let (bos, add_bos) = (vocabulary.bos, vocabulary.add_bos.unwrap_or(adds_bos));
        Self { scheme, specials, pieces, bos, add_bos: add_bos && bos.is_some(), ends }
    }

    /// The ids of `text` in the midst of other text. No BOS is added. Bytes that the vocabulary has
    /// no token for, some control characters in small ones, are left out.
    pub fn encode(&self, text: &str, special: Special) -> Result<Vec<u32>, TokenizerError> {
        let mut ids = Vec::with_capacity(text.len() / 3);
        self.encode_behind(false, text, special, &mut ids);
        Ok(ids)
    }

    /// Appends the ids of `text` to those of the text before it. Some vocabularies put a space
    /// where a text begins, or goes on behind a control token.
    pub fn append(
        &self,
        text: &str,
        special: Special,
        ids: &mut Vec<u32>,
    ) -> Result<(), TokenizerError> {
        let begins = ids.last().is_none_or(|id| self.specials.holds(*id));
        self.encode_behind(begins, text, special, ids);
        Ok(())
    }

    fn encode_behind(&self, mut begins: bool, text: &str, special: Special, ids: &mut Vec<u32>) {
        let mut rest = text;
        while let Some((before, id, after)) = self.specials.first(rest, special) {
            self.scheme.encode(before, begins, &self.pieces, ids);
            ids.push(id);
            (begins, rest) = (true, after);
        }
        self.scheme.encode(rest, begins, &self.pieces, ids);
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

    /// The id of the token that the vocabulary writes as `token`; fillers are not found. May look
    /// through the whole vocabulary.
    pub fn id_of(&self, token: &str) -> Option<u32> {
        self.specials.id(token).or_else(|| match &self.scheme {
            Scheme::Bytes(scheme) => scheme.id_of(token, &self.pieces),
            Scheme::Pieces(scheme) => scheme.id_of(token, &self.pieces),
        })
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

impl Scheme {
    /// Appends the ids of `text`, in which nothing is a control token, and which may begin a text.
    fn encode(&self, text: &str, begins: bool, pieces: &Pieces, ids: &mut Vec<u32>) {
        match self {
            Self::Bytes(scheme) => scheme.encode(text, pieces, ids),
            Self::Pieces(scheme) => scheme.encode(text, begins, pieces, ids),
        }
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

fn ends(vocabulary: &Vocabulary, ids: &Ids) -> Vec<u32> {
    let named = ENDS.iter().filter_map(|name| ids.get(name));
    let mut ends: Vec<u32> = named.chain(vocabulary.eos).chain(vocabulary.eot).collect();
    ends.sort_unstable();
    ends.dedup();
    ends
}

#[cfg(test)]
mod tests;
