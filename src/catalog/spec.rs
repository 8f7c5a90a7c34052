//! What `--model` means.

use std::path::{Path, PathBuf};

use super::{Catalog, Entry, Known, UnknownModel};

/// A model as asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Spec<'a> {
    /// No model: the bank's own wording.
    None,
    /// A model of the catalogue.
    Named(&'a Entry),
    /// A file of the user's.
    File(PathBuf),
}

/// What was asked for is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// A name that no model has.
    #[error(transparent)]
    Unknown(#[from] UnknownModel),
    /// The name of a model that is for something else.
    #[error("{0} tells how alike sentences are and is no chat model, so it cannot interview")]
    NoChat(String),
    /// A path with no file.
    #[error("there is no file {}", .0.display())]
    NoFile(PathBuf),
}

impl<'a> Spec<'a> {
    /// A name of the catalogue wins over a file of that name in the current folder, for a
    /// command must not change its meaning with the folder; `./NAME` is the file.
    pub(super) fn read(spec: &str, catalog: &'a Catalog) -> Result<Self, SpecError> {
        if spec == "none" {
            return Ok(Self::None);
        }
        let path = Path::new(spec);
        match catalog.known(spec) {
            Ok(Known::Chat(entry)) => Ok(Self::Named(entry)),
            Ok(Known::Sentences(sentences)) => Err(SpecError::NoChat(sentences.name.clone())),
            Err(_) if path.is_file() => Ok(Self::File(path.to_path_buf())),
            Err(_) if looks_like_a_path(path) => Err(SpecError::NoFile(path.to_path_buf())),
            Err(unknown) => Err(unknown.into()),
        }
    }
}

fn looks_like_a_path(path: &Path) -> bool {
    path.components().count() > 1 || path.extension().is_some_and(|e| e == "gguf")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_none_a_name_or_a_file() {
        let catalog = Catalog::builtin();
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert_eq!(catalog.resolve("none"), Ok(Spec::None));
        let named = catalog.resolve("qwen3-4b").unwrap();
        assert!(matches!(named, Spec::Named(entry) if entry.name == "qwen3-4b"));
        assert_eq!(catalog.resolve(here.to_str().unwrap()), Ok(Spec::File(here)));
    }

    #[test]
    fn what_is_none_of_them_is_said_as_what_it_looks_like() {
        let catalog = Catalog::builtin();
        for path in ["no/such/file", "nothing.gguf", "./qwen3-4b"] {
            assert_eq!(catalog.resolve(path), Err(SpecError::NoFile(path.into())));
        }
        let sentences = "all-minilm-l6-v2";
        assert_eq!(catalog.resolve(sentences), Err(SpecError::NoChat(sentences.into())));
        for name in ["qwen3-5b", "", "None"] {
            assert!(matches!(catalog.resolve(name), Err(SpecError::Unknown(_))), "{name}");
        }
    }
}
