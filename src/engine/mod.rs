//! GGUF, tokenizer, chat template, decoder and sampler. Knows nothing of interviews.

mod tokenizer;

pub use tokenizer::{Special, TokenKind, Tokenizer, TokenizerError, Vocabulary};
