//! `viva questions show`: a question on paper.

use std::io::{self, Write};

use owo_colors::OwoColorize as _;
use serde::Serialize;
use textwrap::Options;

use super::columns;
use super::load::load_bank;
use crate::cli::{Failure, Shell};
use crate::domain::{Criterion, Mistake, MistakeForm, Question};
use crate::knowledge::Bank;

/// Lines longer than this are hard to read.
const WIDEST: usize = 100;

/// Which question to show.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The question's id
    id: String,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// `viva.question/1`
#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    #[serde(flatten)]
    question: &'a Question,
}

/// Runs the command.
pub(super) fn run(args: &Args, shell: &Shell) -> Result<(), Failure> {
    let bank = load_bank(shell)?.bank;
    let question = bank.question(&args.id).ok_or_else(|| unknown(&bank, &args.id))?;
    let mut out = io::stdout().lock();
    if args.json {
        let document = Document { schema: "viva.question/1", question };
        serde_json::to_writer_pretty(&mut out, &document).map_err(io::Error::from)?;
        return Ok(writeln!(out)?);
    }
    let mut page = Page { out, width: columns().min(WIDEST), color: shell.color };
    Ok(page.question(question)?)
}

/// There is no such question; which one may have been meant.
fn unknown(bank: &Bank, id: &str) -> Failure {
    let hint = match bank.nearest(id) {
        Some(meant) => format!("did you mean {meant}? `viva questions list` names them all"),
        None => "`viva questions list` names them all".to_owned(),
    };
    Failure::new(format!("there is no question {id:?}")).hint(hint)
}

/// A page of text as wide as the reader likes it.
struct Page<W> {
    out: W,
    width: usize,
    color: bool,
}

impl<W: Write> Page<W> {
    fn question(&mut self, question: &Question) -> io::Result<()> {
        self.head(question)?;
        if question.parts.is_empty() {
            self.body(question)?;
        } else {
            self.parts(&question.parts)?;
        }
        self.outline(&question.outline)
    }

    fn body(&mut self, question: &Question) -> io::Result<()> {
        self.framework(question)?;
        self.criteria("What interviewers look for", &question.looks_for)?;
        self.criteria("Points worth making", &question.key_points)?;
        self.mistakes(&question.mistakes)?;
        self.follow_ups(question)?;
        self.example(question)
    }

    fn head(&mut self, question: &Question) -> io::Result<()> {
        let Question { id, kind, level, minutes, competencies, say, terms, .. } = question;
        self.heading(&format!("{id}: {}, {}, {minutes} minutes", kind.name(), level.name()))?;
        self.text("  ", "  ", &competencies.join(", "))?;
        writeln!(self.out)?;
        self.text("  ", "  ", say)?;
        writeln!(self.out)?;
        self.text("  Words of the field: ", "    ", &terms.join(", "))
    }

    fn parts(&mut self, parts: &[Question]) -> io::Result<()> {
        self.section("Asked in turn")?;
        for (n, part) in (1..).zip(parts) {
            self.item(n, &format!("{}: {}", part.id, part.say))?;
        }
        Ok(())
    }

    fn framework(&mut self, question: &Question) -> io::Result<()> {
        let framework = &question.framework;
        self.section(&format!("Shape of the answer: {}", framework.name))?;
        self.text("  ", "  ", &framework.when)?;
        self.text("  ", "  ", &framework.heard)?;
        for (n, step) in (1..).zip(&framework.steps) {
            self.item(n, &format!("{}. {}", step.name, step.criterion.text))?;
            self.detail("ask", &step.criterion.probe)?;
        }
        Ok(())
    }

    fn criteria(&mut self, title: &str, criteria: &[Criterion]) -> io::Result<()> {
        self.section(title)?;
        for (n, criterion) in (1..).zip(criteria) {
            self.item(n, &criterion.text)?;
            self.detail("ask", &criterion.probe)?;
            self.detail("advise", &criterion.advice)?;
        }
        Ok(())
    }

    fn mistakes(&mut self, mistakes: &[Mistake]) -> io::Result<()> {
        self.section("Mistakes")?;
        for (n, mistake) in (1..).zip(mistakes) {
            let form = match mistake.form {
                MistakeForm::Said => "said",
                MistakeForm::Omitted => "left out",
            };
            self.item(n, &format!("{} ({form})", mistake.text))?;
            self.detail("advise", &mistake.advice)?;
        }
        Ok(())
    }

    fn follow_ups(&mut self, question: &Question) -> io::Result<()> {
        self.section("Follow-ups")?;
        for (n, probe) in (1..).zip(&question.probes) {
            self.item(n, &format!("{} ({})", probe.say, probe.fills.name()))?;
        }
        Ok(())
    }

    fn example(&mut self, question: &Question) -> io::Result<()> {
        self.section("Example")?;
        let steps = &question.framework.steps;
        for passage in &question.example {
            let step = steps.iter().find(|step| step.criterion.id == passage.step);
            let name = step.map_or(passage.step.as_str(), |step| step.name.as_str());
            self.text(&format!("  {name}: "), "    ", &passage.text)?;
        }
        Ok(())
    }

    fn outline(&mut self, outline: &[String]) -> io::Result<()> {
        self.section("A strong answer in short")?;
        outline.iter().try_for_each(|line| self.text("  - ", "    ", line))
    }

    fn section(&mut self, title: &str) -> io::Result<()> {
        writeln!(self.out)?;
        self.heading(title)
    }

    fn heading(&mut self, title: &str) -> io::Result<()> {
        if self.color {
            writeln!(self.out, "{}", title.bold())
        } else {
            writeln!(self.out, "{title}")
        }
    }

    fn item(&mut self, n: usize, text: &str) -> io::Result<()> {
        self.text(&format!("{n:>4}. "), "      ", text)
    }

    fn detail(&mut self, label: &str, text: &str) -> io::Result<()> {
        self.text(&format!("      {label}: "), "        ", text)
    }

    /// A paragraph, `first` before its first line and `rest` before the others.
    fn text(&mut self, first: &str, rest: &str, text: &str) -> io::Result<()> {
        let options = Options::new(self.width).initial_indent(first).subsequent_indent(rest);
        textwrap::wrap(text, options).iter().try_for_each(|line| writeln!(self.out, "{line}"))
    }
}
