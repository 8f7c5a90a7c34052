//! What the tests of the journal share.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use vivavoce::interview::Event;
use vivavoce::store::{Store, StoreError};

/// A folder that goes away with the test, and where the journal is in it.
pub(crate) fn home() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("viva.db");
    (folder, path)
}

pub(crate) fn open(path: &Path) -> Store {
    Store::open(path).unwrap()
}

/// Why `path` cannot be opened, and the message a user would read.
pub(crate) fn refused(path: &Path) -> (StoreError, String) {
    let error = Store::open(path).and_then(|store| store.sessions()).unwrap_err();
    let message = error.to_string();
    (error, message)
}

/// The first event of a session about a question that asks `say`.
pub(crate) fn opening(say: &str) -> Event {
    event(json!({
        "event": "started",
        "question": question(say),
        "seed": 7,
        "options": { "followups": 3 },
        "model": { "name": "none", "sha256": "", "calibrated": false },
        "bank": "",
    }))
}

pub(crate) fn answer(text: &str) -> Event {
    Event::Answered { text: text.to_owned() }
}

pub(crate) fn reviewed() -> Event {
    Event::Reviewed { mistakes: Vec::new() }
}

/// The first event of a session about a round of questions.
pub(crate) fn round(says: &[&str]) -> Event {
    let Event::Started(mut opening) = opening("A round") else { unreachable!() };
    let parts = says.iter().map(|say| question(say)).collect::<Vec<_>>();
    opening.question.parts = serde_json::from_value(Value::Array(parts)).unwrap();
    Event::Started(opening)
}

fn event(value: Value) -> Event {
    serde_json::from_value(value).unwrap()
}

fn question(say: &str) -> Value {
    json!({
        "id": "scaling-regret",
        "say": say,
        "kind": "behavioural",
        "competencies": [],
        "level": "senior",
        "minutes": 6,
        "framework": { "id": "star", "name": "STAR", "when": "", "heard": "", "steps": [] },
        "terms": [],
        "outline": [],
        "looks_for": [],
        "key_points": [],
        "mistakes": [],
        "probes": [],
        "example": [],
        "parts": [],
    })
}
