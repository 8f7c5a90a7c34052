//! What the tests of the journal share.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use vivavoce::interview::Event;
use vivavoce::store::Store;

/// A folder that goes away with the test, and where the journal is in it.
pub(crate) fn home() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("viva.db");
    (folder, path)
}

pub(crate) fn open(path: &Path) -> Store {
    Store::open(path).unwrap()
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

fn event(value: Value) -> Event {
    serde_json::from_value(value).unwrap()
}

/// A question with nothing to listen for.
pub(crate) fn question(say: &str) -> Value {
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
