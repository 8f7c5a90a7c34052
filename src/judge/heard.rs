//! What words and numbers alone can show, for when there is no model.

use crate::domain::{Criterion, Finding, Group, Statement, StatementKind};

use super::answer::Answer;
use super::calibration::{Call, HEARD};
use super::conclude::verdict;
use super::evidence::merged;
use super::signals::shows;

/// Findings without a model: a statement holds where one of its terms was heard, or, for a
/// figure, where there is a number, and that sentence is the evidence.
///
/// The probabilities are modest ([`HEARD`]), and nothing is missing on words alone: what was not
/// heard may have been said in others, and stays unsure.
pub fn heard(criteria: &[(Group, &Criterion)], answer: &Answer) -> Vec<Finding> {
    criteria.iter().map(|&(group, criterion)| finding(group, criterion, answer)).collect()
}

fn finding(group: Group, criterion: &Criterion, answer: &Answer) -> Finding {
    let heard: Vec<Heard> = criterion.statements.iter().map(|s| Heard::new(s, answer)).collect();
    let calls: Vec<Call> = heard.iter().map(Heard::call).collect();
    let proofs: Vec<Vec<usize>> = heard.iter().map(|heard| heard.proof.clone()).collect();
    Finding {
        group,
        criterion: criterion.id.clone(),
        verdict: verdict(&calls),
        probability: heard.iter().map(|heard| heard.probability).reduce(f32::min).unwrap_or(0.5),
        evidence: merged(&proofs, answer),
    }
}

struct Heard {
    probability: f32,
    proof: Vec<usize>,
}

impl Heard {
    fn new(statement: &Statement, answer: &Answer) -> Self {
        let shown = |&n: &usize| {
            answer.sentence(n).is_some_and(|s| shows(s, statement.kind, &statement.terms))
        };
        let proof: Vec<usize> = (1..=answer.sentences().len()).find(shown).into_iter().collect();
        let tells = statement.kind == StatementKind::Metric || !statement.terms.is_empty();
        let [heard, unknown, absent] = HEARD;
        let probability = match (proof.is_empty(), tells) {
            (false, _) => heard,
            (true, false) => unknown,
            (true, true) => absent,
        };
        Self { probability, proof }
    }

    fn call(&self) -> Call {
        if self.proof.is_empty() { Call::Unsure } else { Call::Holds }
    }
}
