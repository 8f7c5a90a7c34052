//! What is fetched and kept under one name: a file, or a folder with a few.

use super::{Digest, HubFile, Licence};

/// What is fetched and kept under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact<'a> {
    /// Its name in the catalogue.
    pub name: &'a str,
    /// Under which terms it may be used.
    pub licence: &'a Licence,
    /// The name of its file or folder on the shelf.
    pub place: String,
    /// Its files, never none; a file that is alone is in no folder.
    pub pieces: Vec<Piece>,
    /// The packages of the Python package index that hold it, for people.
    pub packages: Option<String>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its path on the shelf: `NAME.gguf`, or `NAME/FILE`.
    pub path: String,
    /// Its bytes.
    pub size: u64,
    /// What they hash to.
    pub sha256: Digest,
    /// Where it is on the Hugging Face hub.
    pub hub: Option<HubFile>,
    /// Where its bytes are on the Python package index, in order.
    pub payloads: Vec<Payload>,
}

/// A file within a package of the Python package index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The package: `NAME==VERSION`.
    pub requirement: String,
    /// The file's path in its wheel; where there is none, the largest file.
    pub member: Option<String>,
    /// Its bytes.
    pub size: u64,
}

impl Artifact<'_> {
    /// Bytes of all its files.
    pub fn size(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.size).sum()
    }

    /// What people call one of its files: its path on the shelf, or its name if it is alone.
    pub fn label<'b>(&'b self, piece: &'b Piece) -> &'b str {
        if self.is_folder() { &piece.path } else { self.name }
    }

    /// Whether it is kept in a folder of its own.
    pub(super) fn is_folder(&self) -> bool {
        self.pieces.iter().any(|piece| piece.path != self.place)
    }

    /// Bytes of the largest wheel, taken for as large as what is wanted of it.
    pub(super) fn largest_wheel(&self) -> u64 {
        let payloads = || self.pieces.iter().flat_map(|piece| &piece.payloads);
        let wheel = |requirement: &str| -> u64 {
            payloads().filter(|p| p.requirement == requirement).map(|p| p.size).sum()
        };
        payloads().map(|payload| wheel(&payload.requirement)).max().unwrap_or(0)
    }
}
