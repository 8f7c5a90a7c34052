//! What has been read so far, for what refers to it.

use std::collections::BTreeMap;

use crate::domain::{Criterion, Framework, Question};

use super::fault::{Report, quoted};
use super::suggest::known;

/// Entries of one sort by id.
#[derive(Debug)]
pub(super) struct Entries<T> {
    /// What an entry is called in a fault.
    noun: &'static str,
    /// `None` where the entry's file has faults of its own.
    entries: BTreeMap<String, Option<T>>,
}

impl<T> Entries<T> {
    pub(super) fn new(noun: &'static str) -> Self {
        Self { noun, entries: BTreeMap::new() }
    }

    pub(super) fn put(&mut self, id: &str, entry: Option<T>) {
        self.entries.insert(id.to_owned(), entry);
    }

    /// The entry that `key` names. A fault where there is none; silence where its own file is
    /// at fault, which is reported there.
    pub(super) fn find(&self, id: &str, key: &str, at: usize, report: &mut Report) -> Option<&T> {
        let Some(entry) = self.entries.get(id) else {
            let what = format!("`{key}` names {}, and there is no such {}", quoted(id), self.noun);
            report.add(at, what, known(id, self.entries.keys().map(String::as_str)));
            return None;
        };
        entry.as_ref()
    }

    /// The sound entries.
    pub(super) fn into_sound(self) -> BTreeMap<String, T> {
        self.entries.into_iter().filter_map(|(id, entry)| Some((id, entry?))).collect()
    }
}

/// Everything that questions refer to.
#[derive(Debug)]
pub(super) struct Shelf {
    /// Shared criteria.
    pub(super) criteria: Entries<Criterion>,
    /// Frameworks.
    pub(super) frameworks: Entries<Framework>,
    /// Questions that are no rounds.
    pub(super) questions: Entries<Question>,
    /// What scores stand for.
    pub(super) anchors: Vec<String>,
}

impl Default for Shelf {
    fn default() -> Self {
        Self {
            criteria: Entries::new("shared criterion"),
            frameworks: Entries::new("framework"),
            questions: Entries::new("question"),
            anchors: Vec::new(),
        }
    }
}
