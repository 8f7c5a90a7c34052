//! What can go wrong, and what to do about it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::engine::gguf::shown;

/// What is to be done about a file that is not as it should be.
const REMEDY: &str = "check it with `viva models verify`, or fetch it again with `viva models rm` and `viva models pull`";

/// A folder that cannot be used as a model for sentences.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}", path.display())]
pub struct SentencesError {
    /// The file of it that is wrong.
    pub path: PathBuf,
    /// What is wrong with that.
    pub fault: SentencesFault,
}

/// What is wrong with a file. What it holds is shown escaped.
#[derive(Debug, thiserror::Error)]
pub enum SentencesFault {
    /// It is missing, or the operating system refuses.
    #[error("cannot be read ({0}); `viva models pull` fetches what is missing")]
    Io(#[from] io::Error),
    /// A folder, a pipe, a device.
    #[error("is not a file; remove it, and `viva models pull` fetches the right one")]
    NotAFile,
    /// It is longer than any such file.
    #[error("has {bytes} bytes, and at most {most} make sense; {REMEDY}")]
    TooLong {
        /// Its length.
        bytes: u64,
        /// The cap.
        most: u64,
    },
    /// It makes no sense, by itself or with the others.
    #[error("is damaged: {0}; {REMEDY}")]
    Damaged(String),
    /// It is another kind of model.
    #[error(
        "describes {0}, which is not supported; `viva models list` shows the model for sentences \
         that is"
    )]
    Unsupported(String),
    /// A tensor is missing.
    #[error("has no tensor `{0}`, which its config.json asks for; {REMEDY}")]
    NoTensor(String),
    /// A tensor has another shape or type than it should.
    #[error("is damaged: tensor `{name}` is {found} where {wanted} is due; {REMEDY}")]
    Shape {
        /// Its name.
        name: String,
        /// Its type and sizes.
        found: String,
        /// What they should be.
        wanted: String,
    },
    /// A tensor that the model has no place for, so that it would be computed wrongly.
    #[error("has a tensor `{0}` that its config.json has no place for; {REMEDY}")]
    Unused(String),
}

impl SentencesFault {
    /// What another library says of a file may quote the file.
    pub(super) fn damaged(what: impl fmt::Display) -> Self {
        Self::Damaged(shown(&what.to_string()))
    }
}

/// A text that got no vector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmbedError {
    /// It could not be taken apart into tokens.
    #[error("a text could not be taken apart into tokens: {0}")]
    Tokens(String),
    /// The arithmetic failed.
    #[error("the vector of a text could not be computed: {0}")]
    Backend(String),
    /// The weights give no number.
    #[error("the vector of a text is no number: the weights are damaged; {REMEDY}")]
    NotFinite,
}
