//! `viva eval`, with a model that answers by rules.

use std::fs;
use std::path::PathBuf;

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A home, labelled answers and a script in one folder.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().unwrap() };
        // Says yes to what speaks of an end, and no to all else.
        bench.write(
            "script.json",
            &json!({ "margins": { "ended": 9.0 }, "otherwise": -9.0 }).to_string(),
        );
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn viva(&self, args: &[&str]) -> Command {
        let mut command = Command::cargo_bin("viva").unwrap();
        let script = format!("script:{}", self.path("script.json").display());
        command.env("VIVA_HOME", self.path("home")).arg("eval").arg(self.path("rows.jsonl"));
        command.args(args).args(["--model", &script]);
        command
    }

    fn ran(&self, args: &[&str]) -> (String, String) {
        let output = self.viva(args).assert().success().get_output().clone();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    }
}

fn row(id: &str, answer: &str, result: bool) -> String {
    let label = |subject: &str, holds: bool| json!({ "subject": subject, "statement": 0, "holds": holds, "quotes": [answer] });
    let labels =
        [label("result", result), label("situation", false), label("quantified-outcome", true)];
    json!({
        "id": id,
        "question": "challenging-project",
        "turns": [{ "asked": null, "answer": answer }],
        "labels": { "construct": "full", "split": "test", "statements": labels },
    })
    .to_string()
}

fn two_rows() -> String {
    let one = row("one", "In the end it went live and everybody was glad.", true);
    let two = row("two", "We had a plan for the whole quarter and kept to it.", false);
    format!("{one}\n{two}\n")
}

#[test]
fn figures_come_as_one_document_and_margins_are_kept() {
    let bench = Bench::new();
    bench.write("rows.jsonl", &two_rows());
    let (first, told) = bench.ran(&["--task", "structure", "--json"]);
    let report: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(report["schema"], "viva.eval/1");
    assert_eq!((&report["task"], &report["n"]), (&json!("structure"), &json!(4)));
    // Yes to both results, of which one holds; no to both situations, of which none does.
    assert_eq!(report["decided_accuracy"]["value"], json!(0.75));
    assert!(told.contains("2 of 2 answers"), "{told}");
    let kept = bench.path("home/cache/margins");
    let file = fs::read_dir(&kept).unwrap().next().unwrap().unwrap().path();
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 2);
    // A model that says no to everything would be heard if it were asked again.
    bench.write("script.json", &json!({ "otherwise": -9.0 }).to_string());
    assert_eq!(bench.ran(&["--task", "structure", "--json"]).0, first);
    fs::remove_file(file).unwrap();
    assert_ne!(bench.ran(&["--task", "structure", "--json"]).0, first);
}

#[test]
fn people_read_lines_and_a_limit_takes_fewer() {
    let bench = Bench::new();
    bench.write("rows.jsonl", &two_rows());
    let (text, _) = bench.ran(&["--task", "criterion"]);
    assert!(text.contains("criteria and mistakes: 2 statements about 1 questions"), "{text}");
    let (text, _) = bench.ran(&["--task", "criterion", "--limit", "1"]);
    assert!(text.contains(": 1 statements"), "{text}");
}

#[test]
fn what_cannot_be_used_is_said() {
    let bench = Bench::new();
    let fails = |args: &[&str]| {
        let output = bench.viva(args).assert().failure().get_output().clone();
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(fails(&["--task", "structure"]).contains("rows.jsonl cannot be read"));
    bench.write("rows.jsonl", "{}\n");
    assert!(fails(&["--task", "structure"]).contains("line 1: missing field `id`"));
    bench.write("rows.jsonl", &two_rows().replace("challenging-project", "no-such"));
    assert!(fails(&["--task", "structure"]).contains("one: the bank has no no-such"));
    bench.write("rows.jsonl", &two_rows());
    assert!(fails(&["--fit"]).contains("are too few to fit to"));
    assert!(fails(&[]).contains("--task"));
}
