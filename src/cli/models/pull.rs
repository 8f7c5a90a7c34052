//! `viva models pull`, and fetching a model that an interview needs.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;

use tokio::runtime;

use super::watch::Watch;
use super::{Failure, Shell, shelf};
use crate::catalog::{self, Artifact, FetchError, Known, Shelf, Sources};

/// Fetches the model and prints where it is.
pub(super) fn run(model: Known<'_>, shell: &Shell, yes: bool) -> Result<(), Failure> {
    if let Known::Chat(entry) = model
        && !entry.runs
    {
        let what = format!("{} is a {} model", entry.name, entry.architecture);
        writeln!(io::stderr(), "Note: {what}; interviews cannot use that architecture yet.")?;
    }
    let path = obtain(model, shell, yes)?;
    Ok(writeln!(io::stdout(), "{}", path.display())?)
}

/// The model's file or folder, fetched if it is not here; `yes` accepts terms that are not open.
pub(in crate::cli) fn obtain(
    model: Known<'_>,
    shell: &Shell,
    yes: bool,
) -> Result<PathBuf, Failure> {
    let (shelf, artifact) = (shelf(shell), model.artifact());
    if let Some(path) = shelf.located(&artifact) {
        return Ok(path);
    }
    consent(&artifact, yes)?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(until_interrupted(model, &shelf, shell));
    // A file being hashed or copied on a thread of its own need not be waited for.
    runtime.shutdown_background();
    outcome
}

/// Ctrl-C drops the fetch, which ends the connection and whatever it had started.
async fn until_interrupted(
    model: Known<'_>,
    shelf: &Shelf,
    shell: &Shell,
) -> Result<PathBuf, Failure> {
    let artifact = model.artifact();
    let watch = Watch::new(&artifact);
    let sources = Sources::from_env(shell.offline);
    tokio::select! {
        fetched = catalog::fetch(&artifact, shelf, &sources, &watch) => {
            fetched.map_err(|error| failure(model, &error))
        }
        _ = tokio::signal::ctrl_c() => {
            Err(Failure::interrupted().hint("what has arrived is kept; the same command goes on"))
        }
    }
}

fn failure(model: Known<'_>, error: &FetchError) -> Failure {
    let failure = Failure::new(error);
    match error {
        FetchError::NoSource { .. } => failure.hint(without(model)),
        FetchError::NoSpace { .. } => failure.hint(
            "make room, take a smaller model (`viva models list`), or set VIVA_HOME to a folder \
             on a larger disk",
        ),
        FetchError::Disk { .. } | FetchError::Runtime(_) => failure,
    }
}

/// What works without the model.
fn without(model: Known<'_>) -> &'static str {
    match model {
        Known::Chat(_) => {
            "`--model none` interviews without a model; `--model FILE` takes a GGUF file of yours"
        }
        Known::Sentences(_) => "it is optional: interviews work without it",
    }
}

/// Shows terms that are not open, and goes on only if they are accepted.
fn consent(artifact: &Artifact<'_>, yes: bool) -> Result<(), Failure> {
    let (name, licence) = (artifact.name, artifact.licence);
    if licence.open {
        return Ok(());
    }
    let mut err = io::stderr().lock();
    writeln!(err, "{name} comes under the {} licence, which is not open.", licence.name)?;
    writeln!(err, "{}", licence.terms.as_deref().unwrap_or_default())?;
    writeln!(err, "The terms: {}", licence.url)?;
    if yes || ask(&mut err)? {
        return Ok(());
    }
    let accept = format!("`viva models pull {name} --yes` accepts them");
    Err(Failure::usage(format!("{name} needs its terms accepted")).hint(accept))
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
