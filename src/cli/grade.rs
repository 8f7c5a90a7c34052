//! `viva grade`: the judge of an interview, for answers that were given elsewhere.

mod folder;
mod inputs;

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::Args;
use tokio::runtime::{Builder, Runtime};

use super::chosen;
use super::compute::Compute;
use super::interview::named;
use super::questions::{InEffect, kind_parser, load_bank};
use super::sessions::{print, style};
use super::{Failure, Shell};
use crate::app::{Given, Setup, grade};
use crate::domain::{Question, QuestionKind};
use crate::feedback::{FeedbackDocument, View, markdown, terminal};
use crate::judge::against;
use crate::knowledge::kind_of;

/// What to grade, and how.
#[derive(Debug, Args)]
pub(super) struct Graded {
    /// An answer as text, a JSON list of {"question", "answer"}, a folder of either, or - for
    /// stdin
    #[arg(value_name = "FILE|DIR", default_value = "-")]
    path: PathBuf,
    /// The question that was answered, by its id in the bank
    #[arg(long, value_name = "ID", required_unless_present = "question_text")]
    question: Option<String>,
    /// The question that was answered, in its own words
    #[arg(long, value_name = "TEXT", conflicts_with = "question")]
    question_text: Option<String>,
    /// Of which kind that is [default: told by its words]
    #[arg(long, value_parser = kind_parser(), conflicts_with = "question")]
    kind: Option<QuestionKind>,
    /// A reference answer: grade by the points that it makes, and by nothing else
    #[arg(long, value_name = "FILE")]
    reference: Option<PathBuf>,
    /// A model of `viva models list`, a GGUF file, or `none`
    #[arg(long, value_name = "MODEL", env = "VIVA_MODEL")]
    model: Option<String>,
    #[command(flatten)]
    compute: Compute,
    /// Print one JSON document (viva.feedback/1); a folder gives a line a file anyway
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print Markdown
    #[arg(long)]
    markdown: bool,
    /// Where the lines of a folder go; files that it has already are not graded again
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// A question, and who judges answers to it.
struct Grader {
    setup: Setup,
    question: Question,
    runtime: Runtime,
}

impl Grader {
    fn grade(&self, given: &[Given]) -> Result<View, Failure> {
        let grading = grade(&self.setup, &self.question, given);
        self.runtime.block_on(grading).map_err(Failure::new)
    }
}

/// Grades.
pub(super) fn run(args: &Graded, shell: &Shell) -> Result<(), Failure> {
    let question = asked(args, &load_bank(shell)?)?;
    let many = args.path.is_dir();
    check(args, many)?;
    // Read first: nobody should wait for a model to hear that a file is not there.
    let given = if many { Vec::new() } else { inputs::read(&args.path)? };
    let grader = grader(args, question, shell)?;
    if many {
        return folder::run(&grader, &args.path, args.out.as_deref());
    }
    print(&report(args, &grader.grade(&given)?, shell)?)
}

/// What answers are judged by.
fn asked(args: &Graded, bank: &InEffect) -> Result<Question, Failure> {
    let question = match (&args.question, &args.question_text) {
        (Some(id), _) => named(id, bank)?.clone(),
        (None, Some(text)) => posed(text, args.kind, bank)?,
        (None, None) => return Err(Failure::usage("there is no question")),
    };
    if let Some(reference) = &args.reference {
        let text = inputs::reference(reference)?;
        return against(&question, &text)
            .map_err(|error| Failure::usage(format!("{}: {error}", reference.display())));
    }
    if question.parts.is_empty() {
        return Ok(question);
    }
    let parts: Vec<&str> = question.parts.iter().map(|part| part.id.as_str()).collect();
    let what = format!("{} is a round of several questions", question.id);
    Err(Failure::usage(what).hint(format!("name one of them: {}", parts.join(", "))))
}

fn posed(text: &str, kind: Option<QuestionKind>, bank: &InEffect) -> Result<Question, Failure> {
    let text = text.trim();
    if text.is_empty() {
        let hint = "say what was asked: --question-text \"Tell me about a time you failed.\"";
        return Err(Failure::usage("the question is empty").hint(hint));
    }
    Ok(bank.bank.posed(text, kind.unwrap_or_else(|| kind_of(text))))
}

fn check(args: &Graded, many: bool) -> Result<(), Failure> {
    if args.out.is_some() && !many {
        return Err(
            Failure::usage("--out is for a folder").hint("send one answer's to a file with >")
        );
    }
    if args.markdown && many {
        return Err(Failure::usage("a folder gives JSON Lines, no Markdown"));
    }
    if args.path == Path::new("-") && io::stdin().is_terminal() {
        let hint = "viva grade answer.txt --question ID, or pipe the answer in";
        return Err(Failure::usage("there is no answer to grade").hint(hint));
    }
    Ok(())
}

fn grader(args: &Graded, question: Question, shell: &Shell) -> Result<Grader, Failure> {
    let (setup, _) = chosen::judge(args.model.as_deref(), &args.compute, shell)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    Ok(Grader { setup, question, runtime })
}

fn report(args: &Graded, view: &View, shell: &Shell) -> Result<String, Failure> {
    if args.json {
        return Ok(serde_json::to_string_pretty(&FeedbackDocument::new(view))?);
    }
    Ok(if args.markdown { markdown::render(view) } else { terminal::render(view, style(shell)) })
}
