//! The judge against labelled answers: how well margins rank, and how often verdicts are right.
//!
//! The answers and labels in `tests/fixtures/judge/` are our own, written with known gaps; they
//! say whether the fixed thresholds are sane, not how the judge agrees with strangers. The figures
//! in `docs/evaluation.md` are printed by
//! `cargo test --release --test judge_labelled -- --ignored --nocapture`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its figures are what it is for")]

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod models;
}

use std::cmp::Ordering;
use std::path::Path;

use common::models;
use serde::Deserialize;
use vivavoce::app::Prompts;
use vivavoce::domain::{Margin, ModelCard, Purpose, Question, StatementKind, Target, Transcript};
use vivavoce::engine::LoadOptions;
use vivavoce::judge::calibration::Call;
use vivavoce::judge::{Answer, Policy, decide, plan, third_person};
use vivavoce::knowledge::{Bank, builtin};
use vivavoce::llm::{Branch, Context, Llm, Local, Priority, Read, Reading};
use vivavoce::prompt::{Exchange, Words};

#[derive(Deserialize)]
struct Fixture {
    question: String,
    answers: Vec<Labelled>,
}

#[derive(Deserialize)]
struct Labelled {
    id: String,
    text: String,
    labels: Vec<Label>,
}

#[derive(Deserialize)]
struct Label {
    subject: String,
    statement: usize,
    holds: Option<bool>,
}

/// One statement about one answer, judged.
struct Case {
    answer: String,
    kind: StatementKind,
    said: bool,
    margin: f32,
    probability: f32,
    call: Call,
    holds: bool,
}

fn fixtures() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/judge");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the fixtures")
        .map(|f| f.expect("a file").path())
        .collect();
    files.sort();
    let parse = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).expect("a fixture");
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    };
    files.iter().map(parse).collect()
}

fn id(target: &Target) -> &str {
    match target {
        Target::Criterion { id, .. } | Target::Mistake { id } => id,
    }
}

fn judged(llm: &Local, prompts: &Prompts, question: &Question, labelled: &Labelled) -> Vec<Case> {
    let mut transcript = Transcript::default();
    transcript.interviewer(0, Purpose::Question, &question.say);
    transcript.candidate(0, &labelled.text);
    let answer = Answer::new(transcript.answers(0));
    let policy = Policy::default();
    let criteria: Vec<_> = question.criteria().collect();
    let mistakes: Vec<_> = question.mistakes.iter().collect();
    let plan = plan(&criteria, &mistakes, &policy);
    let sentences = (1..).zip(answer.sentences().iter().map(|s| s.text.as_str())).collect();
    let prefix = prompts.judge.prefix(&[Exchange { question: Words::Bank(question), sentences }]);
    let branches = plan
        .asked
        .iter()
        .map(|a| Branch {
            tail: prompts.judge.statement(&third_person(&a.wording)),
            read: Read::YesNo,
        })
        .collect();
    let readings = llm
        .branch(Context::Judge, prefix, branches, Priority::Interactive)
        .wait_blocking()
        .expect("the model answers");
    let margins: Vec<Margin> = readings
        .iter()
        .map(|reading| match reading {
            Reading::YesNo(margin) => *margin,
            Reading::Numbers(_) => panic!("asked for yes or no"),
        })
        .collect();
    let decisions = decide(&plan, &margins, &answer);
    let mut cases = Vec::new();
    for decision in decisions.statements() {
        let label = labelled
            .labels
            .iter()
            .find(|l| l.subject == id(&decision.subject) && l.statement == decision.statement);
        let label = label.unwrap_or_else(|| {
            panic!("{} {}: no label for {:?}", question.id, labelled.id, decision.subject)
        });
        let Some(holds) = label.holds else { continue };
        cases.push(Case {
            answer: labelled.id.clone(),
            kind: decision.kind,
            said: matches!(decision.subject, Target::Mistake { .. }),
            margin: margins[decision.asked].0,
            probability: decision.probability,
            call: decision.call,
            holds,
        });
    }
    cases
}

