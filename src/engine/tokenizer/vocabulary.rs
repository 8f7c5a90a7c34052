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

/// The tokenizer's part of a model file, as the file says it: nothing here is checked yet.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    /// The tokens, by id, in the byte-level alphabet.
    pub tokens: Texts,
    /// The kind of each token; empty where the file does not say.
    pub kinds: Vec<TokenKind>,
    /// Pairs of tokens with a space between, the first merge first.
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
        let model = Metadata::optional(file.text("tokenizer.ggml.model"))?;
        if model != Some("gpt2") {
            return Err(TokenizerError::Model { found: model.unwrap_or_default().to_owned() });
        }
        let kinds = Metadata::optional(file.integers("tokenizer.ggml.token_type"))?;
        let text = |key| Metadata::optional(file.text(key)).map(|text| text.map(str::to_owned));
        Ok(Self {
            tokens: file.texts("tokenizer.ggml.tokens")?.clone(),
            kinds: kinds.unwrap_or_default().iter().map(|&n| TokenKind::from_number(n)).collect(),
            merges: file.texts("tokenizer.ggml.merges")?.clone(),
            pre: text("tokenizer.ggml.pre")?,
            bos: id(file, "tokenizer.ggml.bos_token_id")?,
            eos: id(file, "tokenizer.ggml.eos_token_id")?,
            eot: id(file, "tokenizer.ggml.eot_token_id")?,
            add_bos: Metadata::optional(file.bool("tokenizer.ggml.add_bos_token"))?,
            chat_template: text("tokenizer.chat_template")?,
        })
    }
}

/// A token's number; one that no token can have is held against the vocabulary later.
fn id(file: &Metadata, key: &str) -> Result<Option<u32>, TokenizerError> {
    let number = Metadata::optional(file.unsigned(key))?;
    Ok(number.map(|n| u32::try_from(n).unwrap_or(u32::MAX)))
}
