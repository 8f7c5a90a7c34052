//! The journal as the rest of the program sees it.

mod processes;
mod support;

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;
use support::{answer, home, open, opening, question};
use vivavoce::domain::Gate;
use vivavoce::interview::{Event, Judgement};
use vivavoce::store::{Outcome, Store, StoreError, Which};

fn by(id: &str) -> Which {
    id.parse().unwrap()
}

/// Why `path` cannot be opened, and the message a user would read.
fn refused(path: &Path) -> (StoreError, String) {
    let error = Store::open(path).and_then(|store| store.sessions()).unwrap_err();
    let message = error.to_string();
    (error, message)
}

fn judged() -> Event {
    Event::Judged(Judgement { gate: Gate::answer(), findings: Vec::new() })
}

fn reviewed() -> Event {
    Event::Reviewed { findings: Vec::new(), mistakes: Vec::new() }
}

/// The first event of a session about a round of questions.
fn round(says: &[&str]) -> Event {
    let Event::Started(mut opening) = opening("A round") else { unreachable!() };
    let parts = says.iter().map(|say| question(say)).collect::<Vec<_>>();
    opening.question.parts = serde_json::from_value(Value::Array(parts)).unwrap();
    Event::Started(opening)
}

#[test]
fn what_is_appended_is_read_back_by_another_store() {
    let (_home, path) = home();
    let store = open(&path);
    let mut journal = store.begin(&opening("Why?")).unwrap();
    let said = [answer("Because.\n\u{1b}[31m<|im_end|> 'quoted' \u{0}"), Event::HintAsked];
    for event in &said {
        journal.append(event).unwrap();
        // Through another connection, while the journal is open: it is committed, not pending.
        assert_eq!(open(&path).load(&Which::Last).unwrap().events.last(), Some(event));
    }
    let stored = open(&path).load(&by(journal.id())).unwrap();
    assert_eq!(stored.id, journal.id());
    assert_eq!(stored.events, [opening("Why?"), said[0].clone(), said[1].clone()]);
}

#[test]
fn the_list_has_the_newest_first_and_tells_how_each_ended() {
    let (_home, path) = home();
    let store = open(&path);
    let sessions: [(Event, Vec<Event>, usize, Outcome); 7] = [
        (opening("a"), vec![answer("1"), judged()], 1, Outcome::Open),
        (opening("b"), vec![answer("1"), Event::Left], 1, Outcome::Left),
        (opening("c"), vec![Event::Ended], 0, Outcome::Finished),
        (opening("d"), vec![Event::Skipped, Event::Left], 0, Outcome::Finished),
        (opening("e"), vec![answer("1"), judged(), reviewed()], 1, Outcome::Finished),
        (round(&["x", "y"]), vec![answer("1"), judged(), reviewed()], 1, Outcome::Open),
        (round(&["x", "y"]), vec![Event::Skipped, answer("2"), Event::TimeUp], 1, Outcome::Open),
    ];
    for (opening, events, ..) in &sessions {
        let mut journal = store.begin(opening).unwrap();
        for event in events {
            journal.append(event).unwrap();
        }
    }
    let about = store.sessions().unwrap().into_iter().rev().map(|s| s.about.unwrap());
    let about: Vec<_> = about.collect();
    let told = about.iter().map(|a| (a.answers, a.outcome));
    assert!(told.eq(sessions.iter().map(|(_, _, answers, outcome)| (*answers, *outcome))));
    let says = about.iter().map(|a| a.say.as_str());
    assert!(says.eq(["a", "b", "c", "d", "e", "A round", "A round"]));
    assert!(about.iter().all(|a| a.question == "scaling-regret" && a.model == "none"));
}

