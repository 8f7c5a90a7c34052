//! Arguments, and one file a subcommand.
//!
//! A subcommand parses into its `Args`, gets a [`Shell`] with what was resolved for every
//! command, and returns a [`Failure`] that `main` renders in one place.

mod bench;
mod chosen;
mod compute;
mod eval;
mod failure;
mod grade;
mod interview;
mod models;
mod questions;
mod sessions;
mod shell;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

pub use failure::{Failure, Kind};
pub use models::sentences_if_here;
pub use shell::{Color, Shell};

/// A mock interviewer that runs on your own machine.
#[derive(Debug, Parser)]
#[command(name = "viva", version, about, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    shared: shell::Shared,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Be interviewed (what `viva` does by itself)
    Interview(interview::Interviewed),
    /// Judge answers that were given elsewhere
    Grade(grade::Graded),
    /// The question bank: list, show, check, new
    #[command(subcommand)]
    Questions(questions::Command),
    /// Models: list, pull, verify, path, rm
    #[command(subcommand)]
    Models(models::Command),
    /// Sessions on this machine: list, show
    #[command(subcommand)]
    Sessions(sessions::Command),
    /// How well the judge agrees with people, on labelled answers
    Eval(eval::Evaluated),
    /// How fast a model is on this machine, and which would keep up with a conversation
    Bench(bench::Benched),
}

/// A line on stderr. A stderr that has gone, as after a hang-up, is no failure.
fn whisper(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Parses the arguments, runs the command and says how it went.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match parse(args.into_iter().collect()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too: clap prints each where it belongs.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn dispatch(cli: Cli) -> Result<(), Failure> {
    let shell = Shell::resolve(cli.shared)?;
    match cli.command {
        Some(Command::Questions(command)) => questions::run(command, &shell),
        Some(Command::Models(command)) => models::run(command, &shell),
        Some(Command::Sessions(command)) => sessions::run(command, &shell),
        Some(Command::Grade(args)) => grade::run(&args, &shell),
        Some(Command::Eval(args)) => eval::run(&args, &shell),
        Some(Command::Bench(args)) => bench::run(&args, &shell),
        Some(Command::Interview(args)) => interview::run(&args, &shell),
        // `parse` puts the default command where none was named.
        None => Ok(()),
    }
}

/// Without a subcommand, `interview` is meant: `viva --seed 7` is `viva interview --seed 7`.
fn parse(args: Vec<OsString>) -> Result<Cli, clap::Error> {
    let parsed = Cli::try_parse_from(&args);
    let unnamed = match &parsed {
        Ok(cli) => cli.command.is_none(),
        Err(error) => error.kind() == clap::error::ErrorKind::UnknownArgument,
    };
    let named = args.iter().skip(1).filter_map(|a| a.to_str()).any(is_command);
    if !unnamed || named {
        return parsed;
    }
    let mut args = args;
    args.insert(1.min(args.len()), "interview".into());
    Cli::try_parse_from(args)
}

fn is_command(arg: &str) -> bool {
    Cli::command().get_subcommands().any(|command| command.get_name() == arg)
}
