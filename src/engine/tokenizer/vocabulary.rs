//! What a GGUF says of its tokenizer, checked.

use std::collections::HashMap;

use candle_core::quantized::gguf_file::Value;

use super::TokenizerError;

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
    pub const fn from_number(number: u64) -> Self {
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
    pub tokens: Vec<String>,
    /// The kind of each token; empty where the file does not say.
    pub kinds: Vec<TokenKind>,
    /// Pairs of tokens with a space between, the first merge first.
    pub merges: Vec<String>,
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
    /// Takes the vocabulary out of a GGUF's key/values.
    pub fn from_metadata(metadata: &HashMap<String, Value>) -> Result<Self, TokenizerError> {
        let file = Keys(metadata);
        let model = file.string("tokenizer.ggml.model")?;
        if model.as_deref() != Some("gpt2") {
            return Err(TokenizerError::Model { found: model.unwrap_or_default() });
        }
        let numbers = file.list("tokenizer.ggml.token_type", Keys::number)?.unwrap_or_default();
        Ok(Self {
            tokens: file.needed("tokenizer.ggml.tokens")?,
            kinds: numbers.into_iter().map(TokenKind::from_number).collect(),
            merges: file.needed("tokenizer.ggml.merges")?,
            pre: file.string("tokenizer.ggml.pre")?,
            bos: file.id("tokenizer.ggml.bos_token_id")?,
            eos: file.id("tokenizer.ggml.eos_token_id")?,
            eot: file.id("tokenizer.ggml.eot_token_id")?,
            add_bos: file.flag("tokenizer.ggml.add_bos_token")?,
            chat_template: file.string("tokenizer.chat_template")?,
        })
    }
}

/// Key/values, read by type.
struct Keys<'m>(&'m HashMap<String, Value>);

impl Keys<'_> {
    fn string(&self, key: &'static str) -> Result<Option<String>, TokenizerError> {
        self.one(key, "a text", |v| v.to_string().ok().cloned())
    }

    fn flag(&self, key: &'static str) -> Result<Option<bool>, TokenizerError> {
        self.one(key, "true or false", |v| v.to_bool().ok())
    }

    fn id(&self, key: &'static str) -> Result<Option<u32>, TokenizerError> {
        self.one(key, "a token's number", |v| u32::try_from(Self::number(v)?).ok())
    }

    fn needed(&self, key: &'static str) -> Result<Vec<String>, TokenizerError> {
        self.list(key, |v| v.to_string().ok().cloned())?.ok_or(TokenizerError::Missing { key })
    }

    fn list<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<Vec<T>>, TokenizerError> {
        self.one(key, "a list of one type", |v| v.to_vec().ok()?.iter().map(&read).collect())
    }

    fn one<T>(
        &self,
        key: &'static str,
        wanted: &'static str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, TokenizerError> {
        let Some(value) = self.0.get(key) else { return Ok(None) };
        read(value).map(Some).ok_or(TokenizerError::Type { key, wanted })
    }

    /// A whole number of any width; a negative one is none.
    fn number(value: &Value) -> Option<u64> {
        match *value {
            Value::U8(n) => Some(n.into()),
            Value::U16(n) => Some(n.into()),
            Value::U32(n) => Some(n.into()),
            Value::U64(n) => Some(n),
            Value::I8(n) => n.try_into().ok(),
            Value::I16(n) => n.try_into().ok(),
            Value::I32(n) => n.try_into().ok(),
            Value::I64(n) => n.try_into().ok(),
            Value::F32(_) | Value::F64(_) | Value::Bool(_) | Value::String(_) | Value::Array(_) => {
                None
            }
        }
    }
}
