//! From a session to its feedback: one view for each question that was answered.

use crate::delivery;
use crate::domain::Gate;
use crate::feedback::{Style, View, terminal as screen};
use crate::interview::{Item, State};

/// The feedback on one question of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The question's position in the session.
    pub item: usize,
    /// The feedback.
    pub view: View,
}

/// The feedback on every question that was answered.
pub fn reports(state: &State) -> Vec<Report> {
    state.answered().map(|(i, item)| Report { item: i, view: view(state, i, item) }).collect()
}

fn view(state: &State, i: usize, item: &Item) -> View {
    let answers: Vec<&str> = state.transcript().answers(i).map(|t| t.text.as_str()).collect();
    let delivery = delivery::measure(&answers);
    let part = (state.items().len() > 1).then_some(item.question.id.as_str());
    // An answer that nobody has judged yet counts as one.
    let gate = item.gate.clone().unwrap_or_else(Gate::answer);
    View::new(
        &item.question,
        part,
        &gate,
        &item.findings,
        &item.mistakes,
        &delivery,
        &item.disputed,
    )
}

/// The feedback as the terminal shows it, its verdicts numbered through.
pub(super) fn terminal(reports: &[Report], style: &Style) -> String {
    if reports.is_empty() {
        return "Nothing was answered, so there is nothing to give feedback on.\n".to_owned();
    }
    let mut first = 1;
    let mut text = String::new();
    for report in reports {
        text.push_str(&screen::render(&report.view, first, style));
        first += report.view.numbered().len();
    }
    text
}