/// The chance that a true statement ranks above a false one.
fn auc(cases: &[&Case], score: fn(&Case) -> f32) -> f32 {
    let side = |holds: bool| -> Vec<f32> {
        cases.iter().filter(|c| c.holds == holds).map(|c| score(c)).collect()
    };
    let (yes, no) = (side(true), side(false));
    let wins: f32 = yes
        .iter()
        .flat_map(|y| no.iter().map(move |n| y.total_cmp(n)))
        .map(|order| match order {
            Ordering::Greater => 1.0,
            Ordering::Equal => 0.5,
            Ordering::Less => 0.0,
        })
        .sum();
    wins / (yes.len() * no.len()).max(1) as f32
}

fn line(name: &str, cases: &[&Case]) -> String {
    let count = |wanted: &dyn Fn(&Case) -> bool| cases.iter().filter(|c| wanted(c)).count();
    let decided = count(&|c| c.call != Call::Unsure);
    let right = count(&|c| c.call != Call::Unsure && (c.call == Call::Holds) == c.holds);
    let held = count(&|c| c.call == Call::Holds);
    let rightly_held = count(&|c| c.call == Call::Holds && c.holds);
    let share = |a: usize, b: usize| 100.0 * a as f32 / b.max(1) as f32;
    format!(
        "{name:<14} n {:>4}  AUC margin {:.3} probability {:.3}  decided {:>3.0}%  right of those \
         {:>3.0}%  right of `holds` {:>3.0}%",
        cases.len(),
        auc(cases, |c| c.margin),
        auc(cases, |c| c.probability),
        share(decided, cases.len()),
        share(right, decided),
        share(rightly_held, held),
    )
}

fn which<'a>(cases: &'a [Case], wanted: &dyn Fn(&Case) -> bool) -> Vec<&'a Case> {
    cases.iter().filter(|c| wanted(c)).collect()
}

#[test]
#[ignore = "some ten minutes, and it needs the default model"]
fn verdicts_agree_with_labels() {
    let name = std::env::var("VIVA_JUDGE").unwrap_or_else(|_| "qwen2.5-coder-1.5b".to_owned());
    let path = models::larger_model(&name).expect("the model is at hand");
    let card = ModelCard { name: name.clone(), sha256: String::new(), calibrated: false };
    let llm = Local::open(&path, &LoadOptions::default(), card, None).expect("the model opens");
    let prompts = Prompts::load(|_| None).expect("our own prompts");
    let bank = Bank::load(&builtin()).expect("our own bank");
    let mut cases = Vec::new();
    for fixture in fixtures() {
        let question = bank.question(&fixture.question).expect("a question of the bank");
        for labelled in &fixture.answers {
            cases.extend(judged(&llm, &prompts, question, labelled));
        }
        eprintln!("{} ({} so far)", fixture.question, cases.len());
    }
    if let Ok(path) = std::env::var("VIVA_JUDGE_DUMP") {
        let row = |c: &Case| {
            format!("{}\t{}\t{}\t{}\t{}\n", c.answer, c.kind.name(), c.said, c.margin, c.holds)
        };
        std::fs::write(path, cases.iter().map(row).collect::<String>()).expect("a dump");
    }
    let criteria = which(&cases, &|c| !c.said);
    println!("{}", line("criteria", &criteria));
    println!("{}", line("said mistakes", &which(&cases, &|c| c.said)));
    for answer in ["a", "b", "c", "d"] {
        println!("{}", line(answer, &which(&cases, &|c| !c.said && c.answer == answer)));
    }
    for kind in StatementKind::ALL {
        println!("{}", line(kind.name(), &which(&cases, &|c| c.kind == *kind)));
    }
    let ranks = auc(&criteria, |c| c.probability);
    assert!(ranks > 0.7, "the judge ranks little better than chance: {ranks}");
}
