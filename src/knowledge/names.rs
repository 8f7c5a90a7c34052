//! Ids: how they look, and that none is given twice.

use std::collections::BTreeMap;

use super::fault::{Report, quoted};
use super::lines::cap;
use super::suggest::known;

/// Whether a text can be an id: kebab-case, of `a-z`, `0-9` and single hyphens between them.
pub fn is_id(text: &str) -> bool {
    let word =
        |w: &str| !w.is_empty() && w.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    text.len() <= cap::ID && text.split('-').all(word)
}

/// The ids given so far within one name space, in order.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeMap<String, &'static str>,
    /// Whether some are unknown, because what would give them has faults of its own.
    incomplete: bool,
}

impl Names {
    /// Notes that some ids of this name space cannot be known.
    pub(super) fn set_incomplete(&mut self) {
        self.incomplete = true;
    }

    /// Gives `id` to a step of the framework, whose ids were checked where it was read.
    pub(super) fn grant(&mut self, id: &str) {
        self.taken.insert(id.to_owned(), "step of the framework");
    }

    /// Gives `id` to a `what`; a fault where it is taken.
    pub(super) fn claim(&mut self, id: &str, what: &'static str, at: usize, report: &mut Report) {
        if let Some(before) = self.taken.insert(id.to_owned(), what) {
            report.add(
                at,
                format!("{} is the id of a {before} already", quoted(id)),
                "give each its own id: verdicts and follow-ups go by it",
            );
        }
    }

    /// A fault where no criterion has the id.
    pub(super) fn expect(&self, id: &str, key: &str, at: usize, report: &mut Report) {
        if self.taken.contains_key(id) || self.incomplete {
            return;
        }
        report.add(
            at,
            format!("`{key}` names {}, which is no criterion of this question", quoted(id)),
            known(id, self.taken.keys().map(String::as_str)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::is_id;

    #[test]
    fn ids_are_kebab_case() {
        for good in ["star", "30-60-90", "p95", "star-plus"] {
            assert!(is_id(good), "{good}");
        }
        for bad in ["", "-", "Star", "star_plus", "star--plus", "star-", "étoile", "a b"] {
            assert!(!is_id(bad), "{bad}");
        }
    }
}
