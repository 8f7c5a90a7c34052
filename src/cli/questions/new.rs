//! `viva questions new`.

use std::io::{self, Write as _};

use crate::cli::Failure;
use crate::knowledge::{is_id, template};

/// What to start.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The new question's id, which is its file's name
    #[arg(default_value = "my-question")]
    id: String,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<(), Failure> {
    if !is_id(&args.id) {
        let what = format!("{:?} cannot be the id of a question", args.id);
        return Err(
            Failure::usage(what).hint("use a-z, 0-9 and single hyphens, as in scaling-regret")
        );
    }
    Ok(io::stdout().lock().write_all(template(&args.id).as_bytes())?)
}
