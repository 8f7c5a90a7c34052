//! Writing a session down as it happens.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::row::{FORMAT, encode, stamp};
use super::{StoreError, id};
use crate::interview::Event;

/// How often an id is drawn before a taken one counts as a failure.
const DRAWS: u32 = 8;

/// The one writer of a session.
///
/// A thread owns the connection, so that a caller which is interrupted between asking and being
/// answered leaves no transaction half done. Dropping the journal waits for the thread and closes
/// the file.
#[derive(Debug)]
pub struct Journal {
    id: String,
    path: PathBuf,
    requests: Option<SyncSender<Request>>,
    writer: Option<JoinHandle<()>>,
}

/// An event's JSON, and where to say that it is on the disk.
struct Request {
    body: String,
    done: SyncSender<Result<(), StoreError>>,
}

impl Journal {
    pub(super) fn begin(
        connection: Connection,
        path: PathBuf,
        opening: &Event,
    ) -> Result<Self, StoreError> {
        let body = encode(opening)?;
        let id = open_session(&connection, &body, id::draw).map_err(StoreError::at(&path))?;
        let (requests, incoming) = sync_channel(1);
        let session = Session { connection, path: path.clone(), id: id.clone(), next: 2 };
        let writer = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || session.serve(&incoming))
            .map_err(|_| StoreError::Stopped(path.clone()))?;
        Ok(Self { id, path, requests: Some(requests), writer: Some(writer) })
    }

    /// The session's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Adds an event, which is on the disk when this returns. Blocks for as long as the disk
    /// takes, or while another process writes.
    ///
    /// After an error the journal can still be used: the next event takes the place of this one.
    pub fn append(&mut self, event: &Event) -> Result<(), StoreError> {
        let body = encode(event)?;
        let (done, outcome) = sync_channel(1);
        let sent = self.requests.as_ref().map(|r| r.send(Request { body, done }));
        match (sent, outcome.recv()) {
            (Some(Ok(())), Ok(outcome)) => outcome,
            _ => Err(StoreError::Stopped(self.path.clone())),
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        drop(self.requests.take());
        if let Some(writer) = self.writer.take() {
            // It has said what it had to say to whoever asked.
            let _ = writer.join();
        }
    }
}

/// What the writing thread owns.
struct Session {
    connection: Connection,
    path: PathBuf,
    id: String,
    next: u32,
}

impl Session {
    fn serve(mut self, requests: &Receiver<Request>) {
        for Request { body, done } in requests {
            let outcome = self.write(&body);
            // Whoever asked may have gone; the event is written all the same.
            let _ = done.send(outcome);
        }
    }

    fn write(&mut self, body: &str) -> Result<(), StoreError> {
        insert(&self.connection, &self.id, self.next, body).map_err(StoreError::at(&self.path))?;
        self.next += 1;
        Ok(())
    }
}

/// Writes the first event under an id that is not taken, and returns the id.
pub(super) fn open_session(
    connection: &Connection,
    body: &str,
    mut draw: impl FnMut() -> String,
) -> rusqlite::Result<String> {
    let mut draws = DRAWS;
    loop {
        let id = draw();
        draws -= 1;
        match insert(connection, &id, 1, body) {
            Err(error) if taken(&error) && draws > 0 => {}
            outcome => return outcome.map(|()| id),
        }
    }
}

/// A statement by itself is a transaction: when this returns, it is committed.
fn insert(connection: &Connection, id: &str, seq: u32, body: &str) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO event (session, seq, at, format, body) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let at = stamp(Timestamp::now());
    statement.execute(params![id, seq, at, FORMAT, body]).map(|_| ())
}

fn taken(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
}
