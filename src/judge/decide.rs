//! Which statements hold.

use crate::domain::{Margin, Signals, StatementKind, Target};

use super::answer::Answer;
use super::calibration::Call;
use super::cues::Wanted;
use super::plan::{Asked, Plan};
use super::signals::signals;

/// What was decided on each statement of a plan, in its order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decisions {
    statements: Vec<Decision>,
}

/// What was decided on one statement, all its wordings together.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// Where the plan asks it first.
    pub asked: usize,
    /// What it was asked for.
    pub subject: Target,
    /// Which of the subject's statements.
    pub statement: usize,
    /// What sort of statement.
    pub kind: StatementKind,
    /// The statement, in the first wording asked.
    pub wording: String,
    /// Words that point to it.
    pub terms: Vec<String>,
    /// How like it in meaning each sentence is; none where nobody compared them.
    pub likeness: Vec<f32>,
    /// What code can tell.
    pub signals: Signals,
    /// How likely it holds, 0 to 1.
    pub probability: f32,
    /// Whether it is taken to hold.
    pub call: Call,
}

impl Decision {
    /// What a sentence has to show.
    pub(super) fn wanted(&self) -> Wanted<'_> {
        let Self { kind, wording, terms, likeness, .. } = self;
        Wanted { kind: *kind, wording, terms, likeness }
    }
}

impl Decisions {
    /// The decisions, in the plan's order.
    pub fn statements(&self) -> &[Decision] {
        &self.statements
    }
}

/// Decides each statement by its margins, averaged over its wordings, and by what code can tell.
///
/// `margins` are in the plan's order. A statement without a margin, as when the judge was cut
/// short, stays unsure.
pub fn decide(plan: &Plan, margins: &[Margin], answer: &Answer) -> Decisions {
    let mut statements = Vec::new();
    let mut at = 0;
    for wordings in plan.asked.chunk_by(same_statement) {
        let margins = margins.get(at..at + wordings.len()).unwrap_or_default();
        statements.extend(wordings.first().map(|asked| one(plan, at, asked, margins, answer)));
        at += wordings.len();
    }
    Decisions { statements }
}

fn same_statement(a: &Asked, b: &Asked) -> bool {
    a.subject == b.subject && a.statement == b.statement
}

fn one(plan: &Plan, at: usize, asked: &Asked, margins: &[Margin], answer: &Answer) -> Decision {
    let reading = plan.policy.calibration.reading(asked.kind, &asked.subject);
    let signals = signals(asked, answer);
    let probability = reading.weights.probability(asked.kind, mean(margins), &signals);
    Decision {
        asked: at,
        subject: asked.subject.clone(),
        statement: asked.statement,
        kind: asked.kind,
        wording: asked.wording.clone(),
        terms: asked.terms.clone(),
        likeness: asked.likeness.clone(),
        signals,
        probability,
        call: if margins.is_empty() { Call::Unsure } else { reading.band.call(probability) },
    }
}

/// The mean; of none it is no number, which says nothing.
fn mean(margins: &[Margin]) -> Margin {
    Margin(margins.iter().map(|margin| margin.0).sum::<f32>() / margins.len() as f32)
}
