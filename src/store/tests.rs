//! What takes a look inside: provoked failures. The rest is in `tests/store.rs`.

use proptest::prelude::*;

use super::*;
use crate::domain::{Finding, Gate, Group, Verdict};
use crate::interview::Judgement;
use crate::store::row::FORMAT;

/// A connection of its own, a store that does not wait, and the folder they are in.
fn fixture() -> (tempfile::TempDir, Store, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("viva.db");
    let store = Store::open_within(&path, Duration::ZERO).unwrap();
    let connection = connection::open(&path, Duration::ZERO).unwrap();
    (folder, store, connection)
}

fn answer(text: &str) -> Event {
    Event::Answered { text: text.to_owned() }
}

fn judged(probability: f32) -> Event {
    let finding = Finding {
        group: Group::LooksFor,
        criterion: "diagnosis".to_owned(),
        verdict: Verdict::Unsure,
        probability,
        evidence: Vec::new(),
    };
    Event::Judged(Judgement { gate: Gate::answer(), findings: vec![finding] })
}

#[test]
fn a_full_disk_is_named_keeps_what_was_said_and_can_be_recovered_from() {
    let (_folder, store, connection) = fixture();
    connection.pragma_update(None, "max_page_count", 12).unwrap();
    let mut journal = Journal::begin(connection, store.path.clone(), &Event::Skipped).unwrap();

    let long = answer(&"words ".repeat(500));
    let mut kept = vec![Event::Skipped];
    let error = loop {
        match journal.append(&long) {
            Ok(()) => kept.push(long.clone()),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Full(_)), "{error}");
    assert!(kept.len() > 1);
    assert_eq!(store.load(&Which::Last).unwrap().events, kept);

    journal.append(&Event::Left).expect("a short event still fits");
    kept.push(Event::Left);
    assert_eq!(store.load(&Which::Last).unwrap().events, kept);
}

#[test]
fn a_writer_that_another_process_shuts_out_says_so_and_goes_on_later() {
    let (_folder, store, other) = fixture();
    let mut journal = store.begin(&Event::Skipped).unwrap();

    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(journal.append(&answer("one")), Err(StoreError::Locked(_))));
    assert!(matches!(store.begin(&Event::Skipped), Err(StoreError::Locked(_))));

    other.execute_batch("ROLLBACK").unwrap();
    journal.append(&answer("two")).unwrap();
    assert_eq!(store.load(&Which::Last).unwrap().events, [Event::Skipped, answer("two")]);
}

#[test]
fn a_file_that_is_locked_while_it_is_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("viva.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = Store::open_within(&path, Duration::ZERO).unwrap_err();
    assert!(matches!(error, StoreError::Locked(_)), "{error}");
}

#[test]
fn a_taken_id_is_drawn_again_but_not_for_ever() {
    let (_folder, _store, connection) = fixture();
    let mut draws = ["aaaaaa", "aaaaaa", "bbbbbb"].into_iter();
    let open = |draw: &mut dyn FnMut() -> String| {
        journal::open_session(&connection, "{\"event\":\"skipped\"}", draw)
    };
    assert_eq!(open(&mut || draws.next().unwrap().to_owned()).unwrap(), "aaaaaa");
    assert_eq!(open(&mut || draws.next().unwrap().to_owned()).unwrap(), "bbbbbb");
    assert!(open(&mut || "aaaaaa".to_owned()).is_err());
}

#[test]
fn events_this_version_does_not_know_are_refused_and_left_alone() {
    let (_folder, store, connection) = fixture();
    for (id, format, body) in [
        ("aaaaaa", FORMAT, r#"{"event":"sang","song":"la"}"#),
        ("bbbbbb", FORMAT + 1, r#"{"event":"skipped"}"#),
    ] {
        connection
            .execute(
                "INSERT INTO event (session, seq, at, format, body)
                 VALUES (?1, 1, '2026-01-02T03:04:05.000Z', ?2, ?3)",
                (id, format, body),
            )
            .unwrap();
    }
    let error = |id: &str| store.load(&Which::Id(id.to_owned())).unwrap_err().to_string();
    assert!(error("a").starts_with("event 1 of session aaaaaa cannot be read: unknown variant"));
    assert_eq!(error("b"), "event 1 of session bbbbbb was written by a newer version");

    let listed = store.sessions().unwrap();
    assert_eq!(listed.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["bbbbbb", "aaaaaa"]);
    assert!(listed.iter().all(|s| s.about.is_none()));
}

#[test]
fn an_event_that_went_missing_is_noticed() {
    let (_folder, store, connection) = fixture();
    let mut journal = store.begin(&Event::Skipped).unwrap();
    journal.append(&answer("one")).unwrap();
    journal.append(&answer("two")).unwrap();
    connection.execute("DELETE FROM event WHERE seq = 2", []).unwrap();
    assert!(matches!(store.load(&Which::Last), Err(StoreError::Unreadable { seq: 2, .. })));
}

#[test]
fn a_figure_that_is_no_number_is_refused_before_it_spoils_the_session() {
    let (_folder, store, _connection) = fixture();
    let mut journal = store.begin(&Event::Skipped).unwrap();
    assert!(matches!(journal.append(&judged(f32::NAN)), Err(StoreError::Unwritable(_))));
    journal.append(&judged(0.5)).unwrap();
    assert_eq!(store.load(&Which::Last).unwrap().events, [Event::Skipped, judged(0.5)]);
}

#[test]
fn ids_are_read_as_people_type_them() {
    assert_eq!("Last".parse(), Ok(Which::Last));
    assert_eq!("7K3FQ9".parse(), Ok(Which::Id("7K3FQ9".to_owned())));
    assert_eq!(id::normal("7K3FQ9"), "7k3fq9");
    assert_eq!(id::normal("oIl"), "011");
}

#[test]
fn a_drawn_id_is_read_back_as_itself() {
    for _ in 0..1000 {
        let id = id::draw();
        assert_eq!(id.len(), 6);
        assert_eq!(id::normal(&id), id);
    }
}

proptest! {
    #[test]
    fn what_is_encoded_is_read_back_exactly(text: String, probability in any::<f32>()) {
        prop_assume!(probability.is_finite());
        for event in [answer(&text), judged(probability)] {
            let body = row::encode(&event).unwrap();
            prop_assert_eq!(serde_json::from_str::<Event>(&body).unwrap(), event);
        }
    }
}

#[test]
fn many_may_make_the_file_at_the_same_moment() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("viva.db");
        let gate = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    gate.wait();
                    Store::open(&path).unwrap().begin(&Event::Skipped).unwrap();
                });
            }
        });
        assert_eq!(Store::open(&path).unwrap().sessions().unwrap().len(), 8);
    }
}
