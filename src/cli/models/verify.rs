//! `viva models verify`.

use std::io::{self, IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use crate::catalog::{Catalog, Entry, Shelf, VerifyError};

/// Checks one model.
pub(super) fn one(entry: &Entry, shelf: &Shelf) -> Result<(), Failure> {
    check(entry, shelf).map_err(Failure::new)?;
    Ok(writeln!(io::stdout(), "{}: right, SHA-256 {}", entry.name, entry.sha256)?)
}

/// Checks every model that is here, to the last, whatever the first is like.
pub(super) fn all(catalog: &Catalog, shelf: &Shelf) -> Result<(), Failure> {
    let here: Vec<_> = catalog.entries().iter().filter(|e| shelf.path(e).exists()).collect();
    if here.is_empty() {
        let nothing = format!("No model is here: {} holds none.", shelf.folder().display());
        return Ok(writeln!(io::stdout(), "{nothing}")?);
    }
    let mut wrong = Vec::new();
    for entry in &here {
        match check(entry, shelf) {
            Ok(()) => writeln!(io::stdout(), "{}: right, SHA-256 {}", entry.name, entry.sha256)?,
            Err(error) => wrong.push(error.to_string()),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::new(wrong.join("\n      "))) }
}

fn check(entry: &Entry, shelf: &Shelf) -> Result<(), VerifyError> {
    let bar = bar(entry);
    let outcome = shelf.verify(entry, &mut |done| bar.set_position(done));
    bar.finish_and_clear();
    outcome
}

fn bar(entry: &Entry) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} {bar:30} {percent:>3} %");
    let bar = ProgressBar::new(entry.size).with_message(entry.name.clone());
    bar.with_style(style.expect("the template is a constant that was tried"))
}
