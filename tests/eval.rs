//! `viva eval`, with a model that answers by rules.

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod candidate;
}

use std::fs;

use common::candidate::{Candidate, Ran};
use serde_json::{Value, json};

/// Somebody with labelled answers.
struct Bench(Candidate);

impl Bench {
    fn new() -> Self {
        Self(Candidate::new())
    }

    fn write(&self, name: &str, text: &str) {
        self.0.file(name, text);
    }

    /// Evaluates a model that says yes to what speaks of these, and no to all else.
    fn says_yes_to(&self, piece: &str, args: &[&str]) -> Ran {
        let script = json!({ "margins": { piece: 9.0 }, "otherwise": -9.0 });
        let (model, rows) = (self.0.script(&script), self.0.home().join("rows.jsonl"));
        let eval = ["eval", rows.to_str().unwrap(), "--model", &model];
        self.0.viva(&[&eval[..], args].concat(), "")
    }

    fn ran(&self, args: &[&str]) -> Ran {
        self.says_yes_to("ended", args)
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
    let Ran { code, out: first, err: told } = bench.ran(&["--task", "structure", "--json"]);
    assert_eq!(code, 0, "{told}");
    let report: Value = serde_json::from_str(&first).unwrap();
    assert_eq!(report["schema"], "viva.eval/1");
    assert_eq!((&report["task"], &report["n"]), (&json!("structure"), &json!(4)));
    // Yes to both results, of which one holds; no to both situations, of which none does.
    assert_eq!(report["decided_accuracy"]["value"], json!(0.75));
    assert!(told.contains("2 of 2 answers"), "{told}");
    let kept = bench.0.home().join("cache/margins");
    let file = fs::read_dir(&kept).unwrap().next().unwrap().unwrap().path();
    let lines = fs::read_to_string(&file).unwrap().lines().count();
    assert_eq!(lines, 4, "for each row what was asked of criteria, and of mistakes");
    // A model that says no to everything would be heard if it were asked again.
    let refusing =
        || bench.says_yes_to("nothing of this", &["--task", "structure", "--json"]).well();
    assert_eq!(refusing(), first);
    fs::remove_file(file).unwrap();
    assert_ne!(refusing(), first);
}

#[test]
fn people_read_lines_and_a_limit_takes_fewer() {
    let bench = Bench::new();
    bench.write("rows.jsonl", &two_rows());
    let text = bench.ran(&["--task", "criterion"]).well();
    assert!(text.contains("criteria and mistakes: 2 statements about 1 questions"), "{text}");
    let text = bench.ran(&["--task", "criterion", "--limit", "1"]).well();
    assert!(text.contains(": 1 statements"), "{text}");
}

#[test]
fn what_cannot_be_used_is_said() {
    let bench = Bench::new();
    let fails = |args: &[&str]| {
        let ran = bench.ran(args);
        assert_ne!(ran.code, 0);
        ran.err
    };
    assert!(fails(&["--task", "structure"]).contains("rows.jsonl cannot be read"));
    bench.write("rows.jsonl", "{}\n");
    assert!(fails(&["--task", "structure"]).contains("line 1: missing field `id`"));
    bench.write("rows.jsonl", &two_rows().replace("challenging-project", "no-such"));
    assert!(fails(&["--task", "structure"]).contains("one: the bank has no no-such"));
    bench.write("rows.jsonl", &two_rows());
    for fit in ["--fit", "--fit=signals"] {
        assert!(fails(&[fit]).contains("are too few to fit to"));
    }
    assert!(fails(&[]).contains("--task"));
}

#[test]
fn sentences_are_fitted_to_by_themselves() {
    let bench = Bench::new();
    let row = |asides: &[&str]| {
        json!({
            "id": "one",
            "about": "challenging-project",
            "asked": "What was hard?",
            "answer": "It rained. I wrote a test for it.",
            "shows": ["I wrote a test for it."],
            "asides": asides,
        })
        .to_string()
    };
    let fit = || bench.ran(&["--fit=asides", "--tap", "2:0.0"]);
    bench.write("rows.jsonl", &row(&[]));
    assert!(fit().err.contains("sentences of both sorts"));
    bench.write("rows.jsonl", &row(&["It rained."]));
    let found = fit().well();
    assert!(found.starts_with("# On questions left out, "), "{found}");
    assert!(found.contains(" of 1 sentences beside the point are found"), "{found}");
    let line = "\n# 1 with something to show are lost.\n";
    assert!(found.contains(line) && found.contains("[probes.aside]"), "{found}");
}

fn marked(id: &str, question: &str, answer: &str, score: f64) -> String {
    json!({
        "id": id,
        "question": question,
        "reference": "A cache keeps what was read. It has to be emptied when that changes.",
        "answer": answer,
        "score": score,
        "max_score": 5.0,
        "labels": { "grader_1": score, "grader_2": 5.0 - score },
    })
    .to_string()
}

fn marks() -> String {
    let rows = [
        marked("one", "What is a cache?", "It keeps the ended reads and is emptied.", 5.0),
        marked("two", "What is a cache?", "It is a kind of disk.", 0.0),
        marked("three", "Why a cache?", "Because what ended up read is near.", 4.0),
        marked("four", "Why a cache?", "I do not know, it is there.", 1.0),
    ];
    rows.join("\n")
}

#[test]
fn coverage_is_compared_with_marks_and_no_answer_is_left_out() {
    let bench = Bench::new();
    bench.write("rows.jsonl", &marks());
    let report = bench.ran(&["--task", "reference", "--json"]).well();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(
        (&report["schema"], &report["task"], &report["n"], &report["questions"]),
        (&json!("viva.eval/1"), &json!("reference"), &json!(4), &json!(2))
    );
    // Whatever the model says: words of the reference speak for the answers that have them.
    assert!(report["r"]["value"].as_f64().unwrap() > 0.0, "{report}");
    assert!(report["human"]["r"]["value"].as_f64().unwrap() < -0.9, "{report}");
    for key in ["r_within", "rmse", "qwk"] {
        assert!(report[key]["value"].is_number(), "{key}");
    }
    let text = bench.ran(&["--task", "reference", "--limit", "1"]).well();
    assert!(text.contains("on reference answers: 2 answers to 2 questions"), "{text}");
}

#[test]
fn marks_that_cannot_be_used_are_said() {
    let bench = Bench::new();
    bench.write("rows.jsonl", &marks());
    let few = bench.ran(&["--task", "reference", "--fit"]);
    assert!(few.code != 0 && few.err.contains("are too few to fit to"), "{}", few.err);
    bench.write("rows.jsonl", &two_rows());
    let other = bench.ran(&["--task", "reference"]);
    assert!(other.code != 0 && other.err.contains("line 1: missing field"), "{}", other.err);
}
