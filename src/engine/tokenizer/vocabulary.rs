//! What a GGUF says of its tokenizer, checked.

use super::TokenizerError;
use crate::engine::gguf::{Metadata, Texts};

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A piece of text.
    Normal,
    /// Stands for what the vocabulary lacks.
    Unknown,
    /// Steers the model; never text.
    Control,
    /// A piece of text that is one token wherever it stands.
    UserDefined,
    /// Filler; never read or written.
    Unused,
    /// A single byte.
    Byte,
}

impl TokenKind {
    /// The kind by the number GGUF files give it; a number without meaning is a normal token.
    pub const fn from_number(number: i64) -> Self {
        match number {
            2 => Self::Unknown,
            3 => Self::Control,
            4 => Self::UserDefined,
            5 => Self::Unused,
            6 => Self::Byte,
            _ => Self::Normal,
        }
    }
}

/// How a vocabulary makes tokens of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenizerModel {
    /// Bytes that are merged in pairs: `gpt2`.
    #[default]
    ByteLevel,
    /// Characters that are joined by the scores of what they become: `llama`.
    SentencePiece,
}

impl TokenizerModel {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "gpt2" => Some(Self::ByteLevel),
            "llama" => Some(Self::SentencePiece),
            _ => None,
        }
    }
}

/// The tokenizer's part of a model file, as the file says it: nothing here is checked yet.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    /// How text becomes tokens.
    pub model: TokenizerModel,
    /// The tokens, by id, in the byte-level alphabet or with sentencepiece's sign for a space.
    pub tokens: Texts,
    /// The kind of each token; empty where the file does not say.
    pub kinds: Vec<TokenKind>,
    /// The score of each token, of a sentencepiece vocabulary.
    pub scores: Vec<f32>,
    /// Whether a sentencepiece vocabulary puts a space before a text.
    pub space_first: Option<bool>,
    /// Pairs of tokens with a space between, the first merge first, of a byte-level vocabulary.
    pub merges: Texts,
    /// The name of the pre-tokeniser.
    pub pre: Option<String>,
    /// The token prompts begin with.
    pub bos: Option<u32>,
    /// The token texts end with.
    pub eos: Option<u32>,
    /// The token turns end with.
    pub eot: Option<u32>,
    /// Whether prompts begin with `bos`.
    pub add_bos: Option<bool>,
    /// The chat template.
    pub chat_template: Option<String>,
}

impl Vocabulary {
    /// What token `id` is for.
    pub(super) fn kind(&self, id: usize) -> TokenKind {
        self.kinds.get(id).copied().unwrap_or(TokenKind::Normal)
    }

    /// Takes the vocabulary out of a GGUF's key/values.
    pub fn from_metadata(file: &Metadata) -> Result<Self, TokenizerError> {
        let name = Metadata::optional(file.text("tokenizer.ggml.model"))?.unwrap_or_default();
        let model = TokenizerModel::from_name(name)
            .ok_or_else(|| TokenizerError::Model { found: name.to_owned() })?;
        let kinds = Metadata::optional(file.integers("tokenizer.ggml.token_type"))?;
        let text = |key| Metadata::optional(file.text(key)).map(|text| text.map(str::to_owned));
        let (merges, scores) = match model {
            TokenizerModel::ByteLevel => (file.texts("tokenizer.ggml.merges")?.clone(), Vec::new()),
            TokenizerModel::SentencePiece => (Texts::default(), scores(file)?),
        };
        Ok(Self {
            model,
            tokens: file.texts("tokenizer.ggml.tokens")?.clone(),
            kinds: kinds.unwrap_or_default().iter().map(|&n| TokenKind::from_number(n)).collect(),
            scores,
            space_first: Metadata::optional(file.bool("tokenizer.ggml.add_space_prefix"))?,
            merges,
            pre: text("tokenizer.ggml.pre")?,
            bos: id(file, "tokenizer.ggml.bos_token_id")?,
            eos: id(file, "tokenizer.ggml.eos_token_id")?,
            eot: id(file, "tokenizer.ggml.eot_token_id")?,
            add_bos: Metadata::optional(file.bool("tokenizer.ggml.add_bos_token"))?,
            chat_template: text("tokenizer.chat_template")?,
        })
    }
}

fn scores(file: &Metadata) -> Result<Vec<f32>, TokenizerError> {
    let scores = file.floats("tokenizer.ggml.scores")?;
    Ok(scores.iter().map(|score| *score as f32).collect())
}

/// A token's number; one that no token can have is held against the vocabulary later.
fn id(file: &Metadata, key: &str) -> Result<Option<u32>, TokenizerError> {
    let number = Metadata::optional(file.unsigned(key))?;
    Ok(number.map(|n| u32::try_from(n).unwrap_or(u32::MAX)))
}
