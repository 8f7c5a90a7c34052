//! `viva sessions`.

use std::io::{self, IsTerminal as _, Write as _};

use clap::{Args, Subcommand};
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::{Failure, Shell};
use crate::app::Record;
use crate::escape;
use crate::feedback::Style;
use crate::interview::State;
use crate::store::{Store, StoreError, Stored, Summary, Which};

/// What to do with sessions.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List them, newest first
    List(List),
    /// Show one: what was said, and the feedback
    Show(Show),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Print one JSON document (viva.sessions/1)
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The beginning of a session's id, or `last`
    #[arg(value_name = "ID|last")]
    which: Which,
    /// Print one JSON document (viva.session/1)
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print Markdown
    #[arg(long)]
    markdown: bool,
}

impl Show {
    fn format(&self) -> Format {
        match (self.json, self.markdown) {
            (true, _) => Format::Json,
            (false, true) => Format::Markdown,
            (false, false) => Format::Terminal,
        }
    }
}

/// How a session is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Terminal,
    Markdown,
    Json,
}

/// Runs the command.
pub(super) fn run(command: Command, shell: &Shell) -> Result<(), Failure> {
    match command {
        Command::List(args) => list(&args, shell),
        Command::Show(args) => show(&args, shell),
    }
}

fn list(args: &List, shell: &Shell) -> Result<(), Failure> {
    let sessions = match existing(shell)? {
        Some(store) => store.sessions()?,
        None => Vec::new(),
    };
    if args.json {
        return print(&json(&sessions)?);
    }
    if sessions.is_empty() {
        let none = StoreError::None;
        writeln!(io::stderr(), "{none}; {}", none.remedy())?;
        return Ok(());
    }
    print(&table(&sessions).trim_fmt())
}

fn show(args: &Show, shell: &Shell) -> Result<(), Failure> {
    let store = existing(shell)?.ok_or(StoreError::None)?;
    let stored = store.load(&args.which)?;
    print(&render(stored, args.format(), shell)?)
}

/// The journal, unless there is none: reading makes no files.
fn existing(shell: &Shell) -> Result<Option<Store>, StoreError> {
    let path = shell.folders.database();
    match path.try_exists() {
        Ok(false) => Ok(None),
        // What keeps us from looking keeps us from opening, and that says why.
        Ok(true) | Err(_) => Store::open(&path).map(Some),
    }
}

/// A report on stdout, with one line's end.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    writeln!(io::stdout(), "{}", text.trim_end())?;
    Ok(())
}

/// Prints a session's document.
pub(super) fn print_document(id: &str, shell: &Shell) -> Result<(), Failure> {
    let store = existing(shell)?.ok_or(StoreError::None)?;
    let stored = store.load(&Which::Id(id.to_owned()))?;
    print(&render(stored, Format::Json, shell)?)
}

/// A session as text.
fn render(stored: Stored, format: Format, shell: &Shell) -> Result<String, Failure> {
    let state = State::replay(stored.events).map_err(|misplaced| {
        Failure::new(format!("session {} cannot be told: {misplaced}", stored.id))
    })?;
    let record = Record::new(stored.id, stored.started.to_string(), state);
    let text = match format {
        Format::Terminal => record.terminal(style(shell)),
        Format::Markdown => record.markdown(),
        Format::Json => record.document().map(|d| serde_json::to_string_pretty(&d)).transpose()?,
    };
    text.ok_or_else(|| Failure::new("the session never began"))
}

/// How reports look on stdout.
pub(super) fn style(shell: &Shell) -> Style {
    let width = if io::stdout().is_terminal() { textwrap::termwidth().clamp(20, 100) } else { 88 };
    Style { color: shell.color, width }
}

/// `viva.sessions/1`.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    sessions: Vec<Entry<'a>>,
}

/// A session that cannot be read has its id and its start, and null for the rest.
#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    started: String,
    outcome: Option<&'static str>,
    answers: Option<usize>,
    question: Option<Question<'a>>,
    model: Option<&'a str>,
}

#[derive(Serialize)]
struct Question<'a> {
    id: &'a str,
    text: &'a str,
}

fn entry(summary: &Summary) -> Entry<'_> {
    let about = summary.about.as_ref();
    Entry {
        id: &summary.id,
        started: summary.started.to_string(),
        outcome: about.map(|a| a.outcome.name()),
        answers: about.map(|a| a.answers),
        question: about.map(|a| Question { id: &a.question, text: &a.say }),
        model: about.map(|a| a.model.as_str()),
    }
}

fn json(sessions: &[Summary]) -> Result<String, Failure> {
    let sessions = sessions.iter().map(entry).collect();
    let document = Document { schema: "viva.sessions/1", sessions };
    Ok(serde_json::to_string_pretty(&document)?)
}

fn table(sessions: &[Summary]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["id", "started (UTC)", "question", "answers", "outcome", "model"])
        .add_rows(sessions.iter().map(row));
    table
}

fn row(summary: &Summary) -> Vec<String> {
    let mut row = vec![summary.id.clone(), summary.started.strftime("%Y-%m-%d %H:%M").to_string()];
    match &summary.about {
        Some(about) => row.extend([
            escape::line(&about.question),
            about.answers.to_string(),
            about.outcome.name().to_owned(),
            escape::line(&about.model),
        ]),
        None => row.push("(cannot be read)".to_owned()),
    }
    row
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(&error).hint(error.remedy())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::store::{About, Outcome};

    fn summary(id: &str, about: Option<About>) -> Summary {
        let started: Timestamp = "2026-01-02T03:04:05.678Z".parse().unwrap();
        Summary { id: id.to_owned(), started, about }
    }

    fn about(question: &str, model: &str) -> About {
        About {
            question: question.to_owned(),
            say: "Tell me about \u{1b}[2J a backend.".to_owned(),
            model: model.to_owned(),
            answers: 4,
            outcome: Outcome::Finished,
        }
    }

    fn sessions() -> [Summary; 2] {
        let read = about("scaling-regret", "qwen2.5-coder-1.5b");
        [summary("7k3fq9", Some(read)), summary("mm21ab", None)]
    }

    #[test]
    fn the_table() {
        insta::assert_snapshot!(table(&sessions()).force_no_tty().trim_fmt(), @"
        id      started (UTC)     question          answers  outcome   model
        7k3fq9  2026-01-02 03:04  scaling-regret    4        finished  qwen2.5-coder-1.5b
        mm21ab  2026-01-02 03:04  (cannot be read)
        ");
    }

    #[test]
    fn the_document() {
        insta::assert_snapshot!(json(&sessions()).unwrap(), @r#"
        {
          "schema": "viva.sessions/1",
          "sessions": [
            {
              "id": "7k3fq9",
              "started": "2026-01-02T03:04:05.678Z",
              "outcome": "finished",
              "answers": 4,
              "question": {
                "id": "scaling-regret",
                "text": "Tell me about \u001b[2J a backend."
              },
              "model": "qwen2.5-coder-1.5b"
            },
            {
              "id": "mm21ab",
              "started": "2026-01-02T03:04:05.678Z",
              "outcome": null,
              "answers": null,
              "question": null,
              "model": null
            }
          ]
        }
        "#);
    }

    #[test]
    fn names_cannot_command_the_terminal() {
        let name = "a\u{1b}[31m\u{9b}2J\tb\nc\u{202e}d\u{2028}é";
        let shown = table(&[summary("7k3fq9", Some(about(name, name)))]).to_string();
        assert!(!shown.contains(['\u{1b}', '\u{202e}']));
    }
}
