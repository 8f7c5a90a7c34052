//! The labelled answers are about statements that the bank has, and enough of each sort.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use vivavoce::domain::{MistakeForm, Question};
use vivavoce::knowledge::{Bank, builtin};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    question: String,
    split: Split,
    stories: Vec<Story>,
    answers: Vec<Answer>,
}

#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord, Clone, Copy, Debug)]
#[serde(rename_all = "lowercase")]
enum Split {
    Fit,
    Test,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    id: String,
    #[serde(rename = "voice")]
    _voice: String,
    parts: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    id: String,
    text: String,
    #[serde(default)]
    shows: Vec<String>,
    #[serde(default)]
    maybe: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    id: String,
    construct: String,
    story: String,
    #[serde(default)]
    parts: Vec<String>,
    #[serde(default)]
    turns: Vec<Turn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    asked: Option<String>,
    parts: Vec<String>,
}

fn sources() -> Vec<Source> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/labelled");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    };
    paths.iter().map(read).collect()
}

/// `subject/number` of every statement that is put to a model.
fn statements(question: &Question) -> BTreeSet<String> {
    let criteria = question.criteria().map(|(_, c)| (&c.id, c.statements.len()));
    let said = question.mistakes.iter().filter(|m| m.form == MistakeForm::Said);
    let subjects = criteria.chain(said.map(|m| (&m.id, m.statements.len())));
    subjects.flat_map(|(id, count)| (0..count).map(move |n| format!("{id}/{n}"))).collect()
}

#[test]
fn labels_are_about_statements_of_the_bank_and_answers_made_of_parts() {
    let bank = Bank::load(&builtin()).unwrap();
    for source in sources() {
        let known = statements(bank.question(&source.question).unwrap());
        let mut parts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for story in &source.stories {
            for part in &story.parts {
                assert!(!part.text.trim().is_empty(), "{}/{}", story.id, part.id);
                for label in part.shows.iter().chain(&part.maybe) {
                    assert!(known.contains(label), "{}: {}: {label}", source.question, part.id);
                }
                assert!(parts.entry(&story.id).or_default().insert(&part.id), "{}", part.id);
            }
        }
        for answer in &source.answers {
            let turns = answer.turns.iter().flat_map(|turn| &turn.parts);
            let used: Vec<&String> = answer.parts.iter().chain(turns).collect();
            assert!(!used.is_empty(), "{}", answer.id);
            for part in used {
                assert!(parts[answer.story.as_str()].contains(part.as_str()), "{part}");
            }
            assert!(answer.turns.iter().skip(1).all(|turn| turn.asked.is_some()));
        }
    }
}

#[test]
fn every_statement_is_shown_somewhere_and_nothing_everywhere() {
    let bank = Bank::load(&builtin()).unwrap();
    for source in sources() {
        let parts = || source.stories.iter().flat_map(|story| &story.parts);
        for statement in statements(bank.question(&source.question).unwrap()) {
            let shown = parts().filter(|part| part.shows.contains(&statement)).count();
            assert!(shown > 0, "{}: nobody says {statement}", source.question);
            assert!(shown < parts().count() / 2, "{}: all say {statement}", source.question);
        }
    }
}

#[test]
fn there_are_enough_of_each_sort() {
    let sources = sources();
    let answers = || sources.iter().flat_map(|source| &source.answers);
    let several = answers().filter(|answer| answer.turns.len() > 1).count();
    let made = |construct: &str| answers().filter(|a| a.construct == construct).count();
    assert!(answers().count() >= 180 && several >= 40, "{} {several}", answers().count());
    assert!(made("dodged") * 2 >= several, "half of the interviews have a dodge");
    for construct in ["full", "no-number", "no-lesson", "off-question", "buzzwords", "padded"] {
        assert!(made(construct) >= 10, "{construct}");
    }
    let split = |wanted: Split| sources.iter().filter(|s| s.split == wanted).count();
    assert!(split(Split::Fit) >= 9 && split(Split::Test) >= 4);
}
