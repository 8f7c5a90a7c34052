//! Statements about an answer, and how they have to be worded to be of use to a small model.

use crate::domain::{Statement, StatementKind};

use super::fault::quoted;
use super::fields::{Fields, Line};
use super::lines::cap;

/// The most words of a wording.
const WORDS: usize = 25;

/// What a wording may not begin with: small models hardly hear a negative. "You fail over" is
/// none, so that `fail` counts only before `to`.
const NEGATIVE: &[&str] = &[
    "do not",
    "don't",
    "did not",
    "didn't",
    "never",
    "fail to",
    "failed to",
    "cannot",
    "can't",
    "have not",
    "haven't",
    "are not",
    "aren't",
    "lack",
    "omit",
];

/// Kinds that say what an answer should not have, and so make no criterion.
const FOR_MISTAKES: [StatementKind; 4] = [
    StatementKind::Blames,
    StatementKind::WrongClaim,
    StatementKind::PoorChoice,
    StatementKind::Attitude,
];

/// Reads the statements of a criterion.
pub(super) fn of_criterion(fields: &mut Fields<'_>) -> Vec<Statement> {
    fields.tables("statements", 1..=3, |f| statement(f, false))
}

/// Reads the statements of a mistake.
pub(super) fn of_mistake(fields: &mut Fields<'_>) -> Vec<Statement> {
    fields.tables("statements", 1..=3, |f| statement(f, true))
}

fn statement(fields: &mut Fields<'_>, of_mistake: bool) -> Option<Statement> {
    let kinds: Vec<StatementKind> =
        StatementKind::ALL.iter().copied().filter(|kind| *kind != StatementKind::Point).collect();
    let kind = fields.choice("kind", &kinds, StatementKind::name);
    if let Some(kind) = kind.filter(|kind| !of_mistake && FOR_MISTAKES.contains(kind)) {
        let what = format!("a criterion has a statement of kind `{}`", kind.name());
        fields.fault("kind", what, "that kind is for mistakes: choose another");
    }
    let wordings = fields.lines("wordings", 2..=4, cap::SENTENCE);
    for wording in &wordings {
        check_wording(fields, wording);
    }
    let terms = terms(fields);
    Some(Statement { kind: kind?, wordings: wordings.into_iter().map(|w| w.text).collect(), terms })
}

fn check_wording(fields: &mut Fields<'_>, wording: &Line) {
    let text = &wording.text;
    let mut fault = |what: String, remedy: &str| fields.report.add(wording.at, what, remedy);
    let Some(claim) = text.strip_prefix("You ") else {
        let what = format!("the wording {} does not begin with \"You \"", quoted(text));
        fault(what, "say what the answer does: \"You name …\", \"You say …\"");
        return;
    };
    if let Some(negative) = negative(claim) {
        let what = format!("the wording {} is a negative: \"You {negative}\"", quoted(text));
        fault(what, "word it positively: what is so when it holds");
    }
    let words = text.split_whitespace().count();
    if words > WORDS {
        let what = format!("the wording {} has {words} words, more than {WORDS}", quoted(text));
        fault(what, "shorten it, 6 to 16 words work best, or make two statements of it");
    }
}

/// The negative that a claim begins with.
fn negative(claim: &str) -> Option<&'static str> {
    let claim = format!("{} ", claim.to_lowercase().replace('\u{2019}', "'"));
    let begins = |n: &&&str| claim.strip_prefix(**n).is_some_and(|rest| rest.starts_with(' '));
    NEGATIVE.iter().find(begins).copied()
}

fn terms(fields: &mut Fields<'_>) -> Vec<String> {
    let terms = fields.if_any("terms", |f, key| Some(f.lines(key, 0..=40, cap::NAME)));
    let terms = terms.unwrap_or_default();
    for term in terms.iter().filter(|t| t.text.to_lowercase() != t.text) {
        let what = format!("the term {} is not lower-case", quoted(&term.text));
        fields.report.add(term.at, what, "write it in lower case: answers are heard that way");
    }
    terms.into_iter().map(|t| t.text).collect()
}

#[cfg(test)]
mod tests {
    use super::negative;

    #[test]
    fn negatives_are_told_from_words_that_look_like_them() {
        assert_eq!(negative("don\u{2019}t say why."), Some("don't"));
        assert_eq!(negative("Fail to name a tool."), Some("fail to"));
        assert_eq!(negative("never."), None, "the stop belongs to the word");
        assert_eq!(negative("fail over to a second region."), None);
        assert_eq!(negative("document why it happened."), None);
    }
}
