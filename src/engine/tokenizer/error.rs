//! What can be wrong with a vocabulary, and what to do about it.

use super::split::Pre;
use crate::engine::gguf::MetadataError;

/// Why a vocabulary cannot be used. What the file holds is shown escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenizerError {
    /// Another kind of tokenizer.
    #[error(
        "the model's tokenizer is of kind {}, and byte-level BPE (\"gpt2\") and sentencepiece \
         (\"llama\") are supported; choose a model from `viva models list`",
        shown(found)
    )]
    Model {
        /// The kind; empty where the file names none.
        found: String,
    },
    /// Another pre-tokeniser. To guess one would encode nearly everything, some of it wrongly.
    #[error(
        "the model's pre-tokeniser is {}, and the known ones are {}; choose a model from \
         `viva models list`",
        shown(found),
        Pre::NAMES
    )]
    Pre {
        /// Its name; empty where the file names none.
        found: String,
    },
    /// A key is missing, or its value is of the wrong type.
    #[error("{0}; fetch it again with `viva models pull`")]
    Metadata(#[from] MetadataError),
    /// The lists contradict each other, or themselves.
    #[error("the model file's vocabulary is damaged: {0}; fetch it again with `viva models pull`")]
    Damaged(String),
}

/// A file's words as messages show them: escaped, and no longer than a line.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}
