//! The small model that tests run on.

use std::path::{Path, PathBuf};

use vivavoce::catalog::{Catalog, Quiet, Shelf, Sources, fetch_blocking};

/// SmolLM2-135M: from the folder that `VIVA_TEST_MODELS` names if it is there, otherwise
/// fetched once into `target/test-models`. Tests that ask at the same time wait for each other.
pub fn smollm2() -> PathBuf {
    let catalog = Catalog::builtin();
    let entry = catalog.get("smollm2-135m").expect("the catalogue has the test model");
    let given = std::env::var_os("VIVA_TEST_MODELS").map(Shelf::new);
    if let Some(path) = given.and_then(|shelf| shelf.located(entry)) {
        return path;
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is target/tmp");
    let shelf = Shelf::new(target.join("test-models"));
    fetch_blocking(entry, &shelf, &Sources::from_env(false), &Quiet)
        .unwrap_or_else(|error| panic!("the test model is needed: {error}"))
}
