//! From a session to its feedback: one view for each question that was answered.

use crate::delivery;
use crate::domain::{Gate, Target};
use crate::feedback::{SessionDocument, SessionParts, Style, View, markdown, terminal};
use crate::interview::{Item, State};

/// The feedback on one question of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The question's position in the session.
    pub item: usize,
    /// The feedback.
    pub view: View,
}

/// The feedback on every question that was answered, its verdicts numbered through.
pub fn reports(state: &State) -> Vec<Report> {
    let mut first = 1;
    let mut reports = Vec::new();
    for (item, asked) in state.answered() {
        let view = view(state, item, asked).numbered_from(first);
        first += view.numbered().len();
        reports.push(Report { item, view });
    }
    reports
}

/// The verdict that the feedback numbers `n`, and the item it is on.
pub(super) fn numbered(state: &State, n: usize) -> Option<(usize, Target)> {
    let reports = reports(state).into_iter();
    reports
        .flat_map(|r| r.view.numbered().into_iter().map(move |target| (r.item, target)))
        .nth(n.checked_sub(1)?)
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

/// A session as it is told afterwards.
pub struct Record {
    id: String,
    started: String,
    state: State,
    views: Vec<View>,
}

impl Record {
    /// The record of the session `id` that began at `started` (RFC 3339) and came to `state`.
    pub fn new(id: String, started: String, state: State) -> Self {
        let views = reports(&state).into_iter().map(|report| report.view).collect();
        Self { id, started, state, views }
    }

    /// Reading text for a terminal; nothing for a session that never began.
    pub fn terminal(&self, style: Style) -> Option<String> {
        self.parts().map(|parts| terminal::session(&parts, style))
    }

    /// Markdown; nothing for a session that never began.
    pub fn markdown(&self) -> Option<String> {
        self.parts().map(|parts| markdown::session(&parts))
    }

    /// `viva.session/1`; nothing for a session that never began.
    pub fn document(&self) -> Option<SessionDocument> {
        self.parts().map(|parts| SessionDocument::new(&parts))
    }

    fn parts(&self) -> Option<SessionParts<'_>> {
        let opening = self.state.opening()?;
        Some(SessionParts {
            id: &self.id,
            started: &self.started,
            seed: opening.seed,
            options: serde_json::to_value(&opening.options).unwrap_or_default(),
            model: &opening.model,
            bank: &opening.bank,
            transcript: self.state.transcript(),
            views: &self.views,
        })
    }
}
