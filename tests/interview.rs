//! `viva interview` through a pipe, as a script runs it, with a model that follows a script.

#[allow(unreachable_pub, reason = "shared with other tests")]
mod common {
    pub mod candidate;
}

use std::collections::HashSet;

use common::candidate::{
    ANSWERS, Candidate, QUESTION, Ran, assert_quotes, content, evidence, piped, said,
};
use serde_json::{Value, json};
use vivavoce::domain::QuestionKind;
use vivavoce::knowledge::{Bank, builtin};

fn bank() -> Bank {
    Bank::load(&builtin()).unwrap()
}

/// How often the interviewer speaks.
fn speeches(talk: &str) -> usize {
    talk.lines().filter(|line| line.starts_with("Interviewer: ")).count()
}

/// The keys of the JSON objects that are indented so far, in order, as a document is printed.
fn keys(document: &str, indent: usize) -> Vec<&str> {
    let start = format!("{}\"", " ".repeat(indent));
    document
        .lines()
        .filter_map(|line| line.strip_prefix(&start)?.split_once("\": ").map(|(key, _)| key))
        .collect()
}

#[test]
fn a_piped_interview_digs_twice_and_ends_with_feedback() {
    let candidate = Candidate::new();
    let ran = candidate.interview(&[], piped(ANSWERS));
    assert!(ran.err.starts_with("Kept as session "), "{}", ran.err);
    let out = ran.well();
    assert_eq!(speeches(&out), 5, "the question, three follow-ups, thanks: {out}");
    assert!(out.contains("You: It went from 5 seconds to 400 ms.\n"), "{out}");
    assert!(out.contains("What interviewers look for") && out.contains("\nNext\n"), "{out}");
    assert!(out.contains('“'), "the candidate's own words");
    assert!(!out.contains(['\u{1b}', '\r', '…']), "no status line: {out}");
    let session = candidate.session();
    assert_eq!(said(&session, "candidate", None), ANSWERS);
    assert_eq!(said(&session, "interviewer", Some("probe")).len(), 3);
}

#[test]
fn the_document_keeps_its_contract() {
    let candidate = Candidate::new();
    candidate.interview(&[], piped(ANSWERS)).well();
    let document = candidate.document();
    let expected =
        ["schema", "id", "started", "seed", "options", "model", "bank", "turns", "feedback"];
    assert_eq!(keys(&document, 2), expected);
    let (head, feedback) = document.split_once("\"feedback\": [").unwrap();
    assert_eq!(keys(head, 6)[..7], ["n", "speaker", "text", "purpose", "n", "speaker", "text"]);
    let expected = [
        "schema",
        "question",
        "part",
        "gate",
        "structure",
        "looks_for",
        "key_points",
        "mistakes",
        "delivery",
        "score",
        "next",
    ];
    assert_eq!(keys(feedback, 6), expected);
    let entry = ["id", "verdict", "probability", "evidence", "advice"];
    let mistakes = ["id", "text", "form", "flagged", "probability", "evidence", "advice"];
    let (judged, rest) = feedback.split_once("\"mistakes\": [").unwrap();
    assert!(keys(judged, 10).chunks(5).all(|keys| keys == entry), "{judged}");
    let (mistaken, figures) = rest.split_once("\"delivery\": {").unwrap();
    assert!(keys(mistaken, 10).chunks(7).all(|keys| keys == mistakes), "{mistaken}");
    let expected = ["words", "spoken_minutes", "numbers", "i_share", "fillers", "overall", "basis"];
    assert_eq!(keys(figures, 8), expected);
    assert_eq!(keys(judged, 14)[..4], ["turn", "start", "end", "quote"]);
}

