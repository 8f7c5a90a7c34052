//! `viva models`: what is here, fetching, checking, removing.

mod list;
pub(super) mod pull;
mod verify;
mod watch;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::{Failure, Shell};
use crate::catalog::{
    Artifact, Catalog, Entry, Hashed, Known, Shelf, SpecError, UnknownModel, human_bytes,
};

/// What to do with models.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Every model known by name: size, whether it is here and fits, licence, what it is good for
    List {
        /// One JSON document on stdout
        #[arg(long)]
        json: bool,
    },
    /// Fetch a model and check it
    Pull {
        /// The default model if none is named
        name: Option<String>,
        /// Accept the licence's terms without being asked
        #[arg(long)]
        yes: bool,
    },
    /// Hash a model's files and compare; all that are here if none is named
    Verify {
        /// The model
        name: Option<String>,
    },
    /// Print where a model's file or folder is
    Path {
        /// The default model if none is named
        name: Option<String>,
    },
    /// Remove a model's files, and what an unfinished fetch left of it
    Rm {
        /// The model
        name: String,
    },
}

/// Runs the command.
pub(super) fn run(command: Command, shell: &Shell) -> Result<(), Failure> {
    let catalog = catalog(shell)?;
    let shelf = shelf(shell);
    match command {
        Command::List { json } => list::run(&catalog, &shelf, shell, json),
        Command::Pull { name, yes } => pull::run(named(&catalog, name.as_deref())?, shell, yes),
        Command::Verify { name: None } => verify::all(&catalog, &shelf),
        Command::Verify { name: Some(name) } => {
            verify::one(&catalog.known(&name)?.artifact(), &shelf)
        }
        Command::Path { name } => path(&named(&catalog, name.as_deref())?.artifact(), &shelf),
        Command::Rm { name } => remove(&catalog.known(&name)?.artifact(), &shelf),
    }
}

/// The built-in catalogue with the user's own laid over it.
pub(super) fn catalog(shell: &Shell) -> Result<Catalog, Failure> {
    Catalog::load(&shell.folders.catalog()).map_err(Failure::new)
}

/// Where this user's models are kept.
pub(super) fn shelf(shell: &Shell) -> Shelf {
    Shelf::new(shell.folders.models())
}

/// Refuses a model whose architecture the decoder does not read.
pub(super) fn runnable(entry: &Entry) -> Result<(), Failure> {
    if entry.runs {
        return Ok(());
    }
    let other = "`viva models list` shows those that it does";
    let what = format!("viva does not run {} models yet", entry.architecture);
    Err(Failure::usage(what).hint(other))
}

/// The SHA-256 of a file that the catalogue does not know.
pub(super) fn digest(path: &Path, shell: &Shell) -> Result<String, Failure> {
    Hashed::new(shell.folders.hashed())
        .digest(path)
        .map(|digest| digest.to_string())
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))
}

/// The folder of the model that tells how alike sentences are, where its files are here and of the
/// right sizes. It is never fetched unasked. A fault in the user's own catalogue is not said here:
/// choosing a model says it.
pub fn sentences_if_here(shell: &Shell) -> Option<PathBuf> {
    let catalog = catalog(shell).ok()?;
    self::shelf(shell).located(&catalog.sentences()?.artifact())
}

/// The model of that name; the default where none is named.
fn named<'a>(catalog: &'a Catalog, name: Option<&str>) -> Result<Known<'a>, Failure> {
    let default = || Ok(Known::Chat(catalog.default_entry()));
    name.map_or_else(default, |name| Ok(catalog.known(name)?))
}

fn path(artifact: &Artifact<'_>, shelf: &Shelf) -> Result<(), Failure> {
    let here = shelf.located(artifact).ok_or_else(|| {
        let pull = format!("`viva models pull {}` fetches it", artifact.name);
        Failure::new(format!("{} is not here", artifact.name)).hint(pull)
    })?;
    Ok(writeln!(io::stdout(), "{}", here.display())?)
}

fn remove(artifact: &Artifact<'_>, shelf: &Shelf) -> Result<(), Failure> {
    let freed = shelf.remove(artifact).map_err(Failure::new)?;
    let (name, freed) = (artifact.name, human_bytes(freed));
    Ok(writeln!(io::stdout(), "Removed {name}, {freed}.")?)
}

const KNOWN: &str = "`viva models list` shows the names that are known";

impl From<UnknownModel> for Failure {
    fn from(unknown: UnknownModel) -> Self {
        Self::usage(unknown).hint(KNOWN)
    }
}

impl From<SpecError> for Failure {
    fn from(error: SpecError) -> Self {
        match error {
            SpecError::Unknown(unknown) => unknown.into(),
            SpecError::NoChat(_) => {
                Self::usage(error).hint("`viva models list` shows those that can")
            }
            SpecError::NoFile(_) => Self::usage(error).hint(KNOWN),
        }
    }
}
