//! A made-up model for sentences: a folder of three files, and a catalogue that has it.

use std::fs;
use std::path::{Path, PathBuf};

use vivavoce::catalog::{Artifact, Catalog, FetchError, fetch_blocking};

use super::artifact::{Bench, bytes, catalog_text, sha256};
use super::hub::{Reply, Request};

/// Its files, in the order in which they are fetched, and their sizes.
pub const FILES: [(&str, usize); 3] =
    [("config.json", 700), ("tokenizer.json", 60_000), ("model.safetensors", 200_000)];
/// Bytes of all of them.
pub const SIZE: usize = 260_700;
/// The package that has them.
pub const PACKAGE: &str = "some-sentences==1.0";

/// What a file of that name holds.
pub fn data(name: &str) -> Vec<u8> {
    let (seed, size) = FILES
        .iter()
        .zip(11..)
        .find(|((n, _), _)| *n == name)
        .map_or((0, 0), |((_, size), seed)| (seed, *size));
    bytes(size, seed)
}

/// A catalogue with a tiny model that is a file, and with this one.
pub fn text() -> String {
    let file = |(name, size): &(&str, usize)| {
        let digest = sha256(&data(name));
        format!("[[sentences.file]]\nname = \"{name}\"\nsize = {size}\nsha256 = \"{digest}\"\n")
    };
    let files: String = FILES.iter().map(file).collect();
    let table = r#"
[sentences]
name = "some"
title = "Some sentences, for tests"
memory_bytes = 1_000_000
good_for = "tests of sentences"
licence = { name = "MIT", open = true, url = "https://opensource.org/license/mit" }
hub = { repository = "someone/some", revision = "abc123" }
index = { package = "some-sentences", version = "1.0", folder = "some-sentences/data" }
"#;
    [catalog_text(b"tiny", &[]), table.into(), files].concat()
}

/// What a good hub answers.
pub fn reply(request: &Request) -> Reply {
    Reply::file(&data(request.path.rsplit('/').next().unwrap()), request)
}

/// A home with an empty shelf, and sources that are quick to lose patience.
pub struct Folder(pub Bench);

impl Folder {
    pub fn new(endpoint: &str) -> Self {
        let catalog = Catalog::parse(&text(), "test").unwrap();
        Self(Bench { catalog, ..Bench::new(b"tiny", &[], endpoint) })
    }

    pub fn artifact(&self) -> Artifact<'_> {
        self.0.catalog.sentences().unwrap().artifact()
    }

    pub fn fetch(&self) -> Result<PathBuf, FetchError> {
        fetch_blocking(&self.artifact(), &self.0.shelf, &self.0.sources, &self.0.heard)
    }

    /// Fetches what has to fail, and gives the message.
    pub fn failure(&self) -> String {
        self.fetch().expect_err("nothing good can be had").to_string()
    }

    pub fn path(&self) -> PathBuf {
        self.0.shelf.path(&self.artifact())
    }

    /// Puts bytes where a fetch leaves them.
    pub fn leave(&self, name: &str, bytes: &[u8]) {
        fs::create_dir_all(self.path()).unwrap();
        fs::write(self.path().join(name), bytes).unwrap();
    }

    /// Names in the folder.
    pub fn files(&self) -> Vec<String> {
        names(&self.path())
    }

    /// Asserts that all is there as it should be, and nothing else.
    pub fn assert_holds(&self) {
        for (name, _) in FILES {
            assert_eq!(fs::read(self.path().join(name)).unwrap(), data(name), "{name}");
        }
        assert_eq!(self.files(), ["config.json", "model.safetensors", "tokenizer.json"]);
        assert_eq!(names(self.0.shelf.folder()), [".some.lock", "some"]);
    }
}

/// Names in a folder, sorted; none where there is no folder.
pub fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = names.map(|f| f.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
