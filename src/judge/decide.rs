//! Which statements hold.

use crate::domain::{Insight, Signals, StatementKind, Target};

use super::answer::Answer;
use super::calibration::Call;
use super::evidence::Ranked;
use super::inside::{Probes, Said};
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
    /// Words that point to it.
    pub terms: Vec<String>,
    /// The sentences of the answer, likeliest to show it first.
    pub ranked: Ranked,
    /// What the model said.
    pub said: Said,
    /// What code can tell.
    pub signals: Signals,
    /// How likely it holds, 0 to 1.
    pub probability: f32,
    /// Whether it is taken to hold.
    pub call: Call,
}

impl Decisions {
    /// The decisions, in the plan's order.
    pub fn statements(&self) -> &[Decision] {
        &self.statements
    }
}

/// Decides each statement by what the model says of it, the mean over its wordings, and by what
/// code can tell.
///
/// `insights` are in the plan's order. A statement without one, as when the judge was cut short,
/// stays unsure.
pub fn decide(plan: &Plan, insights: &[Insight], answer: &Answer) -> Decisions {
    let mut statements = Vec::new();
    let mut at = 0;
    for wordings in plan.asked.chunk_by(Asked::is_same_statement) {
        let insights = insights.get(at..at + wordings.len()).unwrap_or_default();
        statements.extend(wordings.first().map(|asked| one(plan, at, asked, insights, answer)));
        at += wordings.len();
    }
    Decisions { statements }
}

fn one(plan: &Plan, at: usize, asked: &Asked, insights: &[Insight], answer: &Answer) -> Decision {
    let reading = plan.policy.calibration.reading(asked.kind, &asked.subject);
    let probes = plan.policy.probes;
    let insight = Insight::mean(insights);
    let said = insight
        .as_ref()
        .map_or(Said::NOTHING, |insight| Probes::said(probes, &asked.subject, insight));
    let signals = signals(asked, answer);
    let probability = reading.weights.probability(asked.kind, said, &signals);
    Decision {
        asked: at,
        subject: asked.subject.clone(),
        statement: asked.statement,
        kind: asked.kind,
        terms: asked.terms.clone(),
        ranked: Ranked::new(asked, answer, probes, insight.as_ref()),
        said,
        signals,
        probability,
        call: if insight.is_none() { Call::Unsure } else { reading.band.call(probability) },
    }
}
