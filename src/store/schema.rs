//! The table, and how older files become newer ones.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Each takes a file from the version that is its index to the next, in a transaction of its
/// own. What has been released is never edited: a change is a new entry.
const MIGRATIONS: &[&str] = &[EVENTS];

const EVENTS: &str = "
    CREATE TABLE event (
        session TEXT NOT NULL,                          -- the id
        seq     INTEGER NOT NULL,                       -- 1, 2, 3… within the session
        at      TEXT NOT NULL,                          -- RFC 3339, UTC
        format  INTEGER NOT NULL,                       -- the version of body's format
        body    TEXT NOT NULL CHECK (json_valid(body)), -- the event
        UNIQUE (session, seq)
    ) STRICT;
";

/// Brings the file up to date.
///
/// Each step asks for the version again once it holds the write lock: another process may be
/// doing the same.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    while version(connection)? < known() {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version = version(&transaction)?;
        if let Some(step) = MIGRATIONS.get(version as usize) {
            transaction.execute_batch(step)?;
            transaction.pragma_update(None, "user_version", version + 1)?;
        }
        transaction.commit()?;
    }
    Ok(())
}

/// Refuses a file that a newer version wrote, before anything in it is touched.
pub(super) fn check(connection: &Connection, path: &std::path::Path) -> Result<(), StoreError> {
    let found = version(connection).map_err(StoreError::at(path))?;
    if found > known() {
        return Err(StoreError::NewerFile { path: path.to_path_buf(), found, known: known() });
    }
    Ok(())
}

fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

const fn known() -> u32 {
    MIGRATIONS.len() as u32
}
