//! GGUF, tokenizer, chat template, decoder and sampler. Knows nothing of interviews.

mod template;
mod tokenizer;

pub use template::{ChatTemplate, TemplateError};
pub use tokenizer::{Special, TokenKind, Tokenizer, TokenizerError, Vocabulary};
