//! A killed interview loses no answer that was sent, and leaves a journal that opens.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;
use vivavoce::domain::{Seed, Speaker};
use vivavoce::interview::State;
use vivavoce::store::{Store, Which};

const ROUNDS: usize = 50;
/// Answers of a whole interview: to the question and to each follow-up.
const ANSWERS: usize = 7;
/// What the interviewer says in one: the question, the follow-ups, the closing words.
const SPEECHES: usize = ANSWERS + 1;
/// A process that says nothing for so long hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// When a process is killed: at some time after the interviewer spoke `speeches` times and an
/// answer to that was written, up to the time that a whole turn takes.
#[derive(Debug)]
struct Moment {
    speeches: usize,
    /// How many answers are written before they are asked for: none, or all of them.
    ahead: usize,
    delay: Duration,
}

impl Moment {
    fn by_chance(random: u64) -> Self {
        let speeches = (random % (SPEECHES as u64 + 1)) as usize;
        let ahead = if random >> 8 & 1 == 0 { 0 } else { ANSWERS };
        // Microseconds, evenly spread over their magnitudes: most of what happens to an answer
        // happens soon. A start takes longer than a turn.
        let magnitude = (random >> 16) % if speeches == 0 { 18 } else { 15 };
        let delay = Duration::from_micros(1 << magnitude);
        Self { speeches, ahead, delay }
    }
}

/// What is known of an interview when its process is dead.
struct Killed {
    sent: Vec<String>,
    /// How often the interviewer had spoken; each time but the first acknowledges an answer.
    spoken: usize,
}

/// An interview under way, at the other end of pipes.
struct Talk {
    child: Child,
    input: ChildStdin,
    speeches: Receiver<()>,
    reader: JoinHandle<usize>,
    errors: PathBuf,
}

impl Talk {
    fn begin(home: &Path) -> Self {
        let errors = home.join("stderr");
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("viva"))
            .args(["interview", "--question", "scaling-regret", "--model", "none", "--seed", "7"])
            .args(["--followups", &(ANSWERS - 1).to_string()])
            .env_clear()
            .env("VIVA_HOME", home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&errors).unwrap())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (spoke, speeches) = channel();
        let reader = std::thread::spawn(move || count(output, &spoke));
        Self { child, input, speeches, reader, errors }
    }

    fn send(&mut self, answer: &str) {
        // In one piece. A process that has ended reads no more, which is its right.
        let _ = self.input.write_all(format!("{answer}\n\n").as_bytes());
    }

    fn listen(&self) {
        self.speeches.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            panic!("no word: {}", fs::read_to_string(&self.errors).unwrap_or_default())
        });
    }

    /// Kills the process and counts what it had said by then.
    fn kill(mut self) -> usize {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.reader.join().unwrap()
    }
}

/// Counts what the interviewer says until the output ends, and tells of each as it comes.
fn count(output: impl BufRead, spoke: &Sender<()>) -> usize {
    let lines = output.lines().map_while(Result::ok);
    let mut spoken = 0;
    for _ in lines.filter(|line| line.starts_with("Interviewer: ")) {
        spoken += 1;
        // Nobody may be listening any more.
        let _ = spoke.send(());
    }
    spoken
}

fn interview_killed_at(moment: &Moment, home: &Path, answers: &[String]) -> Killed {
    let mut talk = Talk::begin(home);
    let mut sent = Vec::new();
    for turn in 0..=moment.speeches {
        let due = answers.len().min(turn + moment.ahead);
        for answer in &answers[sent.len()..due] {
            talk.send(answer);
            sent.push(answer.clone());
        }
        if turn < moment.speeches {
            talk.listen();
        }
    }
    std::thread::sleep(moment.delay);
    Killed { sent, spoken: talk.kill() }
}

/// Answers that differ from each other and in length, up to several pages of the database; all
/// of them together fit into a pipe.
fn answers(round: usize) -> Vec<String> {
    let sentence = "I traced it, \u{201c}p95\u{201d} went from 5 s to 0.4 s; naïve, no?  \n  ";
    let answer = |n: usize| {
        let length = 1 + (round * ANSWERS + n) * 37 % 100;
        format!("Round {round}, answer {n}: {}That was it. 🎯", sentence.repeat(length))
    };
    (0..ANSWERS).map(answer).collect()
}

fn assert_sound(database: &Path) {
    let connection = Connection::open(database).unwrap();
    let verdict: String =
        connection.pragma_query_value(None, "integrity_check", |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}

/// The answers of a session, from the state that its events make.
fn kept(store: &Store, which: &Which) -> Vec<String> {
    let state = State::replay(store.load(which).unwrap().events).unwrap();
    let turns = state.transcript().turns().iter();
    turns.filter(|t| t.speaker == Speaker::Candidate).map(|t| t.text.clone()).collect()
}

/// What was acknowledged is there, at most one answer more, and nothing that was not sent so.
fn assert_kept(kept: &[String], killed: &Killed, moment: &Moment) {
    let acknowledged = killed.spoken.saturating_sub(1);
    assert!(killed.spoken >= moment.speeches, "{moment:?}");
    let expected = acknowledged..=acknowledged + 1;
    assert!(expected.contains(&kept.len()), "{} of {acknowledged} at {moment:?}", kept.len());
    assert!(killed.sent.starts_with(kept), "other words were kept at {moment:?}");
}

fn listed(home: &Path) -> Value {
    let output = Command::new(assert_cmd::cargo::cargo_bin("viva"))
        .args(["sessions", "list", "--json"])
        .env_clear()
        .env("VIVA_HOME", home)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Numbers that are the same in every run.
fn numbers() -> impl Iterator<Item = u64> {
    std::iter::successors(Some(Seed(7).next()), |(_, seed)| Some(seed.next())).map(|(n, _)| n)
}

#[test]
fn a_killed_interview_loses_no_answer() {
    let home = tempfile::tempdir().unwrap();
    let database = home.path().join("viva.db");
    let mut sessions = Vec::new();
    for (round, random) in numbers().take(ROUNDS).enumerate() {
        let moment = Moment::by_chance(random);
        let killed = interview_killed_at(&moment, home.path(), &answers(round));
        let store = Store::open(&database).unwrap();
        let all = store.sessions().unwrap();
        if all.len() == sessions.len() {
            assert_eq!(killed.spoken, 0, "a session that had begun is gone: {moment:?}");
            continue;
        }
        let kept = kept(&store, &Which::Last);
        assert_kept(&kept, &killed, &moment);
        assert_sound(&database);
        sessions.push((all[0].id.clone(), kept));
    }
    let store = Store::open(&database).unwrap();
    for (id, answers) in &sessions {
        assert_eq!(kept(&store, &Which::Id(id.clone())), *answers, "changed by a later session");
    }
    assert_eq!(listed(home.path())["sessions"].as_array().map(Vec::len), Some(sessions.len()));
}
