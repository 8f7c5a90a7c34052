//! `viva questions check`.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::PathBuf;

use serde::Serialize;

use super::load::{Reading, WHERE, counted, existing, overlay_folder};
use crate::cli::{Failure, Shell};
use crate::knowledge::{Bank, Fault};

/// What to check.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// A folder laid over the built-in bank; without it, the one that interviews use
    dir: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// `viva.check/1`
#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    files: usize,
    questions: usize,
    faults: &'a [Fault],
}

/// Runs the command.
pub(super) fn run(args: &Args, shell: &Shell) -> Result<(), Failure> {
    let folder = match &args.dir {
        Some(dir) => Some(existing(dir)?),
        None => overlay_folder(shell)?,
    };
    let reading = Reading::of(folder.as_deref());
    if args.dir.is_some() && reading.laid_over == 0 && reading.bank.is_ok() {
        return Err(Failure::new("that folder holds no file of a bank").hint(WHERE));
    }
    if args.json {
        write_json(&reading)?;
    } else {
        write_text(&reading)?;
    }
    match &reading.bank {
        Ok(_) => Ok(()),
        Err(faults) => Err(summary(faults)),
    }
}

fn write_json(reading: &Reading) -> Result<(), Failure> {
    let (questions, faults) = match &reading.bank {
        Ok(bank) => (bank.questions().len(), &[][..]),
        Err(faults) => (0, faults.as_slice()),
    };
    let document = Document { schema: "viva.check/1", files: reading.files, questions, faults };
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &document).map_err(io::Error::from)?;
    Ok(writeln!(out)?)
}

fn write_text(reading: &Reading) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match &reading.bank {
        Ok(bank) => writeln!(out, "{}", sound(reading.files, bank))?,
        Err(faults) => {
            for fault in faults {
                writeln!(out, "{fault}")?;
            }
        }
    }
    Ok(())
}

fn sound(files: usize, bank: &Bank) -> String {
    format!(
        "no faults in {}: {}, {}, {} shared criteria",
        counted(files, "file"),
        counted(bank.questions().len(), "question"),
        counted(bank.frameworks().len(), "framework"),
        bank.shared_criteria(),
    )
}

fn summary(faults: &[Fault]) -> Failure {
    let files: BTreeSet<&str> = faults.iter().map(|fault| fault.file.as_str()).collect();
    let (faults, files) = (counted(faults.len(), "fault"), counted(files.len(), "file"));
    Failure::new(format!("{faults} in {files}"))
        .hint("docs/knowledge.md says how the files are written")
}
