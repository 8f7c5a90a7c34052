//! What can go wrong, and what to do about it.

use std::io;
use std::path::PathBuf;

use super::device::{Device, DeviceError};
use super::gguf::MetadataError;

/// A model file that could not be loaded.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}", path.display())]
pub struct LoadError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: LoadFault,
}

/// What is wrong with a model file.
#[derive(Debug, thiserror::Error)]
pub enum LoadFault {
    /// The operating system refused.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A folder, a pipe, a device.
    #[error("is not a file; give the path of a .gguf file")]
    NotAFile,
    /// It does not begin as GGUF files do.
    #[error(
        "is not a GGUF file (it starts with \"{start}\"); give the path of a GGUF model, or fetch \
         one with `viva models pull`"
    )]
    NotGguf {
        /// Its first bytes, escaped.
        start: String,
    },
    /// An older or newer version of the format, or a big-endian file.
    #[error(
        "is GGUF version {version}, and 2 and 3 can be read; convert the model anew, or fetch \
         another with `viva models pull`"
    )]
    Version {
        /// The version that it names.
        version: u32,
    },
    /// It ends too soon.
    #[error(
        "is cut off: {what} should reach byte {needs}, and the file ends at {has}; fetch it again \
         with `viva models pull`"
    )]
    Truncated {
        /// What does not fit.
        what: String,
        /// The byte up to which it should reach.
        needs: u64,
        /// The length of the file.
        has: u64,
    },
    /// It claims more of something than any model has.
    #[error(
        "is damaged: it claims {count} {what}, and at most {cap} make sense; check it with `viva \
         models verify`, or fetch it again with `viva models pull`"
    )]
    TooMany {
        /// Of what.
        what: &'static str,
        /// The number that it claims.
        count: u64,
        /// The cap.
        cap: u64,
    },
    /// It contradicts itself.
    #[error(
        "is damaged: {what}; check it with `viva models verify`, or fetch it again with `viva \
         models pull`"
    )]
    Damaged {
        /// How.
        what: String,
    },
    /// Key/values that the decoder needs are missing or make no sense.
    #[error("cannot be used: {0}; fetch a known model with `viva models pull`")]
    Metadata(#[from] MetadataError),
    /// The decoder does not know how to compute it.
    #[error(
        "holds a model of architecture \"{found}\", and the known ones are {known}; choose a \
         model from `viva models list`"
    )]
    Architecture {
        /// Its architecture, escaped.
        found: String,
        /// Those that are known.
        known: String,
    },
    /// A known architecture with a part that the decoder lacks.
    #[error(
        "holds a model with {what}, which is not supported; choose one from `viva models list`"
    )]
    Unsupported {
        /// The part.
        what: String,
    },
    /// A quantisation without kernels.
    #[error(
        "has tensor `{name}` quantised as {} (type {kind}), which is not supported; choose a \
         file of type Q4_K_M, Q5_K_M, Q6_K, Q8_0 or F16",
        super::gguf::kind_name(*kind)
    )]
    Quantisation {
        /// The tensor, escaped.
        name: String,
        /// Its type's number.
        kind: u32,
    },
    /// A tensor that the architecture needs.
    #[error(
        "has no tensor `{name}`; check it with `viva models verify`, or fetch it again with `viva \
         models pull`"
    )]
    NoTensor {
        /// Its name.
        name: String,
    },
    /// A tensor that the architecture does not have.
    #[error(
        "has a tensor `{name}` that its architecture has no place for, so it would be computed \
         wrongly; choose a model from `viva models list`"
    )]
    Unused {
        /// Its name, escaped.
        name: String,
    },
    /// A tensor of another shape than the key/values say.
    #[error(
        "is damaged: tensor `{name}` has shape {found:?} where {wanted:?} is due; check it with \
         `viva models verify`, or fetch it again with `viva models pull`"
    )]
    Shape {
        /// Its name.
        name: String,
        /// Its sizes.
        found: Vec<usize>,
        /// What they should be.
        wanted: Vec<usize>,
    },
    /// The back end could not take the weights.
    #[error("could not be loaded: {0}")]
    Backend(String),
    /// The device that was asked for cannot be used.
    #[error("could not be loaded: {0}")]
    Device(#[from] DeviceError),
    /// The device could not take the weights. Most often its memory is too small for them.
    #[error("could not be loaded on {device} ({reason}); use `--device cpu`")]
    OnDevice {
        /// The device.
        device: Device,
        /// What its driver says.
        reason: String,
    },
}

impl LoadFault {
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }

    /// The same fault, naming the device where it is a GPU's.
    pub(crate) fn on(self, device: Device) -> Self {
        match self {
            Self::Backend(reason) if device != Device::Cpu => Self::OnDevice { device, reason },
            other => other,
        }
    }

    /// The same fault, naming the key whose value it is in, where that helps.
    pub(crate) fn within(self, key: &str) -> Self {
        match self {
            Self::Damaged { what } => {
                Self::damaged(format!("{what} at key `{}`", super::gguf::shown(key)))
            }
            other => other,
        }
    }
}

/// A forward pass that gave no logits. The cache is as it was before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForwardError {
    /// `stop` said so.
    #[error("the computation was stopped")]
    Stopped,
    /// Cache and tokens are longer than the model's context.
    #[error("{tokens} tokens are more than the {limit} that the model takes")]
    TooLong {
        /// Tokens in the cache and new ones together.
        tokens: usize,
        /// Tokens of the model's context.
        limit: usize,
    },
    /// A token that the model does not have.
    #[error("token {token} is not among the {vocabulary} that the model has")]
    UnknownToken {
        /// The token.
        token: u32,
        /// How many there are, from 0.
        vocabulary: usize,
    },
    /// A wanted position that is not among the tokens.
    #[error("position {position} is not among the {tokens} tokens given")]
    NoPosition {
        /// The position.
        position: usize,
        /// How many tokens were given.
        tokens: usize,
    },
    /// A branch without a token.
    #[error("a branch has no tokens")]
    EmptyRun,
    /// A tap at a layer, head or token that is not there.
    #[error("there is no such layer, head or token to listen to")]
    NoTap,
    /// The cache belongs to another model.
    #[error("the cache belongs to another model")]
    ForeignCache,
    /// The back end failed.
    #[error("the back end failed: {0}")]
    Backend(String),
}
