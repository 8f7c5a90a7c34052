//! `viva models verify`.

use std::io::{self, IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use crate::catalog::{Artifact, Catalog, Known, Shelf, VerifyError};

/// Checks one model.
pub(super) fn one(artifact: &Artifact<'_>, shelf: &Shelf) -> Result<(), Failure> {
    check(artifact, shelf).map_err(Failure::new)?;
    Ok(right(artifact)?)
}

/// Checks every model that is here, to the last, whatever the first is like.
pub(super) fn all(catalog: &Catalog, shelf: &Shelf) -> Result<(), Failure> {
    let here = catalog.all().map(Known::artifact).filter(|a| shelf.has_files(a));
    let here: Vec<_> = here.collect();
    if here.is_empty() {
        let nothing = format!("No model is here: {} holds none.", shelf.folder().display());
        return Ok(writeln!(io::stdout(), "{nothing}")?);
    }
    let mut wrong = Vec::new();
    for artifact in &here {
        match check(artifact, shelf) {
            Ok(()) => right(artifact)?,
            Err(error) => wrong.push(error.to_string()),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::new(wrong.join("\n      "))) }
}

fn right(artifact: &Artifact<'_>) -> io::Result<()> {
    artifact.pieces.iter().try_for_each(|piece| {
        writeln!(io::stdout(), "{}: right, SHA-256 {}", artifact.label(piece), piece.sha256)
    })
}

fn check(artifact: &Artifact<'_>, shelf: &Shelf) -> Result<(), VerifyError> {
    let bar = bar(artifact);
    let outcome = shelf.verify(artifact, &mut |done| bar.set_position(done));
    bar.finish_and_clear();
    outcome
}

fn bar(artifact: &Artifact<'_>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} {bar:30} {percent:>3} %");
    let bar = ProgressBar::new(artifact.size()).with_message(artifact.name.to_owned());
    bar.with_style(style.expect("the template is a constant that was tried"))
}
