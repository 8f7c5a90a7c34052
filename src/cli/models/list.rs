//! `viva models list`.

use std::io::{self, Write as _};
use std::path::Path;

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;

use super::{Failure, Shell};
use crate::catalog::{
    Artifact, Catalog, Entry, Fit, Licence, Machine, Presence, Sentences, Shelf, human_bytes,
};
use crate::judge::Calibration;

/// Shows every model known by name.
pub(super) fn run(
    catalog: &Catalog,
    shelf: &Shelf,
    shell: &Shell,
    json: bool,
) -> Result<(), Failure> {
    let machine = Machine::detect();
    let rows: Vec<_> = catalog.entries().iter().map(|e| Row::of(e, shelf, machine)).collect();
    let sentences = catalog.sentences().map(|s| SentencesRow::of(s, shelf, machine));
    let default = &catalog.default_entry().name;
    let mut out = io::stdout().lock();
    if json {
        let document = Document {
            schema: "viva.models/1",
            folder: shelf.folder(),
            memory_bytes: machine.memory,
            default,
            models: &rows,
            sentences: sentences.as_ref(),
        };
        let text = serde_json::to_string_pretty(&document).map_err(Failure::new)?;
        return Ok(writeln!(out, "{text}")?);
    }
    let table = table(&rows, sentences.as_ref(), default);
    writeln!(out, "{}", table.trim_fmt())?;
    writeln!(out)?;
    writeln!(out, "{}", trusted(&rows))?;
    if machine.memory > 0 {
        writeln!(out, "This machine has {} of memory.", human_bytes(machine.memory))?;
    }
    writeln!(out, "Models are kept in {}", shelf.folder().display())?;
    Ok(writeln!(out, "Your own are listed in {}", shell.folders.catalog().display())?)
}

/// `viva.models/1`.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    folder: &'a Path,
    /// Memory of this machine; 0 if it is not known.
    memory_bytes: u64,
    default: &'a str,
    models: &'a [Row<'a>],
    /// The model that tells how alike sentences are.
    sentences: Option<&'a SentencesRow<'a>>,
}

/// A model to interview with.
#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    common: Common<'a>,
    architecture: &'a str,
    runs: bool,
    context: u32,
    sha256: String,
    /// Whether the judge was fitted to its margins, and measured with it.
    calibrated: bool,
}

/// The model for sentences.
#[derive(Serialize)]
struct SentencesRow<'a> {
    #[serde(flatten)]
    common: Common<'a>,
    files: Vec<FileRow<'a>>,
}

#[derive(Serialize)]
struct FileRow<'a> {
    name: &'a str,
    size: u64,
    sha256: String,
}

/// What is said of either kind.
#[derive(Serialize)]
struct Common<'a> {
    name: &'a str,
    title: &'a str,
    size: u64,
    here: bool,
    /// Bytes that an unfinished fetch left.
    partial_bytes: u64,
    memory_bytes: u64,
    fit: Fit,
    licence: Terms<'a>,
    good_for: &'a str,
}

#[derive(Serialize)]
struct Terms<'a> {
    name: &'a str,
    open: bool,
    url: &'a str,
}

impl<'a> Row<'a> {
    fn of(entry: &'a Entry, shelf: &Shelf, machine: Machine) -> Self {
        let about = About {
            artifact: entry.artifact(),
            title: &entry.title,
            memory_bytes: entry.memory_bytes,
            good_for: &entry.good_for,
        };
        Self {
            common: Common::of(about, shelf, machine),
            architecture: &entry.architecture,
            runs: entry.runs,
            context: entry.context,
            sha256: entry.sha256.to_string(),
            calibrated: Calibration::is_fitted(&entry.sha256.to_string()),
        }
    }
}

impl<'a> SentencesRow<'a> {
    fn of(sentences: &'a Sentences, shelf: &Shelf, machine: Machine) -> Self {
        let about = About {
            artifact: sentences.artifact(),
            title: &sentences.title,
            memory_bytes: sentences.memory_bytes,
            good_for: &sentences.good_for,
        };
        let files = sentences.files.iter().map(|file| FileRow {
            name: &file.name,
            size: file.size,
            sha256: file.sha256.to_string(),
        });
        Self { common: Common::of(about, shelf, machine), files: files.collect() }
    }
}

/// What the catalogue says of either kind.
struct About<'a> {
    artifact: Artifact<'a>,
    title: &'a str,
    memory_bytes: u64,
    good_for: &'a str,
}

impl<'a> Common<'a> {
    fn of(about: About<'a>, shelf: &Shelf, machine: Machine) -> Self {
        let About { artifact, title, memory_bytes, good_for } = about;
        let (here, partial_bytes) = match shelf.presence(&artifact) {
            Presence::Here => (true, 0),
            Presence::Partly(have) => (false, have),
            Presence::Absent => (false, 0),
        };
        Self {
            name: artifact.name,
            title,
            size: artifact.size(),
            here,
            partial_bytes,
            memory_bytes,
            fit: Fit::of(memory_bytes, machine),
            licence: Terms::of(artifact.licence),
            good_for,
        }
    }

    fn here(&self) -> String {
        match (self.here, self.partial_bytes) {
            (true, _) => "yes".into(),
            (false, 0) => "–".into(),
            (false, have) => format!("{} %", have * 100 / self.size),
        }
    }

    fn fits(&self) -> &'static str {
        match self.fit {
            Fit::Fits => "yes",
            Fit::Tight => "tight",
            Fit::TooLarge => "no",
        }
    }

    /// A line of the table. `mark` follows the name.
    fn cells(&self, mark: &str, fits: &str) -> [Cell; 7] {
        [
            Cell::new(format!("{}{mark}", self.name)),
            Cell::new(human_bytes(self.size)).set_alignment(CellAlignment::Right),
            Cell::new(self.here()),
            Cell::new(human_bytes(self.memory_bytes)).set_alignment(CellAlignment::Right),
            Cell::new(fits),
            Cell::new(self.licence.name),
            Cell::new(self.good_for),
        ]
    }
}

impl<'a> Terms<'a> {
    fn of(licence: &'a Licence) -> Self {
        Self { name: &licence.name, open: licence.open, url: &licence.url }
    }
}

/// What verdicts may be trusted with which model.
fn trusted(rows: &[Row<'_>]) -> String {
    let names: Vec<&str> = rows.iter().filter(|r| r.calibrated).map(|r| r.common.name).collect();
    format!(
        "Verdicts were measured with {} (docs/evaluation.md); with any other model they are rougher, \
         and more often unsure.",
        if names.is_empty() { "none of these".to_owned() } else { names.join(", ") }
    )
}

fn table(rows: &[Row<'_>], sentences: Option<&SentencesRow<'_>>, default: &str) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["model", "size", "here", "memory", "fits", "licence", "good for"]);
    for Row { common, runs, .. } in rows {
        let mark = if common.name == default { " (default)" } else { "" };
        table.add_row(common.cells(mark, if *runs { common.fits() } else { "not yet" }));
    }
    if let Some(SentencesRow { common, .. }) = sentences {
        table.add_row(common.cells("", common.fits()));
    }
    table
}
