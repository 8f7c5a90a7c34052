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

/// Puts a session together from its rows, which come in order.
pub(super) fn stored(id: String, rows: &[Row]) -> Result<Stored, StoreError> {
    let mut started = None;
    let mut events = Vec::with_capacity(rows.len());
    for (row, seq) in rows.iter().zip(1..) {
        let unreadable = |reason| StoreError::Unreadable { id: id.clone(), seq, reason };
        if row.seq != seq {
            return Err(unreadable(format!("it is missing, event {} follows", row.seq)));
        }
        if row.format > FORMAT {
            return Err(StoreError::NewerEvent { id, seq });
        }
        let at: Timestamp = row.at.parse().map_err(|e: jiff::Error| unreadable(e.to_string()))?;
        started.get_or_insert(at);
        events.push(serde_json::from_str(&row.body).map_err(|e| unreadable(e.to_string()))?);
    }
    let started = started.ok_or_else(|| StoreError::Unknown(id.clone()))?;
    Ok(Stored { id, started, events })
}
