//! `viva questions list`.

use std::io::{self, Write as _};

use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, presets};
use serde::Serialize;

use super::load::load_bank;
use super::{kind_parser, level_parser};
use crate::cli::{Failure, Shell};
use crate::domain::{Level, Question, QuestionKind};
use crate::knowledge::{Bank, Filter};

/// Columns of a question's wording that a list shows.
const FIRST_WORDS: usize = 72;

/// Which questions to list.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Of this kind
    #[arg(long, value_parser = kind_parser())]
    kind: Option<QuestionKind>,
    /// Showing this competency
    #[arg(long, value_name = "NAME")]
    competency: Option<String>,
    /// Pitched at this level
    #[arg(long, value_parser = level_parser())]
    level: Option<Level>,
    /// Holding these words in id, wording, terms or competencies
    text: Vec<String>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// `viva.questions/1`
#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    bank: Digest<'a>,
    questions: Vec<Entry<'a>>,
}

#[derive(Debug, Serialize)]
struct Digest<'a> {
    sha256: &'a str,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    id: &'a str,
    kind: QuestionKind,
    level: Level,
    minutes: u32,
    competencies: &'a [String],
    framework: &'a str,
    parts: Vec<&'a str>,
    say: &'a str,
}

impl<'a> From<&'a Question> for Entry<'a> {
    fn from(question: &'a Question) -> Self {
        Self {
            id: &question.id,
            kind: question.kind,
            level: question.level,
            minutes: question.minutes,
            competencies: &question.competencies,
            framework: &question.framework.id,
            parts: question.parts.iter().map(|part| part.id.as_str()).collect(),
            say: &question.say,
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &Args, shell: &Shell) -> Result<(), Failure> {
    let loaded = load_bank(shell)?;
    let filter = Filter {
        kind: args.kind,
        competency: args.competency.clone(),
        level: args.level,
        text: args.text.join(" "),
    };
    let questions = loaded.bank.select(&filter);
    if args.json {
        return write_json(&loaded.sha256, &questions);
    }
    if questions.is_empty() {
        return Err(nothing(&loaded.bank));
    }
    Ok(writeln!(io::stdout().lock(), "{}", table(&questions).trim_fmt())?)
}

fn write_json(sha256: &str, questions: &[&Question]) -> Result<(), Failure> {
    let document = Document {
        schema: "viva.questions/1",
        bank: Digest { sha256 },
        questions: questions.iter().map(|question| Entry::from(*question)).collect(),
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &document).map_err(io::Error::from)?;
    Ok(writeln!(out)?)
}

fn nothing(bank: &Bank) -> Failure {
    let mut competencies: Vec<&str> =
        bank.questions().flat_map(|q| &q.competencies).map(String::as_str).collect();
    competencies.sort_unstable();
    competencies.dedup();
    Failure::new("no question is like that")
        .hint(format!("ask for less; the competencies are {}", competencies.join(", ")))
}

/// One line a question: on a terminal cut to its width.
fn table(questions: &[&Question]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_truncation_indicator("…");
    for question in questions {
        let mut row = Row::from(cells(question));
        row.max_height(1);
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    for column in table.column_iter_mut().take(4) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    table
}

fn cells(question: &Question) -> [String; 6] {
    let Question { id, kind, level, minutes, competencies, say, .. } = question;
    [
        id.clone(),
        kind.name().to_owned(),
        level.name().to_owned(),
        format!("{minutes} min"),
        competencies.join(", "),
        first_words(say),
    ]
}

/// As many whole words as make one short line.
fn first_words(text: &str) -> String {
    let lines = textwrap::wrap(text, FIRST_WORDS);
    let first = lines.first().map_or("", |line| line.as_ref());
    if lines.len() > 1 { format!("{first}…") } else { first.to_owned() }
}
