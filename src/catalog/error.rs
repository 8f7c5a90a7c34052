//! Why a model could not be had.

use std::fmt::Write as _;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use super::{Digest, human_bytes};

/// Why a fetch failed altogether.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// There is not enough room.
    #[error(
        "there is not enough room in {}: fetching {name} takes {}, {} are free, so {} are missing",
        .folder.display(), human_bytes(*.needed), human_bytes(*.free),
        human_bytes(.needed - .free)
    )]
    NoSpace {
        /// The model.
        name: String,
        /// Where room was looked for.
        folder: PathBuf,
        /// Bytes needed, beyond what is there already.
        needed: u64,
        /// Bytes free.
        free: u64,
    },
    /// The file system would not do as told.
    #[error("cannot {doing} {}: {cause}", .path.display())]
    Disk {
        /// What was tried: "write".
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Every source failed.
    #[error("cannot fetch {name}{}", each(.tried))]
    NoSource {
        /// The model.
        name: String,
        /// The sources in the order in which they were tried.
        tried: Vec<Tried>,
    },
    /// The runtime that a blocking call needs could not start.
    #[error("cannot start the runtime: {0}")]
    Runtime(io::Error),
}

/// A source that failed.
#[derive(Debug)]
pub struct Tried {
    /// The source, for people.
    pub source: String,
    /// Why it failed.
    pub reason: SourceError,
}

fn each(tried: &[Tried]) -> String {
    tried.iter().fold(String::new(), |mut text, t| {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  {}: {}", t.source, t.reason);
        text
    })
}

/// Why one source failed. The sentence goes on after the source's name.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It does not have the file.
    #[error("not there")]
    Absent,
    /// It has the file and does not let us read or copy it.
    #[error("cannot be copied ({0})")]
    Unreadable(io::Error),
    /// The user wants no network.
    #[error("not asked, because {0}")]
    Offline(&'static str),
    /// No connection.
    #[error("cannot be reached ({0})")]
    Unreachable(String),
    /// No answer in time.
    #[error("gives no answer within {} s", .0.as_secs_f32())]
    Silent(Duration),
    /// It wants to know who asks.
    #[error(
        "refuses ({status}); accept the model's terms on the hub in a browser and set HF_TOKEN \
         to a token of yours"
    )]
    Gated {
        /// The HTTP status.
        status: u16,
    },
    /// It does not have the file, and says so.
    #[error("has no such file ({status})")]
    NotFound {
        /// The HTTP status.
        status: u16,
    },
    /// Any other refusal.
    #[error("answers {0}")]
    Status(String),
    /// An answer that makes no sense.
    #[error("does not speak as a hub should: {0}")]
    Protocol(String),
    /// The connection breaks, time and again.
    #[error("breaks off ({0}); what came is kept, so asking again goes on from there")]
    Broken(String),
    /// It is another file.
    #[error("gives {found} bytes where {expected} are expected, so it is not this file")]
    WrongSize {
        /// Bytes it has; at least so many where it has too many.
        found: u64,
        /// Bytes of the catalogue.
        expected: u64,
    },
    /// It is another file, or a damaged one.
    #[error("gives a file with SHA-256 {found} where {expected} is expected, so it is not used")]
    WrongDigest {
        /// What came.
        found: Digest,
        /// What the catalogue says.
        expected: Digest,
    },
    /// There is no Python, or it is broken.
    #[error("needs {python}, which cannot be started ({cause}); install Python 3 with pip")]
    NoPython {
        /// The program.
        python: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Python has no pip.
    #[error(
        "needs pip, which {python} does not have; install it (`{python} -m ensurepip`, or the system's python3-pip)"
    )]
    NoPip {
        /// The program.
        python: String,
    },
    /// pip would not.
    #[error("gives pip no {requirement}: {said}")]
    Pip {
        /// `NAME==VERSION`.
        requirement: String,
        /// Its last words.
        said: String,
    },
    /// A package that does not hold what it should.
    #[error("gives a {requirement} that does not hold what is expected: {what}")]
    BadPart {
        /// `NAME==VERSION`.
        requirement: String,
        /// What is wrong.
        what: String,
    },
}

/// Ends the work on a source: either the next may do better, or nothing can.
#[derive(Debug)]
pub(super) enum Setback {
    Source(SourceError),
    Stop(FetchError),
}

impl From<SourceError> for Setback {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

impl From<FetchError> for Setback {
    fn from(error: FetchError) -> Self {
        Self::Stop(error)
    }
}

/// Says of an error of the file system what was tried and where.
pub(super) fn disk(
    doing: &'static str,
    path: impl Into<PathBuf>,
) -> impl FnOnce(io::Error) -> FetchError {
    let path = path.into();
    move |cause| FetchError::Disk { doing, path, cause }
}
