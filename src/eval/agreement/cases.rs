//! What the judge made of each labelled statement, beside its label.

use crate::app::Asking;
use crate::domain::{Group, Margin, Signals, StatementKind, Target};
use crate::judge::{Answer, Call, Decision, decide, quotes};

use super::rows::{Label, Row};

/// One statement about one answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The question, by its id.
    pub question: String,
    /// How the answer was made.
    pub construct: String,
    /// The list that the statement's criterion is in; none for mistakes.
    pub group: Option<Group>,
    /// What sort of statement.
    pub kind: StatementKind,
    /// The model's margin.
    pub margin: Margin,
    /// What code can tell.
    pub signals: Signals,
    /// How likely it holds, by the judge.
    pub probability: f32,
    /// What the judge took it for.
    pub call: Call,
    /// Whether it holds, by people.
    pub holds: bool,
    /// Whether a quote is of the words that show it, where they are known and the judge took it to
    /// hold.
    pub quoted: Option<bool>,
}

/// The cases of a row, by the margins of what was asked; labels on which people may disagree give
/// none.
pub fn cases(row: &Row, asking: &Asking, margins: &[Margin]) -> Vec<Case> {
    let decisions = decide(&asking.plan, margins, &asking.answer);
    decisions.statements().iter().filter_map(|d| case(row, asking, margins, d)).collect()
}

fn case(row: &Row, asking: &Asking, margins: &[Margin], decision: &Decision) -> Option<Case> {
    let label = label(row, decision)?;
    let known = label.holds? && !label.quotes.is_empty() && decision.call == Call::Holds;
    Some(Case {
        question: row.question.clone(),
        construct: row.labels.construct.clone(),
        group: match decision.subject {
            Target::Criterion { group, .. } => Some(group),
            Target::Mistake { .. } => None,
        },
        kind: decision.kind,
        margin: *margins.get(decision.asked)?,
        signals: decision.signals,
        probability: decision.probability,
        call: decision.call,
        holds: label.holds?,
        quoted: known.then(|| is_quoted(label, decision, &asking.answer)),
    })
}

fn label<'a>(row: &'a Row, decision: &Decision) -> Option<&'a Label> {
    let id = match &decision.subject {
        Target::Criterion { id, .. } | Target::Mistake { id } => id,
    };
    let about = |l: &&Label| l.subject == *id && l.statement == decision.statement;
    row.labels.statements.iter().find(about)
}

/// Whether a quote and the words that show the statement overlap.
fn is_quoted(label: &Label, decision: &Decision, answer: &Answer) -> bool {
    let quotes = quotes(decision, answer);
    let overlap = |quote: &str, known: &str| known.contains(quote) || quote.contains(known);
    quotes.iter().any(|e| label.quotes.iter().any(|known| overlap(&e.quote, known.trim())))
}
