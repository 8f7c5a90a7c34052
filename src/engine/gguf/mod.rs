//! The GGUF file format, read as hostile input: nothing is allocated or trusted before it was
//! checked against the length of the file and the caps named here.
//!
//! The layout (version 2 and 3, little endian): magic, version, two counts, key/values, tensor
//! descriptions, padding, tensor data.

mod header;
mod metadata;
mod source;
mod tensors;
mod texts;

pub use metadata::{Metadata, MetadataError, Value};
pub use texts::Texts;

pub(crate) use header::read_header;
pub(crate) use source::{RawTensor, TensorSource};
pub(crate) use tensors::{TensorEntry, TensorTable, kind_name};

/// Tensors in a file. The largest dense models have under two thousand.
pub(crate) const MAX_TENSORS: u64 = 1 << 16;
/// Key/values in a file. Usual are thirty.
pub(crate) const MAX_METADATA: u64 = 1 << 16;
/// Bytes of one string. The longest known are chat templates of some ten thousand.
pub(crate) const MAX_STRING: u64 = 1 << 22;
/// Elements of one array. The largest known are merges, some 500 thousand.
pub(crate) const MAX_ARRAY: u64 = 1 << 24;
/// Dimensions of one tensor, as in ggml itself.
pub(crate) const MAX_DIMENSIONS: u32 = 4;
/// Largest alignment of tensor data. Usual is 32.
pub(crate) const MAX_ALIGNMENT: u64 = 1 << 16;

/// Text out of a file as an error message may show it: escaped and short.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut short: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}
