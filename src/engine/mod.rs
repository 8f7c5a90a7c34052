//! GGUF, tokenizer, chat template, decoder and sampler. Knows nothing of interviews.

mod stream;
mod template;
mod tokenizer;

pub use stream::TextStream;
pub use template::{ChatTemplate, TemplateError};
pub use tokenizer::{Special, TokenKind, Tokenizer, TokenizerError, Vocabulary};
