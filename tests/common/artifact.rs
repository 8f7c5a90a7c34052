//! A made-up model file, and a catalogue that has it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use vivavoce::catalog::{
    Artifact, Catalog, Event, FetchError, Progress, Shelf, Sources, fetch_blocking,
};

/// Its name in the catalogue.
pub const NAME: &str = "tiny";
/// Its path on a hub.
pub const HUB_PATH: &str = "/someone/tiny-GGUF/resolve/abc123/tiny-q4.gguf";

/// Bytes without a pattern; others for another seed.
pub fn bytes(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..len).map(|_| next()).collect()
}

/// The digest in hexadecimal.
pub fn sha256(data: &[u8]) -> String {
    Sha256::digest(data).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// A catalogue of one model, on the hub and, where parts are given, on the package index.
pub fn catalog_text(data: &[u8], parts: &[usize]) -> String {
    let index = match parts {
        [] => String::new(),
        parts => format!(
            "[model.index]\npackage = \"tiny-part{{n}}\"\nversion = \"1.0\"\nparts = {parts:?}\n"
        ),
    };
    format!(
        r#"default = "{NAME}"
[[model]]
name = "{NAME}"
title = "Tiny, for tests"
architecture = "llama"
context = 64
size = {size}
sha256 = "{sha256}"
memory_bytes = 1_000_000
good_for = "tests"
licence = {{ name = "MIT", open = true, url = "https://opensource.org/license/mit" }}
[model.hub]
repository = "someone/tiny-GGUF"
file = "tiny-q4.gguf"
revision = "abc123"
{index}"#,
        size = data.len(),
        sha256 = sha256(data),
    )
}

/// A home with an empty shelf, the model, and sources that are quick to lose patience.
pub struct Bench {
    pub home: tempfile::TempDir,
    pub catalog: Catalog,
    pub shelf: Shelf,
    pub sources: Sources,
    pub heard: Heard,
}

impl Bench {
    pub fn new(data: &[u8], parts: &[usize], endpoint: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(home.path().join("models"));
        std::fs::create_dir(shelf.folder()).unwrap();
        let sources = Sources {
            offline: false,
            endpoint: endpoint.to_owned(),
            python: home.path().join("no-python"),
            patience: Duration::from_secs(4),
            stall: Duration::from_secs(4),
            backoff: Duration::from_millis(1),
            ..Sources::none()
        };
        let catalog = Catalog::parse(&catalog_text(data, parts), "test").unwrap();
        Self { home, catalog, shelf, sources, heard: Heard::default() }
    }

    pub fn artifact(&self) -> Artifact<'_> {
        self.catalog.default_entry().artifact()
    }

    pub fn fetch(&self) -> Result<PathBuf, FetchError> {
        fetch_blocking(&self.artifact(), &self.shelf, &self.sources, &self.heard)
    }

    /// Fetches what has to fail, and gives the message.
    pub fn failure(&self) -> String {
        self.fetch().expect_err("nothing good can be had").to_string()
    }

    pub fn path(&self) -> PathBuf {
        self.shelf.path(&self.artifact())
    }

    pub fn part(&self) -> PathBuf {
        self.path().with_extension("gguf.part")
    }

    /// Puts the first bytes where an interrupted fetch leaves them.
    pub fn leave(&self, first: &[u8]) {
        std::fs::write(self.part(), first).unwrap();
    }

    /// Names in the models folder, without the lock.
    pub fn files(&self) -> Vec<String> {
        files(self.shelf.folder())
    }

    /// Asserts that the model is there, and nothing else.
    pub fn assert_holds(&self, data: &[u8]) {
        assert_eq!(std::fs::read(self.path()).unwrap(), data);
        assert_eq!(self.files(), [format!("{NAME}.gguf")]);
    }
}

/// Names in a folder of models, without the locks.
pub fn files(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().flatten();
    let names = names.map(|f| f.file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter(|name| *name != format!(".{NAME}.lock")).collect();
    names.sort();
    names
}

/// Remembers what a fetch told, without the bytes that came.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    pub fn told(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// How often it was told so.
    pub fn count(&self, line: &str) -> usize {
        self.told().iter().filter(|told| *told == line).count()
    }
}

impl Progress for Heard {
    fn report(&self, event: Event<'_>) {
        let line = match event {
            Event::Have(_) => return,
            Event::Waiting { .. } => "waiting".into(),
            Event::Checking { size, .. } => format!("checking {size}"),
            Event::Trying { have, .. } => format!("trying with {have}"),
            Event::Part { n, of } => format!("part {n} of {of}"),
            Event::Retrying { reason, .. } => format!("retrying: {reason}"),
            Event::Failed { reason, .. } => format!("failed: {reason}"),
            Event::Landed { .. } => "landed".into(),
        };
        self.0.lock().unwrap().push(line);
    }
}
