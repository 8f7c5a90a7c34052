//! Which model is measured.

use std::path::{Path, PathBuf};

use crate::catalog::{Catalog, Entry, Known, Spec};
use crate::cli::models::{self, pull};
use crate::cli::{Failure, Shell};

/// A model whose file is here.
pub(super) struct Chosen {
    pub(super) name: String,
    pub(super) sha256: String,
    pub(super) path: PathBuf,
}

impl Chosen {
    /// The model that was asked for: flag or variable, then settings, then the catalogue's
    /// default. One of the catalogue is fetched if it is not here.
    pub(super) fn find(
        asked: Option<&str>,
        catalog: &Catalog,
        shell: &Shell,
    ) -> Result<Self, Failure> {
        let spec = match asked.or(shell.settings.model.as_deref()) {
            Some(asked) => catalog.resolve(asked)?,
            None => Spec::Named(catalog.default_entry()),
        };
        match spec {
            Spec::None => Err(Failure::usage("without a model there is nothing to measure")
                .hint("`--model NAME` takes one of `viva models list`, or a GGUF file")),
            Spec::Named(entry) => Self::named(entry, shell),
            Spec::File(path) => Self::file(&path, shell),
        }
    }

    fn named(entry: &Entry, shell: &Shell) -> Result<Self, Failure> {
        models::runnable(entry)?;
        let path = pull::obtain(Known::Chat(entry), shell, false)?;
        Ok(Self { name: entry.name.clone(), sha256: entry.sha256.to_string(), path })
    }

    fn file(path: &Path, shell: &Shell) -> Result<Self, Failure> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, sha256: models::digest(path, shell)?, path: path.to_owned() })
    }
}
