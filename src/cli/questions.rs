//! `viva questions`.

use clap::Subcommand;

use super::{Failure, Shell};

/// What to do with questions.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List them
    List,
}

/// Runs the command.
pub(super) fn run(command: Command, _shell: &Shell) -> Result<(), Failure> {
    match command {
        Command::List => Ok(()),
    }
}