#[test]
fn the_document_has_the_types_of_its_contract() {
    let candidate = Candidate::new();
    candidate.interview(&[], piped(ANSWERS)).well();
    let session = candidate.session();
    assert_eq!(session["schema"], "viva.session/1");
    assert!(session["started"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    assert_eq!((&session["seed"], &session["options"]["followups"]), (&json!(7), &json!(3)));
    assert_eq!(session["model"], json!({ "name": "scripted", "sha256": "", "calibrated": false }));
    assert_eq!(session["bank"]["sha256"].as_str().map(str::len), Some(64));
    let numbers: Vec<_> =
        session["turns"].as_array().unwrap().iter().map(|t| t["n"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=9).collect::<Vec<_>>());
    let feedback = &session["feedback"][0];
    assert_eq!(feedback["schema"], "viva.feedback/1");
    assert_eq!((&feedback["question"]["id"], &feedback["part"]), (&json!(QUESTION), &Value::Null));
    assert_eq!(feedback["gate"], json!({ "verdict": "answer", "reason": "", "aside": [] }));
    for group in ["structure", "looks_for", "key_points"] {
        for entry in feedback[group].as_array().unwrap() {
            assert_entry(entry);
        }
    }
    for mistake in feedback["mistakes"].as_array().unwrap() {
        assert!(["said", "omitted"].contains(&mistake["form"].as_str().unwrap()), "{mistake}");
        assert_eq!(mistake["flagged"] == false, mistake["advice"] == "", "{mistake}");
    }
    let overall = feedback["score"]["overall"].as_f64().unwrap();
    assert!((1.0..=5.0).contains(&overall) && feedback["next"].as_array().unwrap().len() == 3);
}

fn assert_entry(entry: &Value) {
    let verdict = entry["verdict"].as_str().unwrap();
    assert!(["met", "partly", "missing", "unsure"].contains(&verdict), "{entry}");
    assert!((0.0..=1.0).contains(&entry["probability"].as_f64().unwrap()), "{entry}");
    let proved = !entry["evidence"].as_array().unwrap().is_empty();
    assert_eq!(proved, ["met", "partly"].contains(&verdict), "{entry}");
    assert_eq!(entry["advice"] == "", verdict == "met", "{entry}");
}

#[test]
fn every_quote_is_the_slice_that_its_offsets_name() {
    let candidate = Candidate::new();
    let answers = [
        "  Naïve — “yes”: 20 日 sign-ups 🎉 a second.\tThat was why.  \n  And the 結果? It broke.",
        "Über 5 seconds…  I know why: the decision was mine 👩‍💻. e\u{301}nd",
    ];
    candidate.interview(&["--followups", "1"], piped(&answers)).well();
    let session = candidate.session();
    assert!(evidence(&session).len() >= 3, "{session:#}");
    assert_quotes(&session);
}

#[test]
fn the_same_again_is_the_same() {
    let [first, second] = [(), ()].map(|()| {
        let candidate = Candidate::new();
        let out = candidate.interview(&[], piped(ANSWERS)).well();
        (out, content(candidate.session()))
    });
    assert_eq!(first, second);
}

#[test]
fn with_json_stdout_is_one_document_and_the_talk_is_on_stderr() {
    let candidate = Candidate::new();
    let Ran { code, out, err } = candidate.interview(&["--json"], piped(ANSWERS));
    assert_eq!(code, 0, "{err}");
    let document: Value = serde_json::from_str(&out).expect("one document");
    assert_eq!(document, candidate.session());
    assert_eq!(speeches(&err), 5);
    assert!(err.contains("What interviewers look for"), "{err}");
}

#[test]
fn answers_from_a_file_make_the_same_session() {
    let candidate = Candidate::new();
    candidate.interview(&[], piped(ANSWERS)).well();
    let from_stdin = content(candidate.session());
    let list = candidate.file("answers.json", json!(ANSWERS).to_string());
    candidate.interview(&["--answers", list.to_str().unwrap()], "").well();
    assert_eq!(content(candidate.session()), from_stdin);
}

#[test]
fn answers_that_are_no_list_are_a_usage_error() {
    let candidate = Candidate::new();
    let list = candidate.file("answers.json", "{\"a\": 1}");
    let err = candidate.interview(&["--answers", list.to_str().unwrap()], "").failed(2);
    assert!(err.contains("answers.json is not a JSON list") && err.contains('→'), "{err}");
    let err = candidate.interview(&["--answers", "nowhere.json"], "").failed(2);
    assert!(err.contains("nowhere.json cannot be read"), "{err}");
}

#[test]
fn the_end_of_the_input_wraps_up() {
    let candidate = Candidate::new();
    let out = candidate.interview(&[], "").well();
    assert!(out.contains("That is all for now.") && out.contains("Nothing was answered"), "{out}");
    let session = candidate.session();
    assert_eq!((said(&session, "candidate", None).len(), &session["feedback"]), (0, &json!([])));

    let out = candidate.interview(&[], "I built it.\nIt broke in the").well();
    assert!(out.contains("Thank you.") && out.contains("What interviewers look for"), "{out}");
    assert_eq!(said(&candidate.session(), "candidate", None), ["I built it.\nIt broke in the"]);
}

/// What follows from lines: the candidate's turns, the purposes of the interviewer's, and how
/// the session ended.
fn after(lines: &str) -> (Vec<String>, Vec<String>, String) {
    let candidate = Candidate::new();
    candidate.interview(&[], lines).well();
    let session = candidate.session();
    let turns = session["turns"].as_array().unwrap().iter();
    let purposes = turns.filter_map(|turn| turn["purpose"].as_str().map(str::to_owned)).collect();
    let answers = said(&session, "candidate", None).into_iter().map(str::to_owned).collect();
    (answers, purposes, candidate.sessions().concat())
}

#[test]
fn commands_work_through_a_pipe() {
    for (lines, answers, purposes, outcome) in [
        ("/hint\n/hint\nI built it.\n/end\n", 1, "question hint hint closing", "finished"),
        ("/skip\n", 0, "question closing", "finished"),
        ("I built it.\n\n/skip\n/end\n", 1, "question probe probe closing", "finished"),
        ("/end\n", 0, "question closing", "finished"),
        ("I built it.\n\nA lot.\n/end\nmore\n", 2, "question probe closing", "finished"),
        ("/quit\n", 0, "question", "left"),
        ("I built it.\n\n/quit\nmore\n", 1, "question probe", "left"),
    ] {
        let (said, asked, ended) = after(lines);
        assert_eq!((said.len(), asked.join(" ").as_str()), (answers, purposes), "{lines:?}");
        assert_eq!(ended, outcome, "{lines:?}");
    }
}

#[test]
fn who_quits_in_the_middle_of_an_answer_has_said_it() {
    let (said, asked, ended) = after("I built it.\n/quit\n");
    assert_eq!(
        (said, asked, ended.as_str()),
        (vec!["I built it.".to_owned()], vec!["question".to_owned()], "left")
    );
}

/// The end used to reach the session before or after the follow-up was worded, by chance.
#[test]
fn the_end_in_the_middle_of_an_answer_always_comes_before_a_follow_up() {
    for _ in 0..20 {
        let (said, asked, _) = after("I built it.\n/end\n");
        assert_eq!((said.len(), asked.join(" ").as_str()), (1, "question closing"));
    }
}

#[test]
fn an_unknown_command_is_no_answer() {
    let candidate = Candidate::new();
    let out = candidate.interview(&[], "/hnit\n/help\nI built it.\n/end\n").well();
    assert!(out.contains("There is no /hnit. Did you mean /hint?"), "{out}");
    assert!(out.contains("/dispute"), "the list of commands: {out}");
    assert_eq!(said(&candidate.session(), "candidate", None), ["I built it."]);
}

#[test]
fn there_are_as_many_follow_ups_as_asked_for() {
    let many = piped(&["That part of it was mine."; 9]);
    for (followups, expected) in [("0", 0), ("5", 5)] {
        let candidate = Candidate::new();
        candidate.interview(&["--followups", followups], many.clone()).well();
        let session = candidate.session();
        assert_eq!(said(&session, "interviewer", Some("probe")).len(), expected);
        assert_eq!(session["options"]["followups"], expected);
    }
    let ran = Candidate::new().interview(&["--followups", "21"], "");
    assert!(ran.failed(2).contains("followups"));
}

#[test]
fn a_round_asks_its_three_questions_and_tells_them_apart() {
    let candidate = Candidate::new();
    let model = candidate.model();
    let arguments = ["--question", "background-project-failure", "--followups", "1"];
    let answers: Vec<_> = (0..6).map(|n| format!("My decision {n} was mine.")).collect();
    let answers: Vec<_> = answers.iter().map(String::as_str).collect();
    let out = candidate.viva(&[&arguments[..], &["--model", &model]].concat(), piped(&answers));
    assert_eq!(out.well().matches("What interviewers look for").count(), 3);
    let session = candidate.session();
    assert_eq!(said(&session, "interviewer", Some("opening")).len(), 1);
    assert_eq!(said(&session, "interviewer", Some("question")).len(), 3);
    assert_eq!(said(&session, "interviewer", Some("probe")).len(), 3);
    let parts: Vec<_> =
        session["feedback"].as_array().unwrap().iter().map(|f| &f["part"]).collect();
    assert_eq!(parts, ["career-narrative", "challenging-project", "meaningful-failure"]);
    assert_quotes(&session);
}

#[test]
fn a_question_is_picked_from_those_of_a_kind_and_the_seed_decides() {
    let bank = bank();
    let mut picked = HashSet::new();
    for kind in QuestionKind::ALL {
        for seed in ["1", "2", "1"] {
            let candidate = Candidate::new();
            let arguments = ["--kind", kind.name(), "--seed", seed, "--model", "none"];
            candidate.viva(&arguments, "It was mine.\n").well();
            let session = candidate.session();
            let said = said(&session, "interviewer", None)[0];
            let question = bank.questions().find(|q| q.say == said).unwrap();
            assert_eq!(question.kind, kind);
            picked.insert((kind.name(), seed, question.id.clone()));
        }
    }
    assert_eq!(picked.len(), 2 * QuestionKind::ALL.len(), "once for each kind and seed");
}

#[test]
fn what_is_not_in_the_bank_is_a_usage_error_with_a_suggestion() {
    let candidate = Candidate::new();
    let err = candidate.viva(&["--question", "scaling-regert"], "").failed(2);
    assert!(err.contains("there is no question scaling-regert"), "{err}");
    assert!(err.contains("did you mean scaling-regret?"), "{err}");
    let err = candidate.viva(&["--kind", "behavioral"], "").failed(2);
    assert!(err.contains("behavioural"), "{err}");
    let err = candidate.viva(&["--competency", "juggling"], "").failed(2);
    assert!(err.contains("no question is like that"), "{err}");
    let err = candidate.viva(&["--model", "qwen9"], "").failed(2);
    assert!(err.contains("qwen9"), "{err}");
    assert_eq!(candidate.sessions(), [""; 0], "nothing began");
}

#[test]
fn without_a_model_the_bank_interviews() {
    let candidate = Candidate::new();
    let arguments = ["--question", QUESTION, "--model", "none", "--seed", "7"];
    let out = candidate.viva(&arguments, piped(ANSWERS)).well();
    assert!(speeches(&out) >= 4, "{out}");
    let session = candidate.session();
    assert_eq!(session["model"]["name"], "none");
    assert_eq!(session["feedback"][0]["delivery"]["numbers"], 5);
    assert_quotes(&session);
}

#[test]
fn a_reader_that_goes_away_ends_the_interview_without_a_word() {
    let candidate = Candidate::new();
    let model = candidate.model();
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("viva"))
        .args(["--question", QUESTION, "--model", &model])
        .env_clear()
        .env("VIVA_HOME", candidate.home())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    // The input stays open: what ends the interview is the reader alone.
    let input = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(input);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_session_is_told_in_markdown_and_at_a_terminal() {
    let candidate = Candidate::new();
    candidate.interview(&[], piped(ANSWERS)).well();
    let markdown = candidate.viva(&["sessions", "show", "last", "--markdown"], "").well();
    assert!(markdown.starts_with("# Interview "), "{markdown}");
    assert!(markdown.contains("> It went from 5 seconds to 400 ms."), "{markdown}");
    assert!(markdown.contains("## Feedback: "), "{markdown}");
    let shown = candidate.viva(&["sessions", "show", "last"], "").well();
    assert!(shown.contains("It went from 5 seconds to 400 ms."), "{shown}");
    assert!(!shown.contains('\u{1b}') && shown.contains("What interviewers look for"), "{shown}");
}

#[test]
fn a_pipe_hears_no_verdict_that_it_could_dispute() {
    let candidate = Candidate::new();
    let out = candidate.interview(&[], "/dispute 1\nI built it.\n/end\n").well();
    assert!(out.contains("There is no verdict 1 to dispute yet."), "{out}");
    assert!(!candidate.document().contains("disputed"));
}

#[test]
fn a_draft_is_said_if_it_passes_and_the_banks_words_otherwise() {
    let good = "When the connection pool ran dry, how bad did it get in numbers on the worst day?";
    let script =
        |draft: &str| json!({ "otherwise": -5.0, "drafts": { "How bad did it get": draft } });
    for (draft, spoken) in [
        (good, good),
        (
            "How bad did it get for the candidate, in numbers?",
            "How bad did it get on the worst day, in numbers?",
        ),
        ("", "How bad did it get on the worst day, in numbers?"),
    ] {
        let candidate = Candidate::new();
        let model = candidate.script(&script(draft));
        let arguments = ["--question", QUESTION, "--model", &model, "--followups", "1"];
        candidate.viva(&arguments, piped(&ANSWERS[..2])).well();
        assert_eq!(said(&candidate.session(), "interviewer", Some("probe")), [spoken]);
    }
}

#[test]
fn nothing_is_asked_twice() {
    let answers: Vec<_> = (0..9).map(|n| format!("Well, part {n} of it was mine.")).collect();
    let answers: Vec<_> = answers.iter().map(String::as_str).collect();
    // A model that drafts the same whatever it is to ask.
    let draft = "How bad did it get on the worst day, in plain numbers?";
    let script = json!({ "otherwise": -5.0, "drafts": { "": draft } });
    for question in bank().questions().filter(|question| question.parts.is_empty()) {
        let candidate = Candidate::new();
        let model = candidate.script(&script);
        let arguments = ["--question", &question.id, "--model", &model, "--followups", "8"];
        candidate.viva(&arguments, piped(&answers)).well();
        let session = candidate.session();
        let asked = said(&session, "interviewer", Some("probe"));
        assert_eq!(asked.len(), 8, "{}", question.id);
        for (n, text) in asked.iter().enumerate() {
            let again = asked[..n].iter().find(|other| vivavoce::wording::alike(other, text));
            assert_eq!(again, None, "{}: {text}", question.id);
        }
    }
}
