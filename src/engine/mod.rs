//! GGUF, tokenizer, chat template, decoder and sampler, and sentences as vectors. Knows nothing of
//! interviews.
//!
//! - `gguf`: the file format, read as hostile input
//! - `architecture`: what sets the architectures apart
//! - `config`, `weights`: the shape of a model, and its tensors held to it
//! - `decoder`: the forward pass, once for all architectures
//! - `backend`: the arithmetic, on candle's tensors or on slices
//! - `kernels`: the arithmetic of the CPU
//! - `device`: where a model computes
//! - `model`: the face of all this: [`Model`] and [`KvCache`]
//! - `snapshot`: a cache as bytes, for another process
//! - `tap`: what a model holds of a text before it says a word
//! - `tokenizer`: text to token ids and back
//! - `template`: the model's own text around messages
//! - `stream`: tokens to text as they come
//! - `sampler`: from logits to a token
//! - `sentences`: how alike sentences are, by a model of another kind: [`Embedder`]
//! - `threads`: how many the kernels should use

mod architecture;
mod backend;
mod config;
mod decoder;
mod device;
mod error;
mod gguf;
mod kernels;
mod model;
mod rope;
mod sampler;
mod sentences;
mod snapshot;
mod stream;
mod tap;
mod template;
mod threads;
mod tokenizer;
mod weights;

pub use architecture::Architecture;
pub use device::{Device, DeviceChoice, DeviceError, UnknownDevice};
pub use error::{ForwardError, LoadError, LoadFault};
pub use gguf::{Metadata, MetadataError, Texts, Value};
pub use model::{BackendKind, KvCache, LoadOptions, Model, ModelInfo, read_metadata};
pub use sampler::{Sampler, SamplerOptions};
pub use sentences::{EmbedError, Embedder, SentencesError, SentencesFault, cosine};
pub use stream::TextStream;
pub use tap::{Head, Tap, Tapped, TappedRun};
pub use template::{ChatTemplate, TemplateError};
pub use threads::fastest_threads;
pub use tokenizer::{Special, TokenKind, Tokenizer, TokenizerError, TokenizerModel, Vocabulary};
