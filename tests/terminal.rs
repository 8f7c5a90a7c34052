//! `viva interview` at a terminal, as somebody uses it: typed, pasted, interrupted, hung up on.
#![cfg(unix)]

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod candidate;
}

use std::io::Write as _;
use std::process::Command;
use std::time::Duration;

use common::candidate::{Candidate, QUESTION, assert_quotes, said};
use expectrl::process::unix::{Signal, WaitStatus};
use expectrl::session::OsSession;
use expectrl::{Eof, Expect as _, Session};
use rustix::termios::{Termios, tcgetattr};

/// Keys as a terminal sends them.
const ENTER: &str = "\r";
const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";
const CTRL_U: &str = "\x15";
/// What the line editor writes when it begins to listen: pasted text, please, in brackets.
const LISTENS: &str = "\x1b[?2004h";
/// A program that says nothing for so long hangs.
const PATIENCE: Duration = Duration::from_mins(1);

/// An interview at a terminal.
struct Terminal {
    session: OsSession,
    /// Everything that was written to it so far.
    seen: String,
}

impl Terminal {
    /// Sits down to be interviewed at a terminal of this kind.
    fn of_kind(candidate: &Candidate, kind: &str) -> Self {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("viva"));
        command.args(["interview", "--question", QUESTION, "--seed", "7", "--followups", "1"]);
        command.args(["--model", &candidate.model()]);
        command.env_clear().env("VIVA_HOME", candidate.home()).env("TERM", kind);
        let mut session = Session::spawn(command).unwrap();
        session.get_process_mut().set_window_size(90, 40).unwrap();
        session.set_expect_timeout(Some(PATIENCE));
        Self { session, seen: String::new() }
    }

    fn new(candidate: &Candidate) -> Self {
        Self::of_kind(candidate, "xterm-256color")
    }

    /// Waits until `text` is written.
    #[track_caller]
    fn until(&mut self, text: &str) {
        match self.session.expect(text) {
            Ok(found) => self.seen += &String::from_utf8_lossy(found.as_bytes()),
            Err(error) => panic!("no {text:?}: {error}; so far: {}", self.seen),
        }
    }

    /// Waits until the candidate has the word.
    #[track_caller]
    fn listens(&mut self) {
        self.until(LISTENS);
    }

    fn types(&mut self, keys: &str) {
        self.session.write_all(keys.as_bytes()).unwrap();
        self.session.flush().unwrap();
    }

    /// Types an answer and the empty line that sends it.
    fn answers(&mut self, lines: &[&str]) {
        for line in lines {
            self.types(line);
            self.types(ENTER);
        }
        self.types(ENTER);
    }

    fn signal(&mut self, signal: Signal) {
        self.session.get_process_mut().signal(signal).unwrap();
    }

    /// How the terminal is set.
    fn modes(&self) -> Termios {
        tcgetattr(self.session.get_process().get_raw_handle().unwrap()).unwrap()
    }

    /// Waits for the end of the program and checks that it left the terminal as `found`.
    #[track_caller]
    fn ends(mut self, code: i32, found: &Termios) -> String {
        let rest = self.session.expect(Eof).unwrap();
        self.seen += &String::from_utf8_lossy(rest.as_bytes());
        let process = self.session.get_process();
        assert_eq!(
            process.wait().unwrap(),
            WaitStatus::Exited(process.pid(), code),
            "{}",
            self.seen
        );
        let left = self.modes();
        assert_eq!(left.local_modes, found.local_modes);
        assert_eq!(left.input_modes, found.input_modes);
        assert_eq!(left.output_modes, found.output_modes);
        let (on, off) = (self.seen.rfind(LISTENS), self.seen.rfind("\x1b[?2004l"));
        assert!(on <= off, "brackets around pasted text are off again");
        assert!(!self.seen.contains("panicked"), "{}", self.seen);
        self.seen
    }
}

/// Text as terminals paste it.
fn pasted(text: &str) -> String {
    format!("\x1b[200~{}\x1b[201~", text.replace('\n', "\r"))
}

