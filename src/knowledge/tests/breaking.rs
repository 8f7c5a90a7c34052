//! Breaking any field of any file is reported with its file and line.
//!
//! Every key of every table of every file is misspelt, given a value of another type, emptied
//! and left out, and every header of a list of tables is misspelt and left out, one at a time.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::sound;
use crate::knowledge::{Bank, Fault, Source, builtin};

/// A key with its value somewhere in a file.
struct Field {
    key: String,
    key_at: Range<usize>,
    value_at: Range<usize>,
    /// Where the table it stands in begins.
    table_at: usize,
    /// Whether the value is a text.
    text: bool,
}

/// Keys that may be left out, and the lists that may be empty.
const OPTIONAL: &[&str] = &["fills", "terms", "criterion"];

fn fields(text: &str) -> Vec<Field> {
    let table = DeTable::parse(text).expect("a sound file").into_inner();
    let mut fields = Vec::new();
    collect(&table, 0, &mut fields);
    fields
}

fn collect(table: &DeTable<'_>, table_at: usize, fields: &mut Vec<Field>) {
    for (key, value) in table {
        let below = tables(value);
        if below.is_empty() {
            fields.push(Field {
                key: key.get_ref().to_string(),
                key_at: key.span(),
                value_at: value.span(),
                table_at,
                text: value.get_ref().is_str(),
            });
        }
        for table in below {
            collect(table.get_ref().as_table().expect("a table"), table.span().start, fields);
        }
    }
}

/// The tables of a list of tables.
fn tables<'a, 'i>(value: &'a Spanned<DeValue<'i>>) -> Vec<&'a Spanned<DeValue<'i>>> {
    let items = value.get_ref().as_array().into_iter().flat_map(|items| items.iter());
    items.filter(|item| item.get_ref().is_table()).collect()
}

/// A bank's file with `range` of its text replaced, and the faults that this brings about.
fn faults(sources: &[Source], n: usize, range: Range<usize>, with: &str) -> Vec<Fault> {
    let mut sources = sources.to_vec();
    sources[n].text.replace_range(range, with);
    Bank::load(&sources).err().unwrap_or_default()
}

fn line(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Breaks a bank in every way; what passed unnoticed or was reported elsewhere.
fn unnoticed(sources: &[Source]) -> Vec<String> {
    let mut unnoticed = Vec::new();
    for (n, source) in sources.iter().enumerate() {
        let found = |range: Range<usize>, with: &str, lines: [usize; 2]| {
            faults(sources, n, range, with)
                .iter()
                .any(|fault| fault.file == source.shown && lines.contains(&fault.line))
        };
        for field in fields(&source.text) {
            let lines =
                [line(&source.text, field.key_at.start), line(&source.text, field.table_at)];
            for (how, range, with) in breakages(source, &field) {
                if !found(range, &with, lines) {
                    unnoticed.push(format!("{}:{}: {} {how}", source.path, lines[0], field.key));
                }
            }
        }
    }
    unnoticed
}

type Breakage = (&'static str, Range<usize>, String);

fn breakages(source: &Source, field: &Field) -> Vec<Breakage> {
    let Field { key, key_at, value_at, .. } = field;
    let other_type = if field.text { "7" } else { "true" };
    let mut all = vec![
        ("misspelt", key_at.clone(), format!("{key}x")),
        ("of another type", value_at.clone(), other_type.to_owned()),
        ("no TOML", value_at.clone(), String::new()),
    ];
    let replaces_shared = || {
        let table = &source.text[field.table_at..key_at.start];
        table.contains("\nuse = ") || source.text[value_at.end..].trim_start().starts_with("use = ")
    };
    if field.text {
        all.push(("empty", value_at.clone(), "\"\"".to_owned()));
        all.push(("with an escape", value_at.clone(), "\"a\\u001b[2Jb\"".to_owned()));
    }
    let statement_terms = key == "terms" && field.table_at != 0;
    if !field.text && !statement_terms && key != "minutes" {
        all.push(("an empty list", value_at.clone(), "[]".to_owned()));
    }
    let optional = OPTIONAL.contains(&key.as_str()) && !(key == "terms" && field.table_at == 0);
    if !optional && !replaces_shared() || key == "use" {
        all.push(("left out", key_at.start..value_at.end, String::new()));
    }
    all
}

#[test]
fn no_broken_field_of_a_small_bank_passes() {
    let unnoticed = unnoticed(&sound());
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
}

#[test]
fn no_broken_header_of_a_small_bank_passes() {
    let sources = sound();
    let mut unnoticed = Vec::new();
    for (n, source) in sources.iter().enumerate() {
        for (at, header) in source.text.match_indices("[[") {
            let end = at + source.text[at..].find("]]").expect("a header ends");
            for with in [format!("{}x", &source.text[at..end]), format!("# {header}")] {
                let faults = faults(&sources, n, at..end, &with);
                if !faults.iter().any(|fault| fault.file == source.shown) {
                    unnoticed.push(format!("{}:{}", source.path, line(&source.text, at)));
                }
            }
        }
    }
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
}

/// All breakages of one sort at once, in every file of the built-in bank: each has to be named
/// with its line, so that this also shows that no fault hides another. `form` stays whole, since
/// what a mistake has to have depends on it.
#[test]
fn no_broken_field_of_the_built_in_bank_passes() {
    let sources = builtin();
    let mut unnoticed = Vec::new();
    for (n, source) in sources.iter().enumerate() {
        for how in ["misspelt", "of another type", "empty", "with an escape", "an empty list"] {
            let broken = break_all(source, how);
            let faults = faults(&sources, n, 0..source.text.len(), &broken.text);
            let named = |line: &usize| {
                faults.iter().any(|fault| fault.file == source.shown && fault.line == *line)
            };
            let missed = broken.lines.iter().filter(|line| !named(line));
            unnoticed.extend(missed.map(|line| format!("{}:{line}: {how}", source.path)));
        }
    }
    assert!(unnoticed.is_empty(), "{}", unnoticed.join("\n"));
}

struct Broken {
    text: String,
    /// Lines of the text where something is broken.
    lines: Vec<usize>,
}

fn break_all(source: &Source, how: &str) -> Broken {
    let fields = fields(&source.text).into_iter().filter(|field| field.key != "form");
    let mut edits: Vec<(Range<usize>, String)> = fields
        .flat_map(|field| breakages(source, &field))
        .filter(|(name, ..)| *name == how)
        .map(|(_, range, with)| (range, with))
        .collect();
    edits.sort_by_key(|(range, _)| range.start);
    let (mut text, mut lines, mut copied) = (String::new(), Vec::new(), 0);
    for (range, with) in edits {
        text.push_str(&source.text[copied..range.start]);
        lines.push(line(&text, text.len()));
        text.push_str(&with);
        copied = range.end;
    }
    text.push_str(&source.text[copied..]);
    Broken { text, lines }
}
