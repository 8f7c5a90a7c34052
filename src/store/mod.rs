//! The journal of sessions in `SQLite`: one row an event, one transaction a row.
//!
//! A session is its list of events, so the journal is one table that only grows. What a session
//! came to is never stored: whoever wants to know replays the events.
//!
//! # What survives
//!
//! [`Journal::append`] returns when its event is durable. The database runs in write-ahead mode
//! with `synchronous=FULL`, so the log is flushed to the disk at every commit:
//! - a killed process loses nothing that `append` returned for; an event that was being written
//!   is there whole or not at all;
//! - a power cut or a crash of the system loses nothing either, as far as the disk does what a
//!   flush asks of it (on macOS that takes `fullfsync`, which is on).
//!
//! Write-ahead mode needs shared memory, so the file must not lie on a network file system that
//! several machines use at once.
//!
//! # Ids
//!
//! A session's id is six characters of Crockford's base 32 (`7k3fq9`): drawn at random, so that
//! two or three of them already tell sessions apart, and without letters that are mistaken for
//! digits. Typed ids may be prefixes, in any case, with `o` for `0` and `i` or `l` for `1`.

mod connection;
mod error;
mod id;
mod journal;
mod query;
mod row;
mod schema;
mod summary;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;

use crate::interview::Event;

pub use error::StoreError;
pub use id::Which;
pub use journal::Journal;
pub use summary::{About, Outcome, Summary};

/// How long to wait for another process that is writing.
const PATIENCE: Duration = Duration::from_secs(5);

/// The sessions of one user: reads them, and opens journals to write new ones.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    patience: Duration,
    connection: Connection,
}

/// A session as it was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The session's id, in full.
    pub id: String,
    /// When it began.
    pub started: Timestamp,
    /// Everything that happened, in order; the first is `Started`.
    pub events: Vec<Event>,
}

impl Store {
    /// Opens the journal at `path`, and makes folder and file where they are missing, for their
    /// owner's eyes only. A journal of an older version is brought up to date.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_within(path, PATIENCE)
    }

    fn open_within(path: &Path, patience: Duration) -> Result<Self, StoreError> {
        let connection = connection::open(path, patience)?;
        Ok(Self { path: path.to_path_buf(), patience, connection })
    }

    /// Begins a session with its first event, which is on the disk when this returns.
    ///
    /// The journal has a connection of its own: several can write at once, in this process and
    /// in others.
    pub fn begin(&self, opening: &Event) -> Result<Journal, StoreError> {
        let connection = connection::open(&self.path, self.patience)?;
        Journal::begin(connection, self.path.clone(), opening)
    }

    /// Every session, newest first. One that cannot be read does not hide the others.
    pub fn sessions(&self) -> Result<Vec<Summary>, StoreError> {
        let began = query::began(&self.connection).map_err(StoreError::at(&self.path))?;
        began.into_iter().map(|(id, at)| self.summary(id, &at)).collect()
    }

    /// One session with all its events.
    pub fn load(&self, which: &Which) -> Result<Stored, StoreError> {
        let at = StoreError::at(&self.path);
        let id = match which {
            Which::Last => query::last(&self.connection).map_err(at)?.ok_or(StoreError::None)?,
            Which::Id(typed) => {
                let found = query::matching(&self.connection, &id::normal(typed)).map_err(at)?;
                id::only(typed, found)?
            }
        };
        row::stored(id.clone(), &self.rows(&id)?)
    }

    fn summary(&self, id: String, at: &str) -> Result<Summary, StoreError> {
        let started = row::time(at).map_err(|reason| StoreError::unreadable(&id, 1, &reason))?;
        let stored = row::stored(id.clone(), &self.rows(&id)?);
        Ok(Summary { id, started, about: stored.ok().and_then(About::of) })
    }

    fn rows(&self, id: &str) -> Result<Vec<row::Row>, StoreError> {
        query::rows(&self.connection, id).map_err(StoreError::at(&self.path))
    }
}

#[cfg(test)]
mod tests;
