//! Real models for tests: `NAME.gguf`, or a folder `NAME`, in the folder that `VIVA_TEST_MODELS`
//! names, else in `target/test-models`.

use std::path::{Path, PathBuf};

use vivavoce::catalog::{Catalog, Quiet, Shelf, Sources, fetch_blocking};

/// The model that no test goes without.
const SMALL: &str = "smollm2-135m";

/// The file of the small model, fetched once if it is nowhere. Tests that ask at the same time
/// wait for each other.
pub fn small_model() -> PathBuf {
    let catalog = Catalog::builtin();
    let entry = catalog.get(SMALL).expect("the catalogue has the test model");
    if let Some(path) = given().and_then(|folder| Shelf::new(folder).located(&entry.artifact())) {
        return path;
    }
    let (shelf, sources) = (Shelf::new(kept()), Sources::from_env(false));
    fetch_blocking(&entry.artifact(), &shelf, &sources, &Quiet).unwrap_or_else(|error| {
        panic!("{error}; or name a folder with {SMALL}.gguf in VIVA_TEST_MODELS")
    })
}

/// The file of a larger model, where there is one; says so where there is none.
#[allow(clippy::print_stderr, reason = "a skipped test must not look like a passed one")]
pub fn larger_model(name: &str) -> Option<PathBuf> {
    let folder = given().unwrap_or_else(kept);
    let path = folder.join(format!("{name}.gguf"));
    if path.is_file() {
        return Some(path);
    }
    eprintln!("skipped: no {name}.gguf in {}", folder.display());
    None
}

/// The folder of the model for sentences, where there is one; says so where there is none.
#[allow(clippy::print_stderr, reason = "a skipped test must not look like a passed one")]
pub fn sentences_model() -> Option<PathBuf> {
    let folder = given().unwrap_or_else(kept);
    let catalog = Catalog::builtin();
    let sentences = catalog.sentences().expect("the catalogue has a model for sentences");
    let found = Shelf::new(&folder).located(&sentences.artifact());
    if found.is_none() {
        eprintln!("skipped: no {} in {}", sentences.name, folder.display());
    }
    found
}

fn given() -> Option<PathBuf> {
    std::env::var_os("VIVA_TEST_MODELS").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

fn kept() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is target/tmp");
    target.join("test-models")
}
