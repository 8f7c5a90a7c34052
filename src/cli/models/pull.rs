//! `viva models pull`, and fetching a model that an interview needs.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;

use tokio::runtime;

use super::watch::Watch;
use super::{Failure, Shell, shelf};
use crate::catalog::{self, Entry, FetchError, Shelf, Sources};

/// Fetches the model and prints where it is.
pub(super) fn run(entry: &Entry, shell: &Shell, yes: bool) -> Result<(), Failure> {
    if !entry.runs {
        let what = format!("{} is a {} model", entry.name, entry.architecture);
        writeln!(io::stderr(), "Note: {what}; interviews cannot use that architecture yet.")?;
    }
    let path = obtain(entry, shell, yes)?;
    Ok(writeln!(io::stdout(), "{}", path.display())?)
}

/// The model's file, fetched if it is not here; `yes` accepts terms that are not open.
pub(in crate::cli) fn obtain(entry: &Entry, shell: &Shell, yes: bool) -> Result<PathBuf, Failure> {
    let shelf = shelf(shell);
    if let Some(path) = shelf.located(entry) {
        return Ok(path);
    }
    consent(entry, yes)?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(until_interrupted(entry, &shelf, shell));
    // A file being hashed or copied on a thread of its own need not be waited for.
    runtime.shutdown_background();
    outcome
}

/// Ctrl-C drops the fetch, which ends the connection and whatever it had started.
async fn until_interrupted(
    entry: &Entry,
    shelf: &Shelf,
    shell: &Shell,
) -> Result<PathBuf, Failure> {
    let watch = Watch::new(entry);
    let sources = Sources::from_env(shell.offline);
    tokio::select! {
        fetched = catalog::fetch(entry, shelf, &sources, &watch) => {
            fetched.map_err(|error| failure(&error))
        }
        _ = tokio::signal::ctrl_c() => {
            Err(Failure::interrupted().hint("what has arrived is kept; the same command goes on"))
        }
    }
}

fn failure(error: &FetchError) -> Failure {
    let failure = Failure::new(error);
    match error {
        FetchError::NoSource { .. } => failure.hint(
            "`--model none` interviews without a model; `--model FILE` takes a GGUF file of yours",
        ),
        FetchError::NoSpace { .. } => failure.hint(
            "make room, take a smaller model (`viva models list`), or set VIVA_HOME to a folder \
             on a larger disk",
        ),
        FetchError::Disk { .. } | FetchError::Runtime(_) => failure,
    }
}

/// Shows terms that are not open, and goes on only if they are accepted.
fn consent(entry: &Entry, yes: bool) -> Result<(), Failure> {
    let licence = &entry.licence;
    if licence.open {
        return Ok(());
    }
    let mut err = io::stderr().lock();
    writeln!(err, "{} comes under the {} licence, which is not open.", entry.name, licence.name)?;
    writeln!(err, "{}", licence.terms.as_deref().unwrap_or_default())?;
    writeln!(err, "The terms: {}", licence.url)?;
    if yes || ask(&mut err)? {
        return Ok(());
    }
    let accept = format!("`viva models pull {} --yes` accepts them", entry.name);
    Err(Failure::usage(format!("{} needs its terms accepted", entry.name)).hint(accept))
}

/// Asks where somebody can answer; says no where nobody can.
fn ask(err: &mut impl io::Write) -> io::Result<bool> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(false);
    }
    write!(err, "Fetch it under these terms? [y/N] ")?;
    err.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}
