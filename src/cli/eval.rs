//! `viva eval`: how well the judge agrees with people.

mod asides;
mod judge;
mod reference;
mod tap;
mod text;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Serialize;

use self::judge::Judge;
use super::compute::Compute;
use super::questions::load_bank;
use super::sessions::print;
use super::{Failure, Shell, whisper};
use crate::domain::{ModelCard, Tap};
use crate::eval::agreement::{
    Case, Row, RowFault, Task, fit, fit_probes, rank_heads, report, rows, worths,
};

/// How often progress is told, in rows.
const TOLD: usize = 10;

/// What to evaluate.
#[derive(Debug, Args)]
pub(super) struct Evaluated {
    /// Answers that people labelled or marked, one JSON document a line
    file: PathBuf,
    /// Which labels to compare with
    #[arg(long, value_enum, required_unless_present = "fit")]
    task: Option<Judged>,
    /// A model of `viva models list`, or a GGUF file
    #[arg(long, value_name = "MODEL", env = "VIVA_MODEL")]
    model: Option<String>,
    #[command(flatten)]
    compute: Compute,
    /// Take the first N answers of each question
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Print one JSON document (viva.eval/1)
    #[arg(long)]
    json: bool,
    /// Fit to the answers instead, and print what was found [default: weights]
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "weights",
        conflicts_with = "json"
    )]
    fit: Option<Fitted>,
    /// Read inside the model after so many layers, and at these heads, as for a model that nothing
    /// was fitted to [default: as probes.toml says]
    #[arg(long, value_name = "LAYERS:LAYER.HEAD,…", value_parser = tap::parse)]
    tap: Option<Tap>,
    /// Where what the model made of it is kept, so that the next run takes seconds [default: the
    /// cache]
    #[arg(long, value_name = "FOLDER")]
    margins: Option<PathBuf>,
}

/// What the judge is compared with people on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Judged {
    /// The steps of frameworks
    Structure,
    /// What interviewers look for, key points and mistakes
    Criterion,
    /// Coverage of a reference answer
    Reference,
}

/// What is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Fitted {
    /// How what was read is weighed, as calibration.toml has it
    Weights,
    /// Which sentences are beside the point, as probes.toml has it: the first to be fitted, since the
    /// others are of what is left
    Asides,
    /// What to read inside the model, as probes.toml has it
    Probes,
    /// Nothing but how well statements rank by each signal, alone and left out
    Signals,
    /// Which heads of --tap look most at the sentence that shows a statement
    Heads,
}

/// `viva.eval/1`.
#[derive(Serialize)]
struct Document<'a, R> {
    schema: &'static str,
    model: &'a ModelCard,
    #[serde(flatten)]
    report: &'a R,
}

/// What is made of cases.
enum Wanted {
    Report(Task),
    /// What is printed.
    Fit(fn(&Judge, &[Case]) -> Result<String, Failure>),
}

/// Evaluates.
pub(super) fn run(args: &Evaluated, shell: &Shell) -> Result<(), Failure> {
    let wanted = match (args.task, args.fit) {
        (Some(Judged::Reference), _) => return reference::run(args, shell),
        (_, Some(Fitted::Asides)) => return asides::run(args, shell),
        (_, Some(Fitted::Probes)) => Wanted::Fit(probes),
        (_, Some(Fitted::Signals)) => Wanted::Fit(signals),
        (_, Some(Fitted::Heads)) => Wanted::Fit(heads),
        (_, Some(Fitted::Weights)) | (None, None) => Wanted::Fit(weights),
        (Some(Judged::Structure), None) => Wanted::Report(Task::Structure),
        (Some(Judged::Criterion), None) => Wanted::Report(Task::Criterion),
    };
    let rows = limited(labelled(&args.file)?, args.limit, |row| row.question.clone());
    let bank = load_bank(shell)?.bank;
    let judge = Judge::prepare(args, shell)?;
    let mut found = Vec::new();
    let mut kept = judge.kept(args, shell)?;
    for (n, row) in (1..).zip(&rows) {
        found.extend(judge.find(row, &bank, &mut kept)?);
        tell(n, rows.len());
    }
    let task = match wanted {
        Wanted::Fit(fit) => return print(&fit(&judge, &found)?),
        Wanted::Report(task) => task,
    };
    let report = report(task, &found).ok_or_else(|| {
        Failure::new(format!("{} has no label for this task", args.file.display()))
    })?;
    show(args, &judge.card, &report, text::render)
}

fn weights(judge: &Judge, found: &[Case]) -> Result<String, Failure> {
    fit(&judge.card, found).map_err(Failure::new)?.to_toml().map_err(Failure::new)
}

fn probes(judge: &Judge, found: &[Case]) -> Result<String, Failure> {
    let fitted = fit_probes(&judge.card, judge.probes()?, found)
        .ok_or_else(|| Failure::new("there is no labelled statement to fit to"))?;
    fitted.to_toml().map_err(Failure::new)
}

fn signals(_: &Judge, found: &[Case]) -> Result<String, Failure> {
    Ok(text::worths(&worths(found).map_err(Failure::new)?))
}

fn heads(judge: &Judge, found: &[Case]) -> Result<String, Failure> {
    Ok(text::heads(&rank_heads(judge.tap()?, found)))
}

/// Prints a report, as a document or for people.
fn show<R: Serialize>(
    args: &Evaluated,
    model: &ModelCard,
    report: &R,
    render: fn(&ModelCard, &R) -> String,
) -> Result<(), Failure> {
    let document = Document { schema: "viva.eval/1", model, report };
    let json = || serde_json::to_string_pretty(&document);
    print(&if args.json { json()? } else { render(model, report) })
}

/// Tells how far a run is, now and then.
fn tell(n: usize, of: usize) {
    if n.is_multiple_of(TOLD) || n == of {
        whisper(&format!("{n} of {of} answers"));
    }
}

fn labelled(path: &Path) -> Result<Vec<Row>, Failure> {
    file(path, "scripts/labelled_set.py --write FOLDER makes such files", rows)
}

/// What a file holds; `hint` says what it should.
fn file<T>(
    path: &Path,
    hint: &str,
    parse: impl Fn(&str) -> Result<Vec<T>, RowFault>,
) -> Result<Vec<T>, Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("{shown} cannot be read: {error}")))?;
    parse(&text).map_err(|fault| Failure::new(format!("{shown}: {fault}")).hint(hint))
}

/// The first `limit` rows of each question.
fn limited<T>(rows: Vec<T>, limit: Option<usize>, question: impl Fn(&T) -> String) -> Vec<T> {
    let Some(limit) = limit else { return rows };
    let mut taken: HashMap<String, usize> = HashMap::new();
    let mut has_room = |row: &T| {
        let count = taken.entry(question(row)).or_default();
        *count += 1;
        *count <= limit
    };
    rows.into_iter().filter(|row| has_room(row)).collect()
}
