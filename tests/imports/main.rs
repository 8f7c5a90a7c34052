//! Who may import whom: the sources are held to the table of docs/architecture.md.

mod scan;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use table::Row;

/// What pure modules may use of the crates in Cargo.toml: those that turn values into values.
const PURE_CRATES: [&str; 8] =
    ["include_dir", "owo_colors", "serde", "serde_json", "strsim", "textwrap", "thiserror", "toml"];

/// What pure modules may not use of these and of the standard library.
const IMPURE: [&str; 9] = [
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "textwrap::termwidth",
];

#[test]
fn modules_import_what_the_table_allows() {
    let table = documented();
    let broken: Vec<String> =
        sources().iter().flat_map(|source| source.forbidden_imports(&table)).collect();
    assert!(broken.is_empty(), "\n{}\n(the table is in docs/architecture.md)", broken.join("\n"));
}

#[test]
fn pure_modules_do_no_io() {
    let (table, crates) = (documented(), dependencies());
    let broken: Vec<String> = sources()
        .iter()
        .filter(|source| table.get(&source.module).is_some_and(|row| row.pure))
        .flat_map(|source| source.impurities(&crates))
        .collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn the_table_has_exactly_the_modules_of_the_library() {
    let declared: BTreeSet<String> = read("src/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned))
        .collect();
    assert!(declared.len() > 10, "src/lib.rs is read wrongly: {declared:?}");
    assert_eq!(documented().into_keys().collect::<BTreeSet<_>>(), declared);
}

#[test]
fn every_module_has_sources_that_are_read() {
    let seen: BTreeSet<String> = sources().into_iter().map(|source| source.module).collect();
    assert_eq!(seen, documented().into_keys().collect());
}

#[test]
fn the_binary_is_thin() {
    let paths = scan::paths(&read("src/main.rs"), &[]);
    let mut ours: Vec<&str> =
        paths.iter().map(String::as_str).filter(|path| path.starts_with("vivavoce")).collect();
    ours.sort_unstable();
    ours.dedup();
    assert_eq!(ours, ["vivavoce::cli::run"]);
}

#[test]
fn what_is_forbidden_is_caught() {
    let table = documented();
    let wording = |text: &str| Source::new(Path::new("wording/guards.rs"), text);
    let caught = |text: &str| !wording(text).forbidden_imports(&table).is_empty();
    assert!(!caught("use crate::{domain::Turn, text, wording::Heard};"));
    for text in [
        "use crate::{store::Store, domain::Turn};",
        "fn f() { crate::store::open() }",
        "use super::super::app;",
        "use crate::*;",
    ] {
        assert!(caught(text), "{text}");
    }

    let crates = dependencies();
    let caught = |text: &str| !wording(text).impurities(&crates).is_empty();
    assert!(!caught("use std::time::Duration; use std::fmt; use serde::Serialize;"));
    for text in [
        "use std::{fmt, fs};",
        "use std::io::{self, Read as _};",
        "use std::time::{Duration, Instant};",
        "use std::time;",
        "use std::time::{self};",
        "use std::time::*;",
        "use ::std::process::Command;",
        "fn now() -> u64 { std::time::SystemTime::now() }",
        "use tokio::sync::mpsc;",
        "type T = candle_core::Tensor;",
        "fn now() { jiff::Timestamp::now() }",
        "fn width() -> usize { textwrap::termwidth() }",
    ] {
        assert!(caught(text), "{text}");
    }
}

/// A source file of the library.
struct Source {
    file: PathBuf,
    module: String,
    paths: Vec<String>,
}

impl Source {
    /// `file` is its path within src/.
    fn new(file: &Path, text: &str) -> Self {
        let stem = file.with_extension("");
        let mut parts: Vec<&str> = stem.iter().filter_map(|part| part.to_str()).collect();
        if parts.last() == Some(&"mod") {
            parts.pop();
        }
        let paths = scan::paths(text, &parts);
        Self { file: file.to_owned(), module: parts[0].to_owned(), paths }
    }

    fn forbidden_imports(&self, table: &BTreeMap<String, Row>) -> Vec<String> {
        let allowed = |name: &str| {
            name == self.module || table[&self.module].imports.iter().any(|import| import == name)
        };
        self.broken(|path| match path.split("::").collect::<Vec<_>>()[..] {
            ["crate", name, ..] => !allowed(name),
            _ => false,
        })
    }

    fn impurities(&self, crates: &BTreeSet<String>) -> Vec<String> {
        self.broken(|path| {
            let first = path.split("::").next().unwrap_or_default();
            let foreign = crates.contains(first) && !PURE_CRATES.contains(&first);
            foreign || IMPURE.iter().any(|impure| reaches(path, impure))
        })
    }

    fn broken(&self, breaks: impl Fn(&str) -> bool) -> Vec<String> {
        let broken = self.paths.iter().filter(|path| breaks(path));
        broken.map(|path| format!("src/{} names {path}", self.file.display())).collect()
    }
}

/// Whether `path` names something within `impure`, or what holds it: `std::time` brings in
/// `time::Instant`.
fn reaches(path: &str, impure: &str) -> bool {
    let path = path.strip_suffix("::self").unwrap_or(path);
    path.split("::").zip(impure.split("::")).all(|(a, b)| a == b || a == "*")
}

/// The table as it is written.
fn documented() -> BTreeMap<String, Row> {
    table::parse(&read("docs/architecture.md"))
}

/// The crates that Cargo.toml names, as the sources spell them.
fn dependencies() -> BTreeSet<String> {
    let manifest: toml::Table = read("Cargo.toml").parse().expect("cargo reads it as well");
    let names = manifest["dependencies"].as_table().expect("it is a table").keys();
    names.map(|name| name.replace('-', "_")).collect()
}

/// Every source of the library's modules, tests apart.
fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    walk(&root().join("src"), &mut |path| {
        let file = path.strip_prefix(root().join("src")).expect("it was found there");
        let of_tests = file.iter().any(|part| part == "tests" || part == "tests.rs");
        let of_root = [Path::new("lib.rs"), Path::new("main.rs")].contains(&file);
        if file.extension().is_some_and(|ext| ext == "rs") && !of_tests && !of_root {
            sources.push(Source::new(file, &fs::read_to_string(path).unwrap()));
        }
    });
    sources
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, visit) } else { visit(&path) }
    }
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
