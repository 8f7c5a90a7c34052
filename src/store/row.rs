//! An event as it lies in the table, and back.

use jiff::Timestamp;

use super::{StoreError, Stored};
use crate::interview::Event;

/// The version of an event's JSON. It goes up when a reader of this version would misunderstand
/// what is written, not when an event is added: an unknown name is noticed anyway.
pub(super) const FORMAT: u32 = 1;

/// One row of a session.
pub(super) struct Row {
    pub(super) seq: u32,
    pub(super) at: String,
    pub(super) format: u32,
    pub(super) body: String,
}

/// An event as JSON that is known to read back. JSON has no infinities: without this check such
/// a figure would be found out when the session is wanted, and then it is too late.
pub(super) fn encode(event: &Event) -> Result<String, StoreError> {
    let body = serde_json::to_string(event).map_err(StoreError::Unwritable)?;
    serde_json::from_str::<Event>(&body).map_err(StoreError::Unwritable)?;
    Ok(body)
}

/// A time as it is stored: RFC 3339, UTC, to the millisecond, so that text sorts as time does.
pub(super) fn stamp(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// A time as it was stored.
pub(super) fn time(at: &str) -> Result<Timestamp, jiff::Error> {
    at.parse()
}

/// Puts a session together from its rows, which come in order.
pub(super) fn stored(id: String, rows: &[Row]) -> Result<Stored, StoreError> {
    let first = rows.first().ok_or_else(|| StoreError::Unknown(id.clone()))?;
    let started = time(&first.at).map_err(|e| StoreError::unreadable(&id, 1, &e))?;
    let events = rows.iter().zip(1..).map(|(row, seq)| event(&id, row, seq));
    let events = events.collect::<Result<_, _>>()?;
    Ok(Stored { id, started, events })
}

/// The event in a row, which has to be the one numbered `seq`.
fn event(id: &str, row: &Row, seq: u32) -> Result<Event, StoreError> {
    if row.seq != seq {
        let reason = format!("it is missing, event {} follows", row.seq);
        return Err(StoreError::unreadable(id, seq, &reason));
    }
    if row.format > FORMAT {
        return Err(StoreError::NewerEvent { id: id.to_owned(), seq });
    }
    serde_json::from_str(&row.body).map_err(|error| StoreError::unreadable(id, seq, &error))
}
