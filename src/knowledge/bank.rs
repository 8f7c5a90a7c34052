//! From files to a bank, or to every fault.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::DeTable;

use crate::domain::{Criterion, Framework, Question};

use super::fault::{Fault, Report, disarmed, quoted};
use super::fields::Fields;
use super::names::is_id;
use super::shelf::Shelf;
use super::suggest::nearest;
use super::{Source, criterion, framework, question, scale};

/// The folders of a bank.
const FOLDERS: [&str; 4] = ["criteria", "frameworks", "questions", "scale"];

/// Every question, with what it refers to resolved into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Bank {
    pub(super) questions: BTreeMap<String, Question>,
    frameworks: BTreeMap<String, Framework>,
    /// Those that questions share.
    pub(super) criteria: BTreeMap<String, Criterion>,
    pub(super) anchors: Vec<String>,
}

impl Bank {
    /// Reads a bank; every fault of every file where it has any, in the order of files and lines.
    pub fn load(sources: &[Source]) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let sheets: Vec<Sheet<'_>> =
            sources.iter().filter_map(|source| Sheet::parse(source, &mut faults)).collect();
        let bank = Self::read(&sheets, &mut faults);
        if faults.is_empty() {
            return Ok(bank);
        }
        faults.sort();
        faults.dedup();
        Err(faults)
    }

    fn read(sheets: &[Sheet<'_>], faults: &mut Vec<Fault>) -> Self {
        let mut shelf = Shelf::default();
        for sheet in in_folder(sheets, "criteria") {
            shelf
                .criteria
                .put(sheet.stem, sheet.read(faults, |f| criterion::shared(f, sheet.stem)));
        }
        for sheet in in_folder(sheets, "frameworks") {
            shelf
                .frameworks
                .put(sheet.stem, sheet.read(faults, |f| framework::read(f, sheet.stem)));
        }
        for sheet in in_folder(sheets, "scale") {
            shelf.anchors = sheet.read(faults, |f| scale::read(f, sheet.stem)).unwrap_or_default();
        }
        let (rounds, alone): (Vec<&Sheet<'_>>, Vec<_>) =
            in_folder(sheets, "questions").partition(|sheet| sheet.is_round());
        for sheet in alone {
            let question = sheet.read(faults, |f| question::alone(f, sheet.stem, &shelf));
            shelf.questions.put(sheet.stem, question);
        }
        let is_round = |id: &str| rounds.iter().any(|sheet| sheet.stem == id);
        let read_round = |sheet: &&Sheet<'_>, faults: &mut Vec<Fault>| {
            sheet.read(faults, |f| question::round(f, sheet.stem, &shelf, is_round))
        };
        let rounds: Vec<Question> =
            rounds.iter().filter_map(|sheet| read_round(sheet, faults)).collect();
        let anchors = std::mem::take(&mut shelf.anchors);
        let criteria = shelf.criteria.into_sound();
        let mut questions = shelf.questions.into_sound();
        questions.extend(rounds.into_iter().map(|round| (round.id.clone(), round)));
        Self { questions, frameworks: shelf.frameworks.into_sound(), criteria, anchors }
    }

    /// Every question, ordered by id.
    pub fn questions(&self) -> impl ExactSizeIterator<Item = &Question> {
        self.questions.values()
    }

    /// The question of that id.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.get(id)
    }

    /// The id that an unknown one was most likely meant to be.
    pub fn nearest(&self, id: &str) -> Option<&str> {
        nearest(id, self.questions.keys().map(String::as_str))
    }

    /// Every framework, ordered by id.
    pub fn frameworks(&self) -> impl ExactSizeIterator<Item = &Framework> {
        self.frameworks.values()
    }

    /// How many shared criteria there are.
    pub fn shared_criteria(&self) -> usize {
        self.criteria.len()
    }
}

fn in_folder<'a, 's>(
    sheets: &'a [Sheet<'s>],
    folder: &'static str,
) -> impl Iterator<Item = &'a Sheet<'s>> {
    sheets.iter().filter(move |sheet| sheet.folder == folder)
}

/// A file in its place, parsed as far as it is TOML.
struct Sheet<'s> {
    source: &'s Source,
    folder: &'s str,
    stem: &'s str,
    /// `None` where it is no TOML.
    table: Option<Spanned<DeTable<'s>>>,
}

impl<'s> Sheet<'s> {
    fn parse(source: &'s Source, faults: &mut Vec<Fault>) -> Option<Self> {
        let mut report = Report::default();
        let sheet = placed(&source.path).map(|(folder, stem)| {
            check_stem(stem, &mut report);
            Self { source, folder, stem, table: tree(&source.text, &mut report) }
        });
        if sheet.is_none() {
            report.add(0, "this file is in no place of the bank", misplaced(&source.path));
        }
        faults.extend(report.locate(source));
        sheet
    }

    fn is_round(&self) -> bool {
        self.table.as_ref().is_some_and(|table| table.get_ref().contains_key("parts"))
    }

    /// The entry, if it has no fault at all: what refers to it must not be faulted for it.
    fn read<T>(
        &self,
        faults: &mut Vec<Fault>,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        let table = self.table.as_ref()?.get_ref();
        let mut report = Report::default();
        let mut fields = Fields::new(table, 0, &mut report);
        let entry = read(&mut fields);
        fields.close();
        let entry = entry.filter(|_| report.is_empty());
        faults.extend(report.locate(self.source));
        entry
    }
}

/// Folder and stem of a file that is where the bank looks.
fn placed(path: &str) -> Option<(&str, &str)> {
    let (folder, file) = path.split_once('/')?;
    let stem = file.strip_suffix(".toml").filter(|stem| !stem.contains('/'))?;
    FOLDERS.contains(&folder).then_some((folder, stem))
}

fn misplaced(path: &str) -> String {
    let folder = path.split('/').next().unwrap_or_default();
    match nearest(folder, FOLDERS) {
        Some(meant) => format!("did you mean {meant}/ID.toml?"),
        None => format!("put it into {}/ as ID.toml", FOLDERS.join("/, ")),
    }
}

fn check_stem(stem: &str, report: &mut Report) {
    if !is_id(stem) {
        let what = format!("the file's name {} is no id", quoted(stem));
        report.add(0, what, "rename it in kebab-case: a-z, 0-9 and single hyphens");
    }
}

/// The tree of a file, or its syntax errors. What a broken file says is not looked at: faults
/// that follow from the first would hide it.
fn tree<'s>(text: &'s str, report: &mut Report) -> Option<Spanned<DeTable<'s>>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().map_or(text.len(), |span| span.start);
        let what = format!("this is not TOML: {}", disarmed(error.message()));
        report.add(at, what, "mend it; the keys are in docs/knowledge.md");
    }
    errors.is_empty().then_some(table)
}
