//! `viva questions`.

mod check;
mod list;
mod load;
mod new;
mod show;

use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::{Failure, Shell};
use crate::domain::{Level, QuestionKind};

#[allow(unused_imports, reason = "what an interview asks from")]
pub(super) use load::{InEffect, load_bank};

/// What to do with questions.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the questions
    List(list::Args),
    /// Show a question as an interviewer would use it
    Show(show::Args),
    /// Name every fault of every file of the bank
    Check(check::Args),
    /// Print a commented question to start your own from
    New(new::Args),
}

/// Runs the command.
pub(super) fn run(command: Command, shell: &Shell) -> Result<(), Failure> {
    match command {
        Command::List(args) => list::run(&args, shell),
        Command::Show(args) => show::run(&args, shell),
        Command::Check(args) => check::run(&args, shell),
        Command::New(args) => new::run(&args),
    }
}

/// Parses `--kind`.
pub(super) fn kind_parser() -> impl TypedValueParser<Value = QuestionKind> {
    named(QuestionKind::ALL, QuestionKind::name)
}

/// Parses `--level`.
pub(super) fn level_parser() -> impl TypedValueParser<Value = Level> {
    named(Level::ALL, Level::name)
}

/// Parses the name of one of a closed list of values.
fn named<T: Copy + Send + Sync + 'static, const N: usize>(
    all: [T; N],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.map(name)).try_map(move |given| {
        all.into_iter().find(|value| name(*value) == given).ok_or("no such value")
    })
}

/// Columns to write in: the terminal's, 80 where there is none.
fn columns() -> usize {
    comfy_table::Table::new().width().map_or(80, usize::from)
}
