//! Labelled answers, one JSON document a line.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::app::Given;

/// One labelled answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Row {
    /// Its id, which no other row has.
    pub id: String,
    /// The bank's question, by its id, or one of its own in its own words.
    pub question: String,
    /// What a question of its own is judged by, in people's words; none for the bank's.
    #[serde(skip)]
    pub criterion: Option<String>,
    /// What was asked and answered; nothing is asked first, since that is the question.
    pub turns: Vec<Turn>,
    /// What people said of it.
    pub labels: Labels,
}

/// A turn of a [`Row`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Turn {
    /// What the interviewer asked; of the first turn, nothing.
    pub asked: Option<String>,
    /// What was answered.
    pub answer: String,
}

/// The labels of a [`Row`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Labels {
    /// How the answer was made: `full`, `no-result`, `dodged`…
    pub construct: String,
    /// What holds.
    pub statements: Vec<Label>,
}

/// Whether one statement holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Label {
    /// The step, criterion or mistake.
    pub subject: String,
    /// Which of its statements, counted from 0.
    pub statement: usize,
    /// Whether it holds; nothing where careful people could disagree.
    pub holds: Option<bool>,
    /// The words that show it, where they are known.
    #[serde(default)]
    pub quotes: Vec<String>,
}

/// Why a file of labelled answers cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RowFault {
    /// A line is not what is expected.
    #[error("line {line}: {error}")]
    Line {
        /// Its number, counted from 1.
        line: usize,
        /// What is wrong.
        error: serde_json::Error,
    },
    /// Two lines have one id.
    #[error("line {line}: the id {id:?} occurs before")]
    Twice {
        /// Its number, counted from 1.
        line: usize,
        /// The id.
        id: String,
    },
    /// There is none.
    #[error("there is no labelled answer in it")]
    Nothing,
}

impl Row {
    /// What was asked and answered, as the judge takes it.
    pub fn given(&self) -> Vec<Given> {
        let given = |turn: &Turn| Given {
            asked: turn.asked.clone().unwrap_or_default(),
            answer: turn.answer.clone(),
        };
        self.turns.iter().map(given).collect()
    }
}

/// An answer to a question of its own, and whether people found one thing in it.
#[derive(Deserialize)]
struct Opinion {
    id: String,
    question: String,
    answer: String,
    labels: Met,
}

#[derive(Deserialize)]
struct Met {
    criterion: String,
    /// True or false, or 1 or 0.
    met: serde_json::Value,
}

/// What the only criterion of a question of its own is called.
pub const OWN: &str = "criterion";

impl From<Opinion> for Row {
    fn from(opinion: Opinion) -> Self {
        let Opinion { id, question, answer, labels: Met { criterion, met } } = opinion;
        let holds = met.as_bool().or_else(|| met.as_f64().map(|met| met > 0.5));
        let label = Label { subject: OWN.to_owned(), statement: 0, holds, quotes: Vec::new() };
        Self {
            id,
            question,
            criterion: Some(criterion),
            turns: vec![Turn { asked: None, answer }],
            labels: Labels { construct: String::new(), statements: vec![label] },
        }
    }
}

/// A row of either sort.
fn row(text: &str) -> serde_json::Result<Row> {
    let value: serde_json::Value = serde_json::from_str(text)?;
    if value["labels"].get("criterion").is_some() {
        serde_json::from_value::<Opinion>(value).map(Row::from)
    } else {
        serde_json::from_value(value)
    }
}

/// The rows of a file.
pub fn rows(text: &str) -> Result<Vec<Row>, RowFault> {
    documents(text, row, |row| &row.id)
}

/// What the lines of a file hold, at least one, each under an id of its own.
pub(super) fn documents<T>(
    text: &str,
    parse: impl Fn(&str) -> serde_json::Result<T>,
    id: impl Fn(&T) -> &str,
) -> Result<Vec<T>, RowFault> {
    let (mut found, mut ids) = (Vec::new(), BTreeSet::new());
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let document = parse(text).map_err(|error| RowFault::Line { line, error })?;
        if !ids.insert(id(&document).to_owned()) {
            return Err(RowFault::Twice { line, id: id(&document).to_owned() });
        }
        found.push(document);
    }
    if found.is_empty() { Err(RowFault::Nothing) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"id":"a","question":"q","turns":[{"asked":null,"answer":"It broke."}],
        "labels":{"construct":"full","statements":[{"subject":"s","statement":0,"holds":null}]}}"#;

    fn line() -> String {
        ROW.replace('\n', " ")
    }

    #[test]
    fn rows_come_a_line_each() {
        let rows = rows(&format!("{}\n\n", line())).expect("a row");
        assert_eq!((rows.len(), rows[0].given()[0].answer.as_str()), (1, "It broke."));
        assert_eq!(rows[0].labels.statements[0].holds, None);
    }

    #[test]
    fn one_thing_may_be_labelled_in_peoples_own_words() {
        let row = |met: &str| {
            let text = format!(
                r#"{{"id":"a","question":"Why?","answer":"So.","labels":{{"criterion":"kind","met":{met}}}}}"#
            );
            rows(&text).expect("a row").remove(0)
        };
        let met = row("1");
        assert_eq!(
            (met.criterion.as_deref(), met.given()[0].answer.as_str()),
            (Some("kind"), "So.")
        );
        assert_eq!(met.labels.statements[0].holds, Some(true));
        assert_eq!(row("false").labels.statements[0].holds, Some(false));
        assert_eq!(row("null").labels.statements[0].holds, None);
    }

    #[test]
    fn faults_name_their_line() {
        let fault = |text: &str| rows(text).expect_err("a fault").to_string();
        assert!(fault(&format!("{}\n{{}}", line())).starts_with("line 2: missing field `id`"));
        assert_eq!(fault(&format!("{0}\n{0}", line())), "line 2: the id \"a\" occurs before");
        assert_eq!(fault("\n"), "there is no labelled answer in it");
    }
}
