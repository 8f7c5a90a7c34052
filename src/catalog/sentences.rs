//! The model that says how alike sentences are: a folder of three files, and no interviewer.

use serde::Deserialize;

use super::artifact::{Artifact, Payload, Piece};
use super::parse::checked;
use super::{Digest, HubFile, Licence};

/// The files that the engine opens.
const FILES: [&str; 3] = ["config.json", "model.safetensors", "tokenizer.json"];

/// What the catalogue says of the model for sentences. Texts are checked as those of an
/// [`Entry`](super::Entry).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sentences {
    /// What `viva models` calls it; also its folder's name.
    #[serde(deserialize_with = "checked::name")]
    pub name: String,
    /// The model, for people.
    #[serde(deserialize_with = "checked::line")]
    pub title: String,
    /// Bytes of memory it takes while it is open.
    pub memory_bytes: u64,
    /// What it is good for, in one line.
    #[serde(deserialize_with = "checked::line")]
    pub good_for: String,
    /// Under which terms it may be used.
    pub licence: Licence,
    /// Where its files are on the Hugging Face hub.
    pub hub: Option<Repository>,
    /// Where they are on the Python package index.
    #[serde(rename = "index")]
    pub wheel: Option<OneWheel>,
    /// Its files, in the order in which they are fetched.
    #[serde(rename = "file")]
    pub files: Vec<NamedFile>,
}

/// A file of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedFile {
    /// Its name, which is the same wherever it comes from.
    #[serde(deserialize_with = "checked::word")]
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// What they hash to.
    pub sha256: Digest,
}

/// A repository of the hub whose files lie at its top.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repository {
    /// `owner/name`.
    #[serde(deserialize_with = "checked::path")]
    pub repository: String,
    /// The commit.
    #[serde(deserialize_with = "checked::word")]
    pub revision: String,
}

/// A package of the Python package index that holds all files in one folder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneWheel {
    /// The package's name.
    #[serde(deserialize_with = "checked::word")]
    pub package: String,
    /// Its version.
    #[serde(deserialize_with = "checked::package")]
    pub version: String,
    /// The folder in the wheel.
    #[serde(deserialize_with = "checked::path")]
    pub folder: String,
}

impl Sentences {
    /// What is fetched and kept of it.
    pub fn artifact(&self) -> Artifact<'_> {
        Artifact {
            name: &self.name,
            licence: &self.licence,
            place: self.name.clone(),
            pieces: self.files.iter().map(|file| self.piece(file)).collect(),
            packages: self.wheel.as_ref().map(|wheel| wheel.package.clone()),
        }
    }

    /// Bytes of all its files.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    fn piece(&self, file: &NamedFile) -> Piece {
        Piece {
            path: format!("{}/{}", self.name, file.name),
            size: file.size,
            sha256: file.sha256,
            hub: self.hub.as_ref().map(|hub| hub.file(file)),
            payloads: self.wheel.iter().map(|wheel| wheel.payload(file)).collect(),
        }
    }

    /// What its fields say against each other.
    pub(super) fn contradiction(&self) -> Option<String> {
        let mut names: Vec<&str> = self.files.iter().map(|file| &*file.name).collect();
        names.sort_unstable();
        let sum = self.files.iter().try_fold(0_u64, |sum, file| sum.checked_add(file.size));
        if names != FILES {
            Some(format!("needs the files {} and no other", FILES.join(", ")))
        } else if sum.is_none() || self.files.iter().any(|file| file.size == 0) {
            Some("has a file of a size that cannot be".into())
        } else {
            self.licence.contradiction()
        }
    }
}

impl Repository {
    fn file(&self, file: &NamedFile) -> HubFile {
        HubFile {
            repository: self.repository.clone(),
            file: file.name.clone(),
            revision: self.revision.clone(),
        }
    }
}

impl OneWheel {
    fn payload(&self, file: &NamedFile) -> Payload {
        Payload {
            requirement: format!("{}=={}", self.package, self.version),
            member: Some(format!("{}/{}", self.folder, file.name)),
            size: file.size,
        }
    }
}
