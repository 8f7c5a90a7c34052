//! `viva grade`: answers that were given elsewhere, one or many, judged as in an interview.

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod candidate;
}

use std::fs;

use common::candidate::{ANSWERS, Candidate, QUESTION, evidence};
use serde_json::{Value, json};

/// A question of the bank that has parts.
const ROUND: &str = "background-project-failure";

/// Grades with the model of the tests.
fn grade(candidate: &Candidate, more: &[&str], input: &str) -> common::candidate::Ran {
    let model = candidate.model();
    let arguments = ["grade", "--question", QUESTION, "--model", &model];
    candidate.viva(&[&arguments[..], more].concat(), input)
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The turns of an interview about the question.
fn turns() -> String {
    let asked = ["", "How slow?", "What did you change?", "What came of it?"];
    let turns = asked.iter().zip(ANSWERS);
    let turns = turns.map(|(question, answer)| json!({ "question": question, "answer": answer }));
    turns.collect::<Value>().to_string()
}

#[test]
fn an_answer_is_judged_in_each_format_and_the_same_again() {
    let candidate = Candidate::new();
    let answer = ANSWERS[..3].join(" ");
    let json = grade(&candidate, &["--json"], &answer).well();
    let feedback = document(&json);
    assert_eq!(
        (&feedback["schema"], &feedback["question"]["id"]),
        (&json!("viva.feedback/1"), &json!(QUESTION))
    );
    assert_eq!(feedback["gate"]["verdict"], "answer");
    for evidence in evidence(&json!({ "feedback": [feedback] })) {
        let at = |key: &str| evidence[key].as_u64().unwrap() as usize;
        assert_eq!(answer[at("start")..at("end")], *evidence["quote"].as_str().unwrap());
    }
    assert_eq!(grade(&candidate, &["--json"], &answer).well(), json);
    let markdown = grade(&candidate, &["--markdown"], &answer).well();
    assert!(markdown.starts_with("## Feedback"), "{markdown}");
    let plain = grade(&candidate, &[], &answer).well();
    assert!(plain.contains("Next") && !plain.contains("###"), "{plain}");
    // Nothing of it is kept.
    assert!(candidate.sessions().is_empty());
}

#[test]
fn turns_are_judged_each_under_what_was_asked() {
    let candidate = Candidate::new();
    let path = candidate.file("turns.json", turns());
    let feedback = document(&grade(&candidate, &["--json", path.to_str().unwrap()], "").well());
    let quoted = json!({ "feedback": [feedback] });
    let turns: Vec<u64> = evidence(&quoted).iter().map(|e| e["turn"].as_u64().unwrap()).collect();
    assert!(
        turns.iter().all(|turn| turn % 2 == 0) && turns.iter().any(|turn| *turn > 2),
        "{turns:?}"
    );
}

#[test]
fn a_folder_gives_a_line_a_file_and_goes_on_where_it_stopped() {
    let candidate = Candidate::new();
    candidate.file("answers/a.txt", ANSWERS[0]);
    candidate.file("answers/b.json", "{\"not\": \"turns\"}");
    candidate.file("answers/c.json", turns());
    candidate.file("answers/notes.pdf", "nothing of ours");
    let folder = candidate.home().join("answers");
    let out = candidate.home().join("out.jsonl");
    // As a run leaves it that was killed: one whole line, and one that was cut off.
    fs::write(&out, "{\"file\":\"a.txt\",\"feedback\":{}}\n{\"file\":\"c.js").unwrap();
    let arguments = [folder.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let ran = grade(&candidate, &arguments, "");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.is_empty() && ran.err.contains("1 of 3 could not be graded"), "{}", ran.err);
    let written = fs::read_to_string(&out).unwrap();
    let lines: Vec<Value> =
        written.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let files: Vec<&str> = lines.iter().map(|line| line["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["a.txt", "b.json", "c.json"]);
    assert!(lines[1]["error"].as_str().unwrap().contains("no list of turns"), "{written}");
    assert_eq!(lines[2]["feedback"]["schema"], "viva.feedback/1");
    // What failed is tried again, and nothing else.
    candidate.file("answers/b.json", turns());
    let again = grade(&candidate, &arguments, "").well();
    assert!(again.is_empty());
    assert_eq!(fs::read_to_string(&out).unwrap().lines().count(), written.lines().count() + 1);
    // Without a file for them, the lines go to stdout.
    assert_eq!(grade(&candidate, &arguments[..1], "").well().lines().count(), 3);
}

#[test]
fn what_cannot_be_graded_is_said_before_a_model_is_loaded() {
    let candidate = Candidate::new();
    let bad = candidate.file("bad.json", "[]");
    let missing = candidate.home().join("none.txt");
    for (arguments, code, said) in [
        (vec!["grade", "--question", "nonsense"], 2, "there is no question nonsense"),
        (vec!["grade", "--question", QUESTION, missing.to_str().unwrap()], 1, "cannot be read"),
        (vec!["grade", "--question", QUESTION, bad.to_str().unwrap()], 1, "list of turns is empty"),
        (vec!["grade", "--question", QUESTION, "--out", "x"], 2, "--out is for a folder"),
        (vec!["grade", "--question", ROUND], 2, "is a round of several questions"),
        (vec!["grade"], 2, "--question"),
    ] {
        let err =
            candidate.viva(&[&arguments[..], &["--offline"]].concat(), "It broke.").failed(code);
        assert!(err.contains(said), "{err}");
    }
}

#[test]
fn no_answer_gets_no_score() {
    let candidate = Candidate::new();
    for (answer, verdict) in
        [("", "empty"), ("I don't know.", "no_answer"), ("asdf asdf", "gibberish")]
    {
        let feedback = document(&grade(&candidate, &["--json"], answer).well());
        assert_eq!(feedback["gate"]["verdict"], verdict);
        assert_eq!(feedback["score"]["overall"], Value::Null);
    }
}

const OWN: &str = "Which lock would you take?";
const REFERENCE: &str = "Good answers:\n- Optimistic locking checks a version when it writes.\n\
                         - Pessimistic locking makes others wait.\n";

/// Grades an answer to a question of somebody's own, by a model that says yes to what speaks of
/// `piece` and no to all else.
fn own(piece: &str, more: &[&str], answer: &str) -> common::candidate::Ran {
    let candidate = Candidate::new();
    let reference = candidate.file("reference.txt", REFERENCE);
    let model = candidate.script(&json!({ "margins": { piece: 9.0 }, "otherwise": -9.0 }));
    let arguments = ["grade", "--question-text", OWN, "--model", &model];
    let reference = ["--reference", reference.to_str().unwrap()];
    let reference = if more.contains(&"--reference") { &reference[..] } else { &[] };
    let more: Vec<&str> = more.iter().copied().filter(|flag| *flag != "--reference").collect();
    candidate.viva(&[&arguments[..], reference, &more].concat(), answer)
}

#[test]
fn a_reference_answer_is_graded_point_by_point() {
    let answer = "I would keep a number with each row and look at it again when I write.";
    let full = "Optimistic";
    let feedback = document(&own(full, &["--reference", "--json"], answer).well());
    assert_eq!(feedback["question"], json!({ "id": "", "text": OWN }));
    let verdicts: Vec<&str> = feedback["key_points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["met", "missing"]);
    assert_eq!(feedback["key_points"][0]["evidence"][0]["quote"], answer);
    for list in ["structure", "looks_for", "mistakes"] {
        assert_eq!(feedback[list], json!([]), "{list}");
    }
    let score = feedback["score"]["overall"].as_f64().unwrap();
    assert!((1.5..=3.5).contains(&score), "one point of two in other words: {score}");
    let plain = own(full, &["--reference"], answer).well();
    assert!(plain.contains("Points of the reference (1 of 2 shown, 1 missing)"), "{plain}");
    assert!(plain.contains("% of the reference covered, by its points and its words"), "{plain}");
    assert!(plain.contains("→ Say that pessimistic locking makes others wait."), "{plain}");
}

#[test]
fn to_say_what_the_reference_says_is_no_echo() {
    let all = REFERENCE.split_once('\n').unwrap().1.replace("- ", "");
    let feedback = document(&own(" ", &["--reference", "--json"], &all).well());
    assert_eq!(feedback["gate"]["verdict"], "answer");
    assert!(feedback["score"]["overall"].as_f64().unwrap() > 4.5, "{feedback}");
}

#[test]
fn a_question_of_ones_own_is_judged_by_what_the_bank_looks_for_in_its_kind() {
    let answer = "I took a row lock, because two of us wrote the same booking at once.";
    for (kind, step) in [("behavioural", "situation"), ("system-design", "requirements")] {
        let feedback = document(&own("nothing", &["--json", "--kind", kind], answer).well());
        assert!(feedback["looks_for"].as_array().unwrap().len() >= 2, "{kind}");
        let steps = feedback["structure"].as_array().unwrap();
        assert!(steps.iter().any(|s| s["id"] == step), "{kind}: {steps:?}");
        assert_eq!(feedback["key_points"], json!([]));
    }
}

#[test]
fn a_reference_or_question_that_is_none_is_said() {
    let candidate = Candidate::new();
    let nothing = candidate.file("nothing.txt", "…\n");
    let (nothing, missing) = (nothing.to_str().unwrap(), "no-such-reference.txt");
    for (arguments, said) in [
        (vec!["--question-text", " "], "the question is empty"),
        (vec!["--question-text", OWN, "--reference", nothing], "the reference makes no point"),
        (vec!["--question-text", OWN, "--reference", missing], "cannot be read"),
        (vec!["--question-text", OWN, "--question", QUESTION], "cannot be used with"),
        (vec!["--question", QUESTION, "--kind", "scenario"], "cannot be used with"),
    ] {
        let ran = candidate.viva(&[&["grade", "--offline"], &arguments[..]].concat(), "It broke.");
        assert!(ran.code != 0 && ran.err.contains(said), "{arguments:?}: {}", ran.err);
    }
}
