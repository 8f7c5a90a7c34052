//! Reading sessions.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Deserialize;

use super::row::Row;

/// What a list says about a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The session's id.
    pub id: String,
    /// When it began.
    pub started: Timestamp,
    /// What it was about; none where a newer version wrote what this one cannot read.
    pub heading: Option<Heading>,
    /// Answers sent.
    pub answers: u32,
    /// How it came to an end, if it did.
    pub outcome: Outcome,
}

/// What a session was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The question's id.
    pub question: String,
    /// The question as spoken.
    pub say: String,
    /// The model that judged, by name.
    pub model: String,
}

/// How a session came to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With feedback.
    Finished,
    /// The candidate left.
    Left,
    /// Not: it goes on elsewhere, or was broken off.
    Open,
}

impl Outcome {
    /// The name used in lists and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Left => "left",
            Self::Open => "open",
        }
    }
}

/// As much of a `Started` event as a heading takes. What else is in it may change.
#[derive(Deserialize)]
struct Opening {
    question: Question,
    model: Named,
}

#[derive(Deserialize)]
struct Question {
    id: String,
    say: String,
    #[serde(default)]
    parts: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// How many events of each kind that matters a session has.
struct Counts {
    answers: u32,
    reviews: u32,
    ended: u32,
    left: u32,
}

impl Counts {
    /// An interview is over when the candidate says so or when every question was reviewed.
    fn outcome(&self, questions: u32) -> Outcome {
        if self.ended > 0 || self.reviews >= questions {
            Outcome::Finished
        } else if self.left > 0 {
            Outcome::Left
        } else {
            Outcome::Open
        }
    }
}

/// Every session, newest first: in the order in which they began, whatever the clock said.
pub(super) fn sessions(connection: &Connection) -> rusqlite::Result<Vec<Summary>> {
    let mut statement = connection.prepare(
        "SELECT first.session, first.at, first.body,
                sum(every.kind = 'answered'), sum(every.kind = 'reviewed'),
                sum(every.kind = 'ended'), sum(every.kind = 'left')
         FROM event AS first JOIN event AS every USING (session)
         WHERE first.seq = 1
         GROUP BY first.rowid ORDER BY first.rowid DESC",
    )?;
    statement.query_map([], summary)?.collect()
}

fn summary(row: &rusqlite::Row<'_>) -> rusqlite::Result<Summary> {
    let opening: Option<Opening> = serde_json::from_str(&row.get::<_, String>(2)?).ok();
    let counts = Counts {
        answers: row.get(3)?,
        reviews: row.get(4)?,
        ended: row.get(5)?,
        left: row.get(6)?,
    };
    let questions = opening.as_ref().map_or(u32::MAX, |o| o.question.parts.len().max(1) as u32);
    Ok(Summary {
        id: row.get(0)?,
        started: time(row, 1)?,
        answers: counts.answers,
        outcome: counts.outcome(questions),
        heading: opening.map(heading),
    })
}

fn heading(opening: Opening) -> Heading {
    let Opening { question, model } = opening;
    Heading { question: question.id, say: question.say, model: model.name }
}

fn time(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get::<_, String>(column)?.parse().map_err(|error: jiff::Error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into())
    })
}

/// The id of the session begun last.
pub(super) fn last(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let newest = "SELECT session FROM event WHERE seq = 1 ORDER BY rowid DESC LIMIT 1";
    connection.query_row(newest, [], |row| row.get(0)).optional()
}

/// The ids that begin with `prefix`, newest first; none for an empty one.
pub(super) fn matching(connection: &Connection, prefix: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT session FROM event
         WHERE seq = 1 AND ?1 <> '' AND substr(session, 1, length(?1)) = ?1
         ORDER BY rowid DESC",
    )?;
    statement.query_map([prefix], |row| row.get(0))?.collect()
}

/// The rows of a session, in order.
pub(super) fn rows(connection: &Connection, id: &str) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection
        .prepare("SELECT seq, at, format, body FROM event WHERE session = ?1 ORDER BY seq")?;
    let row = |row: &rusqlite::Row<'_>| {
        Ok(Row { seq: row.get(0)?, at: row.get(1)?, format: row.get(2)?, body: row.get(3)? })
    };
    statement.query_map(params![id], row)?.collect()
}
