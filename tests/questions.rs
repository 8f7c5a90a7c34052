//! `viva questions`, as a user runs it.

use std::fs;
use std::path::PathBuf;

use assert_cmd::Command;
use tempfile::TempDir;

/// A home of its own, with a folder of questions.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(TempDir::new().expect("a folder for temporary files"));
        fs::create_dir_all(home.knowledge().join("questions")).expect("a folder of our own");
        home
    }

    fn knowledge(&self) -> PathBuf {
        self.0.path().join("knowledge")
    }

    /// Puts a question into the user's folder.
    fn put(&self, id: &str, text: impl AsRef<[u8]>) {
        let file = self.knowledge().join(format!("questions/{id}.toml"));
        fs::write(file, text).expect("a folder of our own");
    }

    fn viva(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_viva"));
        command.env_clear().env("VIVA_HOME", self.0.path()).arg("questions").args(args);
        let output = command.output().expect("the binary runs");
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).expect("we write UTF-8");
            text.replace(&*self.0.path().to_string_lossy(), "HOME")
        };
        Ran { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).expect("exactly one JSON document")
    }
}

/// The commented template, as the question `id`.
fn template(id: &str) -> String {
    let printed = Home::new().viva(&["new", id]);
    assert_eq!(printed.code, Some(0), "{}", printed.err);
    printed.out
}

fn ids(document: &serde_json::Value) -> Vec<&str> {
    let questions = document["questions"].as_array().expect("a list");
    questions.iter().map(|question| question["id"].as_str().expect("an id")).collect()
}

