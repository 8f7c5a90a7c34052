//! Tests over a small bank: what it reads as, and that nothing broken passes.

mod breaking;
mod faults;
mod overlay;
mod select;

use super::{Bank, Source, template};
use crate::domain::{Fills, MistakeForm, StatementKind};

const STAR: &str = r#"
id = "star"
name = "STAR"
when = "For one real event."
heard = "As a story."
[[steps]]
id = "situation"
name = "Situation"
text = "Where this was."
advice = "Open with the setting."
probe = "Where was this?"
[[steps.statements]]
kind = "situation"
wordings = ["You describe the setting.", "You say where this was."]
[[steps]]
id = "task"
name = "Task"
text = "What was to be achieved."
advice = "Name the goal."
probe = "What was the goal?"
fills = "ownership"
[[steps.statements]]
kind = "task"
wordings = ["You state the goal.", "You say what you had to achieve."]
[[steps]]
id = "action"
name = "Action"
text = "What you did."
advice = "Name three things."
probe = "What did you do?"
[[steps.statements]]
kind = "action"
wordings = ["You say what you did.", "You describe the steps you took."]
[[steps]]
id = "result"
name = "Result"
text = "How it ended."
advice = "Say how it ended."
probe = "How did it end?"
[[steps.statements]]
kind = "result"
wordings = ["You say how it ended.", "You name the outcome."]
"#;

const QUANTIFIED: &str = r#"
id = "quantified-outcome"
text = "Puts a number on the outcome."
advice = "Count something."
probe = "How much better was it?"
fills = "metric"
[[statements]]
kind = "metric"
wordings = ["You give a figure for the outcome.", "You say by how much it changed."]
"#;

const ROUND: &str = r#"
id = "both"
say = "Two stories, one after the other."
kind = "scenario"
competencies = ["ownership"]
level = "staff"
minutes = 12
framework = "star"
terms = ["one", "two", "three", "four"]
outline = ["First.", "Second.", "Third.", "Fourth.", "Fifth."]
parts = ["first", "second"]
"#;

fn source(path: &str, text: impl Into<String>) -> Source {
    Source { path: path.into(), shown: format!("bank/{path}"), text: text.into() }
}

/// A sound bank: two questions, a round of them, a framework, a shared criterion.
fn sound() -> Vec<Source> {
    vec![
        source("criteria/quantified-outcome.toml", QUANTIFIED),
        source("frameworks/star.toml", STAR),
        source("questions/both.toml", ROUND),
        source("questions/first.toml", template("first")),
        source("questions/second.toml", template("second")),
    ]
}

#[test]
fn a_sound_bank_resolves_what_its_questions_refer_to() {
    let bank = Bank::load(&sound()).expect("a sound bank");
    let first = bank.question("first").expect("it is there");
    assert_eq!(first.framework.steps.len(), 4);
    assert_eq!(first.framework.steps[0].criterion.fills, Fills::Detail);
    let shared = &first.looks_for[1];
    assert_eq!(shared.id, "quantified-outcome");
    assert_eq!(shared.text, "Puts a number on the outcome.");
    assert!(shared.advice.starts_with("Give the hours"), "the question's own advice");
    assert_eq!(first.mistakes[2].form, MistakeForm::Omitted);
    assert_eq!(first.mistakes[2].negates.as_deref(), Some("quantified-outcome"));
    assert_eq!(first.probes[0].criterion.as_deref(), Some("left-alone"));
    let asked: Vec<&str> =
        bank.question("both").expect("it is there").asked().iter().map(|q| q.id.as_str()).collect();
    assert_eq!(asked, ["first", "second"]);
}

#[test]
fn files_of_other_systems_read_the_same() {
    let other = |source: Source| {
        let text = format!("\u{feff}{}", source.text.replace('\n', "\r\n"));
        Source { text, ..source }
    };
    let bank = Bank::load(&sound().into_iter().map(other).collect::<Vec<_>>());
    assert_eq!(bank, Bank::load(&sound()));
}

#[test]
fn the_documentation_lists_every_statement_kind() {
    let document = include_str!("../../../docs/knowledge.md");
    for kind in StatementKind::ALL.iter().filter(|kind| **kind != StatementKind::Point) {
        assert!(document.contains(&format!("\n| `{}` |", kind.name())), "{}", kind.name());
    }
}
