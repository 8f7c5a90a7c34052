//! Text to token ids and back, as the model's file says.
//!
//! Ids are held equal to llama.cpp's (`tests/tokenizer.rs`). No pre-tokeniser here normalises:
//! the bytes of the tokens of a text are the bytes of the text, so long as the vocabulary has
//! them all, and positions in the one are positions in the other.

mod bytes;
mod error;
mod specials;
mod split;
mod vocabulary;

use tokenizers::Model as _;
use tokenizers::models::bpe::{BPE, Vocab};

use bytes::Alphabet;
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
    bpe: BPE,
    splitter: Splitter,
    alphabet: Alphabet,
    /// Letters of the alphabet that are no tokens.
    lacking: Vec<char>,
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
        let ids = ids(&vocabulary.tokens)?;
        let ends = ends(vocabulary, &ids);
        let alphabet = Alphabet::new();
        Ok(Self {
            specials: Specials::new(vocabulary, &ends)?,
            pieces: Pieces::new(vocabulary, &alphabet),
            lacking: alphabet.letters().filter(|c| !ids.contains_key(&c.to_string())).collect(),
            bpe: bpe(ids, &vocabulary.merges, pre)?,
            splitter: Splitter::new(pre),
            bos: vocabulary.bos,
            add_bos: vocabulary.add_bos.unwrap_or(pre.adds_bos()) && vocabulary.bos.is_some(),
            alphabet,
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
                self.encode_plain(before, &mut ids)?;
                ids.push(id);
                rest = after;
            }
        }
        self.encode_plain(rest, &mut ids)?;
        Ok(ids)
    }

    fn encode_plain(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), TokenizerError> {
        let mut spelled = String::new();
        let mut result = Ok(());
        self.splitter.split(text, &mut |piece| {
            self.alphabet.spell(piece, &mut spelled);
            // What a letter without a token stands between must not be merged across it.
            for run in spelled.split(self.lacking.as_slice()) {
                match self.bpe.tokenize(run) {
                    Ok(tokens) => ids.extend(tokens.iter().map(|token| token.id)),
                    Err(error) => result = Err(TokenizerError::Encode(error.to_string())),
                }
            }
        });
        result
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

    /// The id of the token that the vocabulary writes as `token`.
    pub fn id_of(&self, token: &str) -> Option<u32> {
        self.bpe.token_to_id(token)
    }

    /// The number of ids.
    pub fn vocab_size(&self) -> usize {
        self.bpe.get_vocab_size()
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
    if tokens == 0 || u32::try_from(tokens).is_err() {
        return Err(TokenizerError::Damaged(format!("it has {tokens} tokens")));
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

fn ids(tokens: &[String]) -> Result<Vocab, TokenizerError> {
    let mut ids = Vocab::with_capacity(tokens.len());
    for (id, token) in (0..).zip(tokens) {
        if let Some(first) = ids.insert(token.clone(), id) {
            let what = format!("tokens {first} and {id} are both {}", error::shown(token));
            return Err(TokenizerError::Damaged(what));
        }
    }
    Ok(ids)
}

fn ends(vocabulary: &Vocabulary, ids: &Vocab) -> Vec<u32> {
    let named = ENDS.iter().filter_map(|name| ids.get(*name).copied());
    let mut ends: Vec<u32> = named.chain(vocabulary.eos).chain(vocabulary.eot).collect();
    ends.sort_unstable();
    ends.dedup();
    ends
}

fn bpe(ids: Vocab, merges: &[String], pre: Pre) -> Result<BPE, TokenizerError> {
    let pairs = merges.iter().enumerate().map(|(n, merge)| pair(n, merge, &ids));
    let pairs = pairs.collect::<Result<Vec<_>, _>>()?;
    BPE::builder()
        .vocab_and_merges(ids, pairs)
        .ignore_merges(pre.whole_words())
        .build()
        .map_err(|error| TokenizerError::Damaged(error.to_string()))
}

/// A merge whose three tokens exist. The library finds some of them missing by panicking.
fn pair(n: usize, merge: &str, ids: &Vocab) -> Result<(String, String), TokenizerError> {
    let known = |(a, b): &(&str, &str)| {
        [a, b].into_iter().all(|token| ids.contains_key(*token))
            && ids.contains_key(&[*a, *b].concat())
    };
    let Some((a, b)) = merge.split_once(' ').filter(known) else {
        let what = format!("merge {n}, {}, is not of two of its tokens", error::shown(merge));
        return Err(TokenizerError::Damaged(what));
    };
    Ok((a.to_owned(), b.to_owned()))
}

/// The bytes of every token, end to end.
#[derive(Debug)]
struct Pieces {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Pieces {
    fn new(vocabulary: &Vocabulary, alphabet: &Alphabet) -> Self {
        let mut pieces = Self { bytes: Vec::new(), ends: Vec::new() };
        for (id, token) in vocabulary.tokens.iter().enumerate() {
            match vocabulary.kinds.get(id).copied().unwrap_or(TokenKind::Normal) {
                TokenKind::Normal | TokenKind::Byte => alphabet.bytes(token, &mut pieces.bytes),
                TokenKind::UserDefined => pieces.bytes.extend_from_slice(token.as_bytes()),
                TokenKind::Control | TokenKind::Unknown | TokenKind::Unused => {}
            }
            pieces.ends.push(pieces.bytes.len());
        }
        pieces
    }

    fn get(&self, id: u32) -> &[u8] {
        let id = id as usize;
        let Some(&end) = self.ends.get(id) else { return &[] };
        let start = id.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..end]
    }
}

#[cfg(test)]
mod tests;
