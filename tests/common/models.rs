//! Real models for tests: `NAME.gguf` in the folder that `VIVA_TEST_MODELS` names, else in
//! `target/test-models`.

use std::path::{Path, PathBuf};

use vivavoce::catalog::{Catalog, Quiet, Shelf, Sources, fetch_blocking};

/// The model that no test goes without.
const SMALL: &str = "smollm2-135m";

/// The file of the small model, fetched once if it is nowhere. Tests that ask at the same time
/// wait for each other.
pub fn small_model() -> PathBuf {
    let catalog = Catalog::builtin();
    let entry = catalog.get(SMALL).expect("the catalogue has the test model");
    if let Some(path) = given().and_then(|folder| Shelf::new(folder).located(entry)) {
        return path;
    }
    fetch_blocking(entry, &Shelf::new(kept()), &Sources::from_env(false), &Quiet).unwrap_or_else(
        |error| panic!("{error}; or name a folder with {SMALL}.gguf in VIVA_TEST_MODELS"),
    )
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

fn given() -> Option<PathBuf> {
    std::env::var_os("VIVA_TEST_MODELS").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

fn kept() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is target/tmp");
    target.join("test-models")
}
