//! The files a bank is made of.

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};

static BUILTIN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/knowledge");

/// The id of the question in `template.toml`.
const TEMPLATE_ID: &str = "my-question";

/// One file of the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The path within the bank, `/` between its parts: `questions/scaling-regret.toml`.
    pub path: String,
    /// The path as faults name it.
    pub shown: String,
    /// What it says.
    pub text: String,
}

/// The files built into the program.
pub fn builtin() -> Vec<Source> {
    let mut sources = Vec::new();
    collect(&BUILTIN, &mut sources);
    sources
}

fn collect(dir: &Dir<'_>, sources: &mut Vec<Source>) {
    for file in dir.files().filter(|f| f.path().extension().is_some_and(|e| e == "toml")) {
        let path = file.path().to_string_lossy().replace('\\', "/");
        let text = String::from_utf8_lossy(file.contents()).into_owned();
        sources.push(Source { shown: format!("<built-in>/{path}"), path, text });
    }
    for dir in dir.dirs() {
        collect(dir, sources);
    }
}

/// `over` laid over `under`: a file at the same path replaces the one below. A file's name is
/// its id, so that the same path is the same entry. Ordered by path.
pub fn lay_over(under: Vec<Source>, over: Vec<Source>) -> Vec<Source> {
    let laid: BTreeMap<String, Source> =
        under.into_iter().chain(over).map(|s| (s.path.clone(), s)).collect();
    laid.into_values().collect()
}

/// A complete question with comments, to start one's own from.
pub fn template(id: &str) -> String {
    include_str!("template.toml").replace(TEMPLATE_ID, id)
}
