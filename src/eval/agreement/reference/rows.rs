//! Answers that people marked against a reference answer, one JSON document a line.

use serde::Deserialize;
use serde::de::Error as _;

use super::super::rows::{RowFault, documents};

/// One marked answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Marked {
    /// Its id, which no other row has.
    pub id: String,
    /// The question, in its own words.
    pub question: String,
    /// What a full answer says.
    pub reference: String,
    /// What was answered.
    pub answer: String,
    /// The mark.
    pub score: f64,
    /// The highest mark.
    pub max_score: f64,
    /// The marks of two people, where they are known.
    pub graders: Option<(f64, f64)>,
}

#[derive(Deserialize)]
struct Raw {
    id: String,
    question: String,
    reference: String,
    answer: String,
    score: f64,
    max_score: f64,
    #[serde(default)]
    labels: Labels,
}

#[derive(Default, Deserialize)]
struct Labels {
    #[serde(default)]
    blank: bool,
    grader_1: Option<f64>,
    grader_2: Option<f64>,
}

impl Marked {
    /// What the question is told apart by: the same words with another reference are another.
    pub fn about(&self) -> (&str, &str) {
        (&self.question, &self.reference)
    }
}

/// The rows of a file, without those that people called blank: to find nothing in nothing is no
/// agreement.
pub fn marked(text: &str) -> Result<Vec<Marked>, RowFault> {
    let rows = documents(text, |text| serde_json::from_str(text).and_then(sound), |raw| &raw.id)?;
    let rows: Vec<Marked> = rows.into_iter().filter(|raw| !raw.labels.blank).map(row).collect();
    if rows.is_empty() { Err(RowFault::Nothing) } else { Ok(rows) }
}

fn sound(raw: Raw) -> serde_json::Result<Raw> {
    let on_scale = |mark: &f64| (0.0..=raw.max_score).contains(mark);
    let graders = [raw.labels.grader_1, raw.labels.grader_2];
    let marks: Vec<f64> = graders.into_iter().flatten().chain([raw.score]).collect();
    if raw.max_score > 0.0 && marks.iter().all(on_scale) {
        return Ok(raw);
    }
    Err(serde_json::Error::custom("marks have to be between 0 and `max_score`"))
}

fn row(raw: Raw) -> Marked {
    let Raw { id, question, reference, answer, score, max_score, labels } = raw;
    let graders = labels.grader_1.zip(labels.grader_2);
    Marked { id, question, reference, answer, score, max_score, graders }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"id":"a","question":"Q?","reference":"It is so.","answer":"So.","score":1.5,"max_score":5.0,"labels":{"grader_1":1,"grader_2":2,"module":"x"},"split":"t"}"#;

    #[test]
    fn rows_are_read_and_blank_ones_left_out() {
        let blank = ROW.replace("\"a\"", "\"b\"").replace("\"module\"", "\"blank\":true,\"m\"");
        let rows = marked(&format!("{ROW}\n{blank}\n\n")).expect("a row");
        assert_eq!((rows.len(), rows[0].graders), (1, Some((1.0, 2.0))));
        assert_eq!(rows[0].about(), ("Q?", "It is so."));
    }

    #[test]
    fn faults_name_their_line() {
        let fault = |text: &str| marked(text).expect_err("a fault").to_string();
        assert_eq!(fault(&format!("{ROW}\n{ROW}")), "line 2: the id \"a\" occurs before");
        assert!(fault("{}").starts_with("line 1: missing field"));
        for (mark, wrong) in [("1.5", "6"), ("1.5", "-1"), ("5.0", "0"), (":1,", ":7,")] {
            let said = fault(&ROW.replacen(mark, wrong, 1));
            assert_eq!(said, "line 1: marks have to be between 0 and `max_score`", "{wrong}");
        }
        assert_eq!(fault("\n"), "there is no labelled answer in it");
    }
}
