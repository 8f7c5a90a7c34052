//! `viva models list`.

use std::io::{self, Write as _};
use std::path::Path;

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use serde::Serialize;

use super::{Failure, Shell};
use crate::catalog::{Catalog, Entry, Fit, Machine, Presence, Shelf, human_bytes};

/// Shows every model known by name.
pub(super) fn run(
    catalog: &Catalog,
    shelf: &Shelf,
    shell: &Shell,
    json: bool,
) -> Result<(), Failure> {
    let machine = Machine::detect();
    let rows: Vec<_> = catalog.entries().iter().map(|e| Row::of(e, shelf, machine)).collect();
    let default = &catalog.default_entry().name;
    let mut out = io::stdout().lock();
    if json {
        let document = Document {
            schema: "viva.models/1",
            folder: shelf.folder(),
            memory_bytes: machine.memory,
            default,
            models: &rows,
        };
        let text = serde_json::to_string_pretty(&document).map_err(Failure::new)?;
        return Ok(writeln!(out, "{text}")?);
    }
    writeln!(out, "{}", table(&rows, default).trim_fmt())?;
    writeln!(out)?;
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
}

/// A model as listed.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    title: &'a str,
    architecture: &'a str,
    runs: bool,
    context: u32,
    size: u64,
    sha256: String,
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
        let (here, partial_bytes) = match shelf.presence(entry) {
            Presence::Here => (true, 0),
            Presence::Partly(have) => (false, have),
            Presence::Absent => (false, 0),
        };
        let licence = &entry.licence;
        Self {
            name: &entry.name,
            title: &entry.title,
            architecture: &entry.architecture,
            runs: entry.runs,
            context: entry.context,
            size: entry.size,
            sha256: entry.sha256.to_string(),
            here,
            partial_bytes,
            memory_bytes: entry.memory_bytes,
            fit: Fit::of(entry, machine),
            licence: Terms { name: &licence.name, open: licence.open, url: &licence.url },
            good_for: &entry.good_for,
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
            _ if !self.runs => "not yet",
            Fit::Fits => "yes",
            Fit::Tight => "tight",
            Fit::TooLarge => "no",
        }
    }
}

fn table(rows: &[Row<'_>], default: &str) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["model", "size", "here", "memory", "fits", "licence", "good for"]);
    for row in rows {
        let mark = if row.name == default { " (default)" } else { "" };
        table.add_row([
            Cell::new(format!("{}{mark}", row.name)),
            Cell::new(human_bytes(row.size)).set_alignment(CellAlignment::Right),
            Cell::new(row.here()),
            Cell::new(human_bytes(row.memory_bytes)).set_alignment(CellAlignment::Right),
            Cell::new(row.fits()),
            Cell::new(row.licence.name),
            Cell::new(row.good_for),
        ]);
    }
    table
}