#[test]
fn the_built_in_bank_has_no_faults() {
    let ran = Home::new().viva(&["check"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    assert!(ran.out.starts_with("no faults in "), "{}", ran.out);
}

#[test]
fn what_new_prints_passes_check_and_joins_the_bank() {
    let home = Home::new();
    home.put("zebra", template("zebra"));
    assert_eq!(home.viva(&["check"]).code, Some(0));
    assert_eq!(ids(&home.viva(&["list", "zebra", "--json"]).json()), ["zebra"]);
    let elsewhere = Home::new();
    let folder = home.knowledge();
    let named = ["list", "zebra", "--json", "--knowledge", folder.to_str().expect("UTF-8")];
    assert_eq!(ids(&elsewhere.viva(&named).json()), ["zebra"]);
}

#[test]
fn new_refuses_what_cannot_be_an_id() {
    let ran = Home::new().viva(&["new", "My Question"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    insta::assert_snapshot!(ran.err, @r#"
    viva: "My Question" cannot be the id of a question
      → use a-z, 0-9 and single hyphens, as in scaling-regret
    "#);
}

#[test]
fn list_shows_one_line_a_question_cut_at_a_word() {
    let home = Home::new();
    home.put("zebra", template("zebra"));
    insta::assert_snapshot!(home.viva(&["list", "zebra"]).out, @r#"
    zebra  behavioural  mid  5 min  ownership, diagnosis  Tell me about a time you took over a service that nobody understood any…
    "#);
}

#[test]
fn list_filters_by_kind_level_competency_and_words() {
    let home = Home::new();
    home.put("zebra", template("zebra"));
    let all = home.viva(&["list", "--json"]).json();
    assert!(ids(&all).len() > 1, "the built-in bank is there too");
    let all = all["questions"].as_array().expect("a list");
    for (flag, key, value) in [("--kind", "kind", "behavioural"), ("--level", "level", "mid")] {
        let wanted = all.iter().filter(|question| question[key] == value).count();
        let listed = home.viva(&["list", flag, value, "--json"]).json();
        assert_eq!(ids(&listed).len(), wanted, "{flag} {value}");
        assert!(ids(&listed).contains(&"zebra"));
    }
    let listed = home.viva(&["list", "--competency", "diagnosis", "HANDOVER", "runbook", "--json"]);
    assert_eq!(ids(&listed.json()), ["zebra"]);
}

#[test]
fn list_says_so_when_nothing_passes() {
    let home = Home::new();
    let ran = home.viva(&["list", "no-question-has-this-word"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.contains("no question is like that"), "{}", ran.err);
    let json = home.viva(&["list", "no-question-has-this-word", "--json"]);
    assert_eq!(json.code, Some(0));
    assert!(ids(&json.json()).is_empty());
}

#[test]
fn list_takes_no_kind_that_there_is_not() {
    let ran = Home::new().viva(&["list", "--kind", "behavioral"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("a similar value exists: 'behavioural'"), "{}", ran.err);
}

#[test]
fn show_is_a_page_to_interview_from() {
    let home = Home::new();
    home.put("zebra", template("zebra"));
    let ran = home.viva(&["show", "zebra"]);
    let end = ran.out.find("Shape of the answer").expect("the head comes first");
    insta::assert_snapshot!(&ran.out[..end], @r#"
    zebra: behavioural, mid, 5 minutes
      ownership, diagnosis

      Tell me about a time you took over a service that nobody understood any more.

      Words of the field: runbook, call graph, dashboard, handover
    "#);
    let start = ran.out.find("Points worth making").expect("the key points");
    let end = ran.out.find("Follow-ups").expect("the probes");
    insta::assert_snapshot!(&ran.out[start..end], @r#"
    Points worth making
       1. Made sure that somebody else can take over next time.
          ask: Who could take it over from you today?
          advise: Name the page, the test or the session that outlives you.
       2. Wrote tests that pin down what the service does.
          ask: What did you pin down before you touched anything?
          advise: Say how many tests you wrote before the first change, and what
            surprised you in them.
       3. Left parts of it alone, on purpose.
          ask: What did you decide to leave as it was?
          advise: Name one ugly part that you did not touch, and why that was right.

    Mistakes
       1. Mocks the people who wrote it. (said)
          advise: Say which constraint made their choice a sensible one.
       2. Proposes to rewrite what is not yet understood. (said)
          advise: Say what you would have to know before a rewrite could be cheaper.
       3. Leaves the gain without a figure. (left out)
          advise: Count something you can still look up: pages, incidents, hours.
    "#);
}

#[test]
fn show_as_json_resolves_framework_and_shared_criteria() {
    let home = Home::new();
    home.put("zebra", template("zebra"));
    let document = home.viva(&["show", "zebra", "--json"]).json();
    assert_eq!(document["schema"], "viva.question/1");
    assert_eq!(document["framework"]["steps"][0]["criterion"]["id"], "situation");
    assert_eq!(document["looks_for"][1]["id"], "quantified-outcome");
    assert_eq!(document["looks_for"][1]["statements"][0]["kind"], "metric");
}

#[test]
fn show_suggests_what_was_meant() {
    let home = Home::new();
    home.put("zebra-crossing", template("zebra-crossing"));
    let ran = home.viva(&["show", "zebra-crosing"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    insta::assert_snapshot!(ran.err, @r#"
    viva: there is no question "zebra-crosing"
      → did you mean zebra-crossing? `viva questions list` names them all
    "#);
}

#[test]
fn check_names_every_fault_of_every_file() {
    let home = Home::new();
    home.put("zebra", template("zebra").replace("minutes = 5", "minutes = 500"));
    home.put("yak", template("yak").replace("kind = \"blames\"", "knd = \"blames\""));
    home.put("xerus", "id = ");
    home.put("wombat", b"id = \"wombat\"\nsay = \"\xff\"");
    let ran = home.viva(&["check"]);
    assert_eq!(ran.code, Some(1));
    insta::assert_snapshot!(ran.out, @r#"
    HOME/knowledge/questions/wombat.toml:2:1: the file is not UTF-8 text: it holds the byte 0xff
      → save it as UTF-8
    HOME/knowledge/questions/xerus.toml:1:6: this is not TOML: string values must be quoted, expected literal string
      → mend it; the keys are in docs/knowledge.md
    HOME/knowledge/questions/yak.toml:85:1: unknown key `knd`
      → did you mean `kind`?
    HOME/knowledge/questions/zebra.toml:10:11: `minutes` is `500`
      → write a whole number from 1 to 60
    "#);
    insta::assert_snapshot!(ran.err, @r#"
    viva: 4 faults in 4 files
      → docs/knowledge.md says how the files are written
    "#);
}

#[test]
fn check_as_json_is_one_document() {
    let home = Home::new();
    home.put("zebra", template("zebra").replace("minutes = 5", "minutes = 500"));
    let ran = home.viva(&["check", "--json"]);
    assert_eq!(ran.code, Some(1));
    insta::assert_snapshot!(ran.json()["faults"], @r#"
    [{"column":11,"file":"HOME/knowledge/questions/zebra.toml","line":10,"remedy":"write a whole number from 1 to 60","what":"`minutes` is `500`"}]
    "#);
}

#[test]
fn check_takes_a_folder() {
    let (home, other) = (Home::new(), Home::new());
    other.put("zebra", "");
    let folder = other.knowledge();
    let ran = home.viva(&["check", folder.to_str().expect("UTF-8")]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("zebra.toml:1:1: `say` is missing"), "{}", ran.out);
    let nowhere = home.viva(&["check", "/nowhere/at/all"]);
    assert_eq!((nowhere.code, nowhere.out.as_str()), (Some(1), ""));
    assert!(nowhere.err.contains("there is no folder /nowhere/at/all"), "{}", nowhere.err);
    fs::remove_file(folder.join("questions/zebra.toml")).expect("a folder of our own");
    let empty = home.viva(&["check", folder.to_str().expect("UTF-8")]);
    assert_eq!((empty.code, empty.out.as_str()), (Some(1), ""));
    assert!(empty.err.contains("holds no file of a bank"), "{}", empty.err);
}

#[test]
fn a_broken_folder_stops_what_would_use_it_with_every_fault() {
    let home = Home::new();
    home.put("zebra", template("zebra").replace("minutes = 5", "minutes = 500"));
    home.put("yak", template("yak").replace("level = \"mid\"", "level = \"middling\""));
    let ran = home.viva(&["list", "--json"]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""));
    insta::assert_snapshot!(ran.err, @r#"
    viva: the question bank has 2 faults
    HOME/knowledge/questions/yak.toml:9:9: `level` is `middling`, which is none of its values
      → known: junior, mid, senior, staff
    HOME/knowledge/questions/zebra.toml:10:11: `minutes` is `500`
      → write a whole number from 1 to 60
      → mend the files, then try `viva questions check`
    "#);
}

#[test]
fn no_escape_of_a_file_reaches_the_terminal() {
    let home = Home::new();
    home.put("zebra", template("zebra").replace("Tell me", "Tell \\u001b]0;owned\\u0007 me"));
    home.put("yak", template("yak").replace("Tell me", "Tell \u{1b}[2J me"));
    home.put("\u{1b}[31mxerus", template("xerus"));
    for args in [&["check"][..], &["list"], &["show", "zebra"], &["check", "--json"]] {
        let ran = home.viva(args);
        assert_eq!(ran.code, Some(1), "{args:?}");
        assert!(!ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'), "{args:?}");
    }
    assert!(home.viva(&["check"]).out.contains("U+001B"));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let home = Home::new();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut viva = std::process::Command::new(env!("CARGO_BIN_EXE_viva"));
    viva.env("VIVA_HOME", home.0.path()).args(["questions", "list"]).stdout(writer);
    let output = viva.output().expect("the binary runs");
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}
