//! Somebody with a folder of their own who runs the program.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The bank's question that most tests are about; it has no parts.
pub const QUESTION: &str = "scaling-regret";

/// Answers to it and to follow-ups.
pub const ANSWERS: &[&str] = &[
    "I decided to send every notification inside the sign-up request. It was simple. At twenty \
     sign-ups a second the connection pool ran dry, and users saw 503s.",
    "The p95 went to 5 seconds.\nI saw it in the traces: four fifths of it was waiting.",
    "I moved the sending behind a queue. We turned down a bigger pool.",
    "It went from 5 seconds to 400 ms.",
];

/// How a run of the program ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// What it wrote to stdout.
    pub out: String,
    /// What it wrote to stderr.
    pub err: String,
}

impl Ran {
    /// What stdout says, of a run that went well.
    #[track_caller]
    pub fn well(self) -> String {
        assert_eq!(self.code, 0, "{}", self.err);
        self.out
    }

    /// What stderr says, of a run that failed with `code` and said nothing on stdout.
    #[track_caller]
    pub fn failed(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{}", self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self.err
    }
}

/// Somebody with a folder of their own, and nothing set that is not set here.
pub struct Candidate {
    home: TempDir,
}

impl Candidate {
    /// Somebody who never ran the program before.
    pub fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    /// Their folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Puts a file into their folder, and the folders that it is in.
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A `--model` that follows a script.
    pub fn script(&self, script: &Value) -> String {
        let path = self.file("script.json", script.to_string());
        format!("script:{}", path.display())
    }

    /// A `--model` to which statements about an outcome or a reason hold, and no others.
    pub fn model(&self) -> String {
        let margins = json!({ "result": 5.0, "outcome": 5.0, "why": 4.0, "decision": 3.0 });
        self.script(&json!({ "margins": margins, "otherwise": -5.0 }))
    }

    /// The program, with these arguments.
    pub fn command<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::cargo_bin("viva").unwrap();
        command.args(arguments).env_clear().env("VIVA_HOME", self.home());
        command.timeout(std::time::Duration::from_mins(5));
        command
    }

    /// Runs it on some input.
    pub fn viva<S: AsRef<std::ffi::OsStr>>(
        &self,
        arguments: &[S],
        input: impl Into<Vec<u8>>,
    ) -> Ran {
        let output = self.command(arguments).write_stdin(input).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (out, err) = (text(output.stdout), text(output.stderr));
        assert!(!err.contains("panicked"), "{err}");
        Ran { code: output.status.code().expect("an exit, no signal"), out, err }
    }

    /// Is interviewed about [`QUESTION`] by the model of [`Self::model`].
    pub fn interview(&self, more: &[&str], input: impl Into<Vec<u8>>) -> Ran {
        let model = self.model();
        let arguments = ["interview", "--question", QUESTION, "--seed", "7", "--model", &model];
        self.viva(&[&arguments[..], more].concat(), input)
    }

    /// How their sessions ended, the newest first.
    pub fn sessions(&self) -> Vec<String> {
        let list = self.viva(&["sessions", "list", "--json"], "").well();
        let list: Value = serde_json::from_str(&list).unwrap();
        let sessions = list["sessions"].as_array().unwrap().iter();
        sessions.map(|session| session["outcome"].as_str().unwrap().to_owned()).collect()
    }

    /// The last session's `viva.session/1`, as text.
    pub fn document(&self) -> String {
        self.viva(&["sessions", "show", "last", "--json"], "").well()
    }

    /// The last session's `viva.session/1`.
    pub fn session(&self) -> Value {
        serde_json::from_str(&self.document()).unwrap()
    }
}

/// Answers as somebody sends them through a pipe.
pub fn piped(answers: &[&str]) -> String {
    answers.iter().flat_map(|answer| [answer, "\n\n"]).collect()
}

/// What one speaker says in a session, turn by turn, for a purpose if one is given.
pub fn said<'a>(session: &'a Value, speaker: &str, purpose: Option<&str>) -> Vec<&'a str> {
    let turns = session["turns"].as_array().unwrap().iter();
    let theirs = turns.filter(|turn| turn["speaker"] == speaker);
    let wanted = theirs.filter(|turn| purpose.is_none_or(|purpose| turn["purpose"] == purpose));
    wanted.map(|turn| turn["text"].as_str().unwrap()).collect()
}

/// Every piece of evidence in a session's feedback.
pub fn evidence(session: &Value) -> Vec<&Value> {
    let feedback = session["feedback"].as_array().unwrap().iter();
    let entries = feedback.flat_map(|f| {
        let groups = ["structure", "looks_for", "key_points", "mistakes"];
        groups.into_iter().flat_map(|group| f[group].as_array().unwrap())
    });
    entries.flat_map(|entry| entry["evidence"].as_array().unwrap()).collect()
}

/// Checks that every quote is what its offsets name in a turn of the candidate's.
pub fn assert_quotes(session: &Value) {
    for evidence in evidence(session) {
        let turns = session["turns"].as_array().unwrap();
        let turn = turns.iter().find(|turn| turn["n"] == evidence["turn"]).expect("a turn");
        assert_eq!(turn["speaker"], "candidate", "{evidence}");
        let at = |name: &str| evidence[name].as_u64().unwrap() as usize;
        let text = turn["text"].as_str().unwrap();
        let slice = text.get(at("start")..at("end")).expect("whole characters");
        assert!(!slice.trim().is_empty(), "{evidence}");
        assert_eq!(evidence["quote"], slice);
    }
}

/// A session without what differs between any two: its id and its time.
pub fn content(mut session: Value) -> Value {
    let fields = session.as_object_mut().unwrap();
    assert!(fields.remove("id").is_some() && fields.remove("started").is_some());
    session
}
