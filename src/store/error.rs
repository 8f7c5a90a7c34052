//! What can go wrong with the journal, and what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ffi::ErrorCode;

/// Why the journal could not be read or written. [`Display`](fmt::Display) says what and
/// where, [`remedy`](StoreError::remedy) what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or the file could not be made.
    #[error("cannot create {}: {source}", .path.display())]
    Create {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be written to, or nothing can be laid beside it.
    #[error("the journal {} and its folder cannot be written to", .0.display())]
    ReadOnly(PathBuf),
    /// No space is left.
    #[error("no space is left for the journal {}", .0.display())]
    Full(PathBuf),
    /// Another process holds the journal.
    #[error("the journal {} is locked by another process", .0.display())]
    Locked(PathBuf),
    /// The file is no journal, or no longer a whole one.
    #[error("the journal {} is damaged: {source}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What `SQLite` found.
        source: rusqlite::Error,
    },
    /// The file is of a newer version of this program.
    #[error(
        "the journal {} is of version {found}, this program reads up to version {known}",
        .path.display()
    )]
    NewerFile {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// Any other failure of the database.
    #[error("the journal {}: {source}", .path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What `SQLite` reports.
        source: rusqlite::Error,
    },
    /// The thread that writes could not be started, or is gone.
    #[error("the thread that writes the journal {} is not running", .0.display())]
    Stopped(PathBuf),
    /// An event that could not be read back if it were written, such as one with a figure that
    /// is not a number.
    #[error("an event cannot be put into the journal: {0}")]
    Unwritable(serde_json::Error),
    /// An event was written by a newer version.
    #[error("event {seq} of session {id} was written by a newer version")]
    NewerEvent {
        /// The session.
        id: String,
        /// The event's number, from 1.
        seq: u32,
    },
    /// An event is not what this version writes.
    #[error("event {seq} of session {id} cannot be read: {reason}")]
    Unreadable {
        /// The session.
        id: String,
        /// The event's number, from 1.
        seq: u32,
        /// What is wrong with it.
        reason: String,
    },
    /// No session has the id.
    #[error("there is no session {0:?}")]
    Unknown(String),
    /// Several sessions have ids that begin so.
    #[error("{typed:?} could be session {}", .ids.join(" or "))]
    Ambiguous {
        /// What was typed.
        typed: String,
        /// The newest few ids that begin with it.
        ids: Vec<String>,
    },
    /// There are no sessions.
    #[error("there are no sessions yet")]
    None,
}

impl StoreError {
    /// What to do about it, as an imperative sentence without a full stop.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Create { .. } | Self::ReadOnly(_) => {
                "make them writable, or set VIVA_HOME to a folder that is"
            }
            Self::Full(_) => "free some space and try again; what was said before is kept",
            Self::Locked(_) => "close the program that holds it and try again",
            Self::Damaged { .. } => {
                "move it away to begin a new one; `sqlite3 FILE .recover` may save what it holds"
            }
            Self::NewerFile { .. } | Self::NewerEvent { .. } => {
                "update viva; nothing in the journal was changed"
            }
            Self::Unreadable { .. } => {
                "update viva if a newer one wrote it; nothing in the journal was changed"
            }
            Self::Database { .. } => "check the disk and the folder's permissions, then try again",
            Self::Stopped(_) | Self::Unwritable(_) => {
                "report this with the version of viva; what was said before is kept"
            }
            Self::Unknown(_) => "see `viva sessions list`",
            Self::Ambiguous { .. } => "type more of it",
            Self::None => "begin one with `viva`",
        }
    }

    /// Event `seq` of session `id` makes no sense, and why.
    pub(super) fn unreadable(id: &str, seq: u32, reason: &impl fmt::Display) -> Self {
        Self::Unreadable { id: id.to_owned(), seq, reason: reason.to_string() }
    }

    /// Turns what the system reports about making `path` into what it means for the user.
    pub(super) fn create(path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        if source.kind() == io::ErrorKind::StorageFull {
            return Self::Full(path);
        }
        Self::Create { path, source }
    }

    /// Turns what `SQLite` reports about the file at `path` into what it means for the user.
    pub(super) fn at(path: &Path) -> impl Fn(rusqlite::Error) -> Self + Copy {
        move |source| {
            let path = path.to_path_buf();
            // The list of codes is SQLite's and grows: what is not told apart stays as reported.
            match source.sqlite_error_code() {
                Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                    Self::ReadOnly(path)
                }
                Some(ErrorCode::DiskFull) => Self::Full(path),
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked(path),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                    Self::Damaged { path, source }
                }
                _ => Self::Database { path, source },
            }
        }
    }
}
