//! What a fetch tells about itself while it runs.

use std::path::Path;
use std::time::Duration;

use super::SourceError;

/// Hears how a fetch goes on. Called often: should return at once.
pub trait Progress: Send + Sync {
    /// Something happened.
    fn report(&self, event: Event<'_>);
}

/// What happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// Another process fetches the same file; we wait for it.
    Waiting {
        /// The file.
        path: &'a Path,
    },
    /// What is there already of a file is hashed.
    Checking {
        /// The file.
        path: &'a Path,
        /// Its bytes.
        size: u64,
    },
    /// A source is being asked.
    Trying {
        /// The source, for people.
        source: &'a str,
        /// Where the file will be.
        to: &'a Path,
        /// Bytes of the whole file.
        size: u64,
        /// Bytes that are there already.
        have: u64,
    },
    /// One of several parts is being fetched; its bytes come when it is there.
    Part {
        /// Which, counted from 1.
        n: usize,
        /// Of how many.
        of: usize,
    },
    /// So many bytes are there now; less than before where some turned out wrong.
    Have(u64),
    /// A connection broke and is taken up again.
    Retrying {
        /// What broke it.
        reason: &'a SourceError,
        /// How long we wait first.
        after: Duration,
    },
    /// A source is given up.
    Failed {
        /// The source, for people.
        source: &'a str,
        /// Why.
        reason: &'a SourceError,
        /// The source that is tried next.
        next: Option<&'a str>,
    },
    /// The file is there and right.
    Landed {
        /// The file.
        path: &'a Path,
    },
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn report(&self, _event: Event<'_>) {}
}
