//! What the judge made of each labelled statement, beside its label.

use crate::app::Asking;
use crate::domain::{Group, Insight, Signals, StatementKind, Target};
use crate::judge::{Answer, Call, Decision, Passage, Said, Sentence, decide, passage, quotes};

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
    /// What the model said.
    pub said: Said,
    /// What that was read off, one for each wording.
    pub insights: Vec<Insight>,
    /// The sentences of the answer, and whether each shows the statement; none where that is not
    /// known, or where nobody looked which of them the model looks at.
    pub passages: Vec<(Passage, bool)>,
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

/// The cases of a row, by what the model made of what was asked; labels on which people may
/// disagree give none.
pub fn cases(row: &Row, asking: &Asking, insights: &[Insight]) -> Vec<Case> {
    let decisions = decide(&asking.plan, insights, &asking.answer);
    decisions.statements().iter().filter_map(|d| case(row, asking, insights, d)).collect()
}

fn case(row: &Row, asking: &Asking, insights: &[Insight], decision: &Decision) -> Option<Case> {
    let wordings = asking.plan.wordings(decision.asked);
    let insights = insights.get(wordings)?;
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
        said: decision.said,
        insights: insights.to_vec(),
        passages: passages(label, asking, insights, decision),
        signals: decision.signals,
        probability: decision.probability,
        call: decision.call,
        holds: label.holds?,
        quoted: known.then(|| is_quoted(label, decision, &asking.answer)),
    })
}

/// The sentences, where their attention was read and the words that show the statement are known.
fn passages(
    label: &Label,
    asking: &Asking,
    insights: &[Insight],
    decision: &Decision,
) -> Vec<(Passage, bool)> {
    let (Some(Insight::Inside(inside)), Some(true), false) =
        (Insight::mean(insights), label.holds, label.quotes.is_empty())
    else {
        return Vec::new();
    };
    let Some(asked) = asking.plan.asked.get(decision.asked) else { return Vec::new() };
    let sentences = asking.answer.sentences().iter().enumerate();
    let one = |(index, sentence): (usize, &Sentence)| {
        (passage(asked, &asking.answer, &inside, index), is_of(&sentence.text, label))
    };
    sentences.map(one).collect()
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
    quotes.iter().any(|evidence| is_of(&evidence.quote, label))
}

/// Whether a sentence is of the words that show the statement, or they of it.
fn is_of(sentence: &str, label: &Label) -> bool {
    label.quotes.iter().any(|known| overlap(sentence, known))
}

/// Whether one is a part of the other.
pub(super) fn overlap(sentence: &str, known: &str) -> bool {
    let known = known.trim();
    known.contains(sentence) || sentence.contains(known)
}