#[test]
fn a_whole_interview() {
    let candidate = Candidate::new();
    let mut terminal = Terminal::new(&candidate);
    terminal.until("Interviewer");
    let found = terminal.modes();
    terminal.until("Tell me about a backend system");
    terminal.listens();

    terminal.types(&["/help", ENTER].concat());
    terminal.until("send your answer");
    terminal.listens();
    terminal.types(&["/hnit", ENTER].concat());
    terminal.until("There is no /hnit. Did you mean /hint?");
    terminal.listens();

    terminal.answers(&["The decision was mine.", "It broke, and I know why."]);
    terminal.until("How bad did it get on the worst day");
    terminal.listens();
    terminal.types(&pasted("Five seconds.\n\n\nThe reason why:\n\n/quit was slow"));
    terminal.types(ENTER);
    // Half of a line, then Ctrl-C: what was written is there again.
    terminal.types("And it was");
    terminal.types(CTRL_C);
    terminal.until("Ctrl-C again leaves");
    terminal.listens();
    terminal.answers(&[" my result."]);

    terminal.until("What interviewers look for");
    terminal.until("/dispute N");
    terminal.listens();
    terminal.types(&["/dispute 1", ENTER].concat());
    terminal.until("you dispute verdict 1");
    terminal.listens();
    terminal.types(CTRL_D);
    terminal.ends(0, &found);

    let session = candidate.session();
    let second = "Five seconds.\n\n\nThe reason why:\n\n/quit was slow\nAnd it was my result.";
    let first = "The decision was mine.\nIt broke, and I know why.";
    assert_eq!(said(&session, "candidate", None), [first, second]);
    assert_quotes(&session);
    assert_eq!(session["feedback"][0]["looks_for"][0]["disputed"], true);
    assert_eq!(candidate.sessions(), ["finished"]);
}

/// Answers once, types half of the next answer, and then something happens that ends it.
fn ended_by(end: impl FnOnce(&mut Terminal)) -> String {
    let candidate = Candidate::new();
    let mut terminal = Terminal::new(&candidate);
    terminal.until("Interviewer");
    let found = terminal.modes();
    terminal.listens();
    terminal.answers(&["The decision was mine."]);
    terminal.until("How bad did it get");
    terminal.listens();
    assert_ne!(terminal.modes().local_modes, found.local_modes, "the line editor's own modes");
    terminal.types("half of a");
    terminal.until("half of a");
    end(&mut terminal);
    let seen = terminal.ends(130, &found);
    assert_eq!(said(&candidate.session(), "candidate", None), ["The decision was mine."]);
    assert_eq!(candidate.sessions(), ["left"]);
    seen
}

#[test]
fn a_signal_leaves_the_terminal_as_it_was() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let seen = ended_by(|terminal| terminal.signal(signal));
        assert!(seen.contains("viva: interrupted"), "{seen}");
    }
}

#[test]
fn ctrl_c_twice_leaves() {
    let seen = ended_by(|terminal| {
        terminal.types(CTRL_C);
        terminal.until("Ctrl-C again leaves");
        terminal.listens();
        terminal.types(CTRL_C);
    });
    assert!(seen.contains("sessions show"), "says where it is kept: {seen}");
}

#[test]
fn ctrl_d_leaves_without_feedback() {
    let candidate = Candidate::new();
    let mut terminal = Terminal::new(&candidate);
    terminal.until("Interviewer");
    let found = terminal.modes();
    terminal.listens();
    terminal.types("nothing of this");
    terminal.types(CTRL_U);
    terminal.types(CTRL_D);
    let seen = terminal.ends(0, &found);
    assert!(!seen.contains("What interviewers look for"), "{seen}");
    assert_eq!(candidate.sessions(), ["left"]);
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_is_not_asked_to() {
    let candidate = Candidate::new();
    let mut terminal = Terminal::of_kind(&candidate, "dumb");
    terminal.until("Interviewer");
    let found = terminal.modes();
    terminal.until("the way you design?");
    terminal.types("The decision was mine.\nIt broke.\n\n");
    terminal.until("How bad did it get");
    terminal.types("Five seconds.\n\n");
    terminal.until("/quit leaves");
    terminal.types("/quit\n");
    let seen = terminal.ends(0, &found);
    assert!(!seen.contains('\x1b'), "{seen}");
    let said = said(&candidate.session(), "candidate", None).join("|");
    assert_eq!(said, "The decision was mine.\nIt broke.|Five seconds.");
}
