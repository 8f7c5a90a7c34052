//! The journal when processes die, and when there are several.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rusqlite::Connection;
use vivavoce::domain::Seed;
use vivavoce::interview::Event;
use vivavoce::store::{Stored, Which};

use crate::support::{answer, home, open, opening};

const DATABASE: &str = "VIVA_TEST_DATABASE";
const EVENTS: &str = "VIVA_TEST_EVENTS";

/// What a child says: this many events of this session are in the journal.
type Acknowledged = Option<(String, usize)>;

/// Not a test: what the others start, and some of them kill. It writes one session as fast as it
/// can and acknowledges each event when `append` has returned.
#[test]
#[ignore = "the process that other tests start"]
fn child() {
    let path = std::env::var_os(DATABASE).expect("set by the tests that start this");
    let events: usize = std::env::var(EVENTS).unwrap().parse().unwrap();
    let mut journal = open(Path::new(&path)).begin(&opening("Why?")).unwrap();
    for n in 1..=events {
        if n > 1 {
            journal.append(&nth(n)).unwrap();
        }
        // In one piece, so that a reader sees a whole line or none.
        std::io::stderr().write_all(format!("{} {n}\n", journal.id()).as_bytes()).unwrap();
    }
}

fn nth(n: usize) -> Event {
    if n == 1 { opening("Why?") } else { answer(&format!("answer {n} ").repeat(n % 100)) }
}

fn spawn(path: &Path, events: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "processes::child", "--ignored", "--nocapture"])
        .env(DATABASE, path)
        .env(EVENTS, events.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Starts a child, kills it `delay` after it acknowledged `events`, and says what it had
/// acknowledged by then.
fn kill(path: &Path, events: usize, delay: Duration) -> Acknowledged {
    let mut child = spawn(path, usize::MAX);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut last = lines.by_ref().take(events).last();
    std::thread::sleep(delay);
    child.kill().unwrap();
    last = lines.last().or(last);
    child.wait().unwrap();
    last.map(|line| acknowledged(&line))
}

fn acknowledged(line: &str) -> (String, usize) {
    let said = line.split_once(' ').and_then(|(id, n)| Some((id.to_owned(), n.parse().ok()?)));
    said.unwrap_or_else(|| panic!("the child failed: {line}"))
}

/// The events are those written, in order, and at least those acknowledged; one more may have
/// been committed before its acknowledgement.
fn assert_kept(stored: &Stored, acknowledged: usize) {
    let kept = stored.events.len();
    assert!((acknowledged..=acknowledged + 1).contains(&kept), "{kept} of {acknowledged}");
    assert!(stored.events.iter().zip(1..).all(|(event, n)| *event == nth(n)));
}

fn assert_sound(path: &Path) {
    let connection = Connection::open(path).unwrap();
    let verdict: String =
        connection.pragma_query_value(None, "integrity_check", |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}

/// Numbers that are the same in every run.
fn numbers() -> impl Iterator<Item = u64> {
    std::iter::successors(Some(Seed(7).next()), |(_, seed)| Some(seed.next())).map(|(n, _)| n)
}

#[test]
fn a_killed_process_loses_nothing_it_acknowledged() {
    let (_home, path) = home();
    let mut sessions = HashMap::new();
    for random in numbers().take(20) {
        let (events, delay) = (1 + random % 60, Duration::from_micros(random >> 32 & 0xfff));
        let (id, n) = kill(&path, events as usize, delay).unwrap();
        sessions.insert(id, n);
        assert_sound(&path);
        for (id, n) in &sessions {
            assert_kept(&open(&path).load(&Which::Id(id.clone())).unwrap(), *n);
        }
    }
    assert_eq!(open(&path).sessions().unwrap().len(), 20);
}

#[test]
fn a_process_killed_while_it_makes_the_file_leaves_one_that_opens() {
    for random in numbers().take(20) {
        let (_home, path) = home();
        let acknowledged = kill(&path, 0, Duration::from_micros(random & 0x3fff));
        let store = open(&path);
        match (acknowledged, store.load(&Which::Last)) {
            (Some((_, n)), stored) => assert_kept(&stored.unwrap(), n),
            (None, Ok(stored)) => assert_kept(&stored, 0),
            (None, Err(_)) => assert_eq!(store.sessions().unwrap(), []),
        }
        assert_sound(&path);
        store.begin(&opening("Again?")).unwrap();
    }
}

#[test]
fn processes_write_different_sessions_of_a_new_file_at_once() {
    let (_home, path) = home();
    let children: Vec<_> = (0..4).map(|_| spawn(&path, 50)).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let store = open(&path);
    let sessions = store.sessions().unwrap();
    assert_eq!(sessions.len(), 4);
    for session in sessions {
        assert_kept(&store.load(&Which::Id(session.id)).unwrap(), 50);
    }
    assert_sound(&path);
}
