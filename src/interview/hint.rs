//! Hints: where to look next, never what to say.

use crate::domain::{Finding, Question, Verdict};

/// The hint number `n` on a question: first the shape of a good answer, then one thing after
/// another that interviewers look for and have not heard yet.
pub(super) fn nth(question: &Question, findings: &[Finding], n: usize) -> String {
    let Some(n) = n.checked_sub(1) else { return shape(question) };
    let met = |id: &str| findings.iter().any(|f| f.criterion == id && f.verdict == Verdict::Met);
    let mut open = question.looks_for.iter().filter(|c| !met(&c.id));
    match open.nth(n) {
        Some(criterion) => format!("Something interviewers listen for here: {}", criterion.text),
        None => "I have no further hint. Say what you have, or /skip.".to_owned(),
    }
}

fn shape(question: &Question) -> String {
    let framework = &question.framework;
    let steps: Vec<&str> = framework.steps.iter().map(|s| s.name.as_str()).collect();
    format!("A shape that works here is {}: {}.", framework.name, steps.join(", "))
}
