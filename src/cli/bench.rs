//! `viva bench`: how fast a model is here, and which would keep up with a conversation.

mod chosen;
mod document;
mod report;

use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use clap::Args;
use indicatif::ProgressBar;

use super::compute::Compute;
use super::models;
use super::{Failure, Shell};
use crate::engine::LoadOptions;
use crate::eval::{self, Speed, Stage, Work};

use chosen::Chosen;
use document::Document;

/// What to measure, and with what.
#[derive(Debug, Args)]
pub(super) struct Benched {
    /// A model of `viva models list` or a GGUF file
    #[arg(long, value_name = "MODEL", env = "VIVA_MODEL")]
    model: Option<String>,
    #[command(flatten)]
    compute: Compute,
    /// Rounds of which the median counts
    #[arg(long, value_name = "N", default_value_t = Work::default().rounds as u32, value_parser = clap::value_parser!(u32).range(1..=99))]
    rounds: u32,
    /// One JSON document on stdout (viva.bench/1)
    #[arg(long)]
    json: bool,
}

/// Measures and says what came of it.
pub(super) fn run(args: &Benched, shell: &Shell) -> Result<(), Failure> {
    let options = args.compute.resolve(&shell.settings)?;
    let catalog = models::catalog(shell)?;
    let chosen = Chosen::find(args.model.as_deref(), &catalog, shell)?;
    let work = Work { rounds: args.rounds as usize, ..Work::default() };
    let speed = measure(&chosen.path, options, &work)?;
    let document = Document::new(&chosen, &speed, &work, &catalog);
    let mut out = io::stdout().lock();
    if args.json {
        let text = serde_json::to_string_pretty(&document)?;
        return Ok(writeln!(out, "{text}")?);
    }
    Ok(write!(out, "{}", report::text(&document))?)
}

/// Minutes may pass with large models, so a line on the terminal says what is going on.
fn measure(path: &Path, options: LoadOptions, work: &Work) -> Result<Speed, Failure> {
    let line = ProgressBar::new_spinner();
    line.enable_steady_tick(Duration::from_millis(120));
    let speed = eval::measure(path, options, work, &|stage| line.set_message(said(stage, work)));
    line.finish_and_clear();
    speed.map_err(Failure::new)
}

fn said(stage: Stage, work: &Work) -> String {
    let of = work.rounds;
    match stage {
        Stage::Load => "loading".to_owned(),
        Stage::WarmUp => "warming up".to_owned(),
        Stage::Bandwidth => "reading memory".to_owned(),
        Stage::Tokens { round } => format!("a prompt and what follows it, round {round} of {of}"),
        Stage::Branches { round } => format!("statements about a prompt, round {round} of {of}"),
    }
}
