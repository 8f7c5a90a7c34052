//! Real models for tests: `NAME.gguf` in the folder that `VIVA_TEST_MODELS` names, else in
//! `target/test-models`.

use std::path::{Path, PathBuf};

/// The model that no test may go without.
pub const SMALL: &str = "smollm2-135m";

/// The file of the small model.
pub fn small_model() -> PathBuf {
    find(SMALL).unwrap_or_else(|| {
        panic!(
            "no {SMALL}.gguf in {}; put it there, or name another folder in VIVA_TEST_MODELS",
            folder().display()
        )
    })
}

/// The file of a larger model, where there is one; says so where there is none.
#[allow(dead_code, reason = "not every test that includes this file has larger models")]
pub fn larger_model(name: &str) -> Option<PathBuf> {
    let found = find(name);
    if found.is_none() {
        eprintln!("skipped: no {name}.gguf in {}", folder().display());
    }
    found
}

fn find(name: &str) -> Option<PathBuf> {
    let path = folder().join(format!("{name}.gguf"));
    path.is_file().then_some(path)
}

fn folder() -> PathBuf {
    match std::env::var_os("VIVA_TEST_MODELS") {
        Some(folder) if !folder.is_empty() => PathBuf::from(folder),
        _ => Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-models"),
    }
}
