//! The bank in effect: the built-in one with the user's folder laid over it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::cli::{Failure, Shell};
use crate::files::{self, Overlay, Unread};
use crate::knowledge::{Bank, Fault, Source, builtin, disarmed, lay_over};

/// What folder is meant.
pub(super) const WHERE: &str = "name the folder that holds questions/, frameworks/ or criteria/";

/// A bank and the digest that sessions name it by.
#[derive(Debug)]
pub(in crate::cli) struct InEffect {
    /// The bank.
    pub(in crate::cli) bank: Bank,
    /// SHA-256 over its files in hexadecimal.
    pub(in crate::cli) sha256: String,
}

/// The bank in effect; a failure that names every fault where it has any.
pub(in crate::cli) fn load_bank(shell: &Shell) -> Result<InEffect, Failure> {
    let reading = Reading::of(overlay_folder(shell)?.as_deref());
    match reading.bank {
        Ok(bank) => Ok(InEffect { bank, sha256: reading.sha256 }),
        Err(faults) => Err(faulty(&faults)),
    }
}

fn faulty(faults: &[Fault]) -> Failure {
    let mut what = format!("the question bank has {}", counted(faults.len(), "fault"));
    for fault in faults {
        let _ = write!(what, "\n{fault}");
    }
    Failure::new(what).hint("mend the files, then try `viva questions check`")
}

/// What came of reading a bank.
pub(super) struct Reading {
    /// How many files it has.
    pub(super) files: usize,
    /// How many of them the user's folder brought.
    pub(super) laid_over: usize,
    /// The digest of its files.
    pub(super) sha256: String,
    /// The bank, or every fault.
    pub(super) bank: Result<Bank, Vec<Fault>>,
}

impl Reading {
    /// Reads the built-in bank with `folder` laid over it.
    pub(super) fn of(folder: Option<&Path>) -> Self {
        let overlay = folder.map(|f| files::read_overlay(f, "toml")).unwrap_or_default();
        let Overlay { texts, unread } = overlay;
        let laid_over = texts.len();
        let sources = lay_over(builtin(), texts.into_iter().map(source).collect());
        let sha256 = files::digest(sources.iter().map(|s| (s.path.as_str(), s.text.as_str())));
        let bank = sound(Bank::load(&sources), &unread);
        Self { files: sources.len(), laid_over, sha256, bank }
    }
}

/// The bank, if it is sound and all of it could be read.
fn sound(bank: Result<Bank, Vec<Fault>>, unread: &[Unread]) -> Result<Bank, Vec<Fault>> {
    if unread.is_empty() {
        return bank;
    }
    let mut faults = bank.err().unwrap_or_default();
    faults.extend(unread.iter().map(fault));
    faults.sort();
    Err(faults)
}

fn source(text: files::Text) -> Source {
    Source { path: text.path, shown: text.file.display().to_string(), text: text.text }
}

fn fault(unread: &Unread) -> Fault {
    Fault {
        file: unread.file.display().to_string(),
        line: unread.why.line(),
        column: 1,
        what: unread.why.to_string(),
        remedy: unread.why.remedy().to_owned(),
    }
}

/// The folder laid over the bank: the one named, or the user's own where it exists.
pub(super) fn overlay_folder(shell: &Shell) -> Result<Option<PathBuf>, Failure> {
    match &shell.knowledge {
        Some(folder) => existing(folder).map(Some),
        None => Ok(Some(shell.folders.knowledge()).filter(|folder| folder.exists())),
    }
}

/// A folder that was named and so has to be there.
pub(super) fn existing(folder: &Path) -> Result<PathBuf, Failure> {
    if folder.is_dir() {
        return Ok(folder.to_owned());
    }
    Err(Failure::new(format!("there is no folder {}", disarmed(&folder.to_string_lossy())))
        .hint(WHERE))
}

/// "1 fault", "2 faults".
pub(super) fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}
