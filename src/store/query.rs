//! Reading the table.

use rusqlite::{Connection, OptionalExtension as _, Row as Columns};

use super::row::Row;

/// The id of each session and when it began, newest first: in the order in which they began,
/// whatever the clock said.
pub(super) fn began(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement =
        connection.prepare("SELECT session, at FROM event WHERE seq = 1 ORDER BY rowid DESC")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// The id of the session begun last.
pub(super) fn last(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let newest = "SELECT session FROM event WHERE seq = 1 ORDER BY rowid DESC LIMIT 1";
    connection.query_row(newest, [], |row| row.get(0)).optional()
}

/// The newest few ids that begin with `prefix`, newest first; none for an empty one.
pub(super) fn matching(connection: &Connection, prefix: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT session FROM event
         WHERE seq = 1 AND ?1 <> '' AND substr(session, 1, length(?1)) = ?1
         ORDER BY rowid DESC LIMIT 6",
    )?;
    statement.query_map([prefix], |row| row.get(0))?.collect()
}

/// The rows of a session, in order.
pub(super) fn rows(connection: &Connection, id: &str) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, at, format, body FROM event WHERE session = ?1 ORDER BY seq",
    )?;
    let row = |row: &Columns<'_>| {
        Ok(Row { seq: row.get(0)?, at: row.get(1)?, format: row.get(2)?, body: row.get(3)? })
    };
    statement.query_map([id], row)?.collect()
}