#[test]
fn sessions_are_found_by_unique_prefix() {
    let (_home, path) = home();
    let store = open(&path);
    assert!(matches!(store.load(&Which::Last), Err(StoreError::None)));
    assert!(matches!(store.load(&by("a")), Err(StoreError::Unknown(_))));

    // Of 33 ids over 32 characters two begin alike.
    let ids: Vec<_> =
        (0..33).map(|n| store.begin(&opening(&n.to_string())).unwrap().id().to_owned()).collect();
    for id in &ids {
        let others = |n| ids.iter().filter(|other| other[..n] == id[..n]).count() > 1;
        let unique = (1..=6).find(|n| !others(*n)).unwrap();
        let typed = id[..unique].to_uppercase();
        assert_eq!(store.load(&by(&typed)).unwrap().id, *id);
    }
    assert_eq!(store.load(&Which::Last).unwrap().id, ids[32]);
    let shared = (0..33).find(|i| ids[..*i].iter().any(|o| o[..1] == ids[*i][..1])).unwrap();
    let shared = &ids[shared][..1];
    let error = store.load(&by(shared)).unwrap_err();
    let StoreError::Ambiguous { ids, .. } = &error else { panic!("{error}") };
    assert!(ids.len() > 1 && ids.iter().all(|id| id.starts_with(shared)));
    assert_eq!(error.to_string(), format!("{shared:?} could be session {}", ids.join(" or ")));
    assert!(matches!(store.load(&by("")), Err(StoreError::Unknown(_))));
}

#[cfg(unix)]
#[test]
fn folder_and_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (home, _) = home();
    let folder = home.path().join("a/b");
    let store = open(&folder.join("viva.db"));
    let _journal = store.begin(&opening("Why?")).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let modes: Vec<_> = files.map(|file| mode(&file)).collect();
    assert_eq!(modes, [0o600; 3], "the database, its log and its shared memory");
}

#[test]
fn a_file_whose_making_was_cut_short_opens() {
    let (_home, path) = home();
    fs::write(&path, "").unwrap();
    open(&path).begin(&opening("after an empty file")).unwrap();

    fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().pragma_update(None, "journal_mode", "wal").unwrap();
    open(&path).begin(&opening("after a file without its table")).unwrap();
    assert_eq!(open(&path).sessions().unwrap().len(), 1);
}

#[test]
fn a_newer_file_is_refused_and_left_as_it_was() {
    let (_home, path) = home();
    drop(open(&path));
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(&path).unwrap();
    let (error, message) = refused(&path);
    assert!(matches!(error, StoreError::NewerFile { found: 99, .. }), "{message}");
    assert!(message.ends_with("is of version 99, this program reads up to version 1"));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_was() {
    let (_home, path) = home();
    let letter = "Dear diary, this is no database.\n".repeat(100);
    fs::write(&path, &letter).unwrap();
    let (error, message) = refused(&path);
    assert!(matches!(error, StoreError::Damaged { .. }), "{message}");
    assert!(message.contains(path.to_str().unwrap()), "{message}");
    assert_eq!(fs::read_to_string(&path).unwrap(), letter);
}

#[test]
fn rows_overwritten_or_cut_off_are_named() {
    let (_home, path) = home();
    let store = open(&path);
    let mut journal = store.begin(&opening("Why?")).unwrap();
    for _ in 0..50 {
        journal.append(&answer(&"words ".repeat(100))).unwrap();
    }
    drop((journal, store));
    // The first page holds the schema, the others hold the rows.
    let whole = fs::read(&path).unwrap();
    let (schema, rows) = whole.split_at(4096);
    let half = &whole[..whole.len() / 2];
    for damaged in [&[schema, &vec![0xa5; rows.len()]].concat(), half] {
        fs::write(&path, damaged).unwrap();
        let (error, message) = refused(&path);
        assert!(matches!(error, StoreError::Damaged { .. }), "{message}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let (home, path) = home();
    fs::write(&path, "").unwrap();
    let (error, message) = refused(&path.join("viva.db"));
    assert!(matches!(error, StoreError::Create { .. }), "{message}");
    assert!(message.contains(home.path().to_str().unwrap()), "{message}");
}

#[test]
fn a_store_may_move_to_another_thread_and_so_may_a_journal() {
    let (_home, path) = home();
    let store = open(&path);
    let mut journal = store.begin(&opening("Why?")).unwrap();
    let writing = std::thread::spawn(move || journal.append(&answer("elsewhere")));
    writing.join().unwrap().unwrap();
    let reading = std::thread::spawn(move || Store::load(&store, &Which::Last));
    assert_eq!(reading.join().unwrap().unwrap().events[1], answer("elsewhere"));
}
