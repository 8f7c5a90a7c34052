//! The words of the trade, as plain values: questions, criteria, turns, verdicts.
//!
//! Nothing here does I/O or knows how a verdict is reached. Every other module speaks in
//! these types, so they derive what travels needs: equality, `Debug` and serde.

mod delivery;
mod insight;
mod judgement;
mod question;
mod seed;
mod transcript;

pub use delivery::Delivery;
pub use insight::{Inside, Insight, Tap};
pub use judgement::{
    Evidence, Finding, Gate, GateVerdict, Group, Margin, MistakeFinding, ModelCard, Signals,
    Target, Verdict,
};
pub use question::{
    Criterion, Example, Fills, Framework, Level, Mistake, MistakeForm, Probe, Question,
    QuestionKind, Statement, StatementKind, Step,
};
pub use seed::Seed;
pub use transcript::{Purpose, Speaker, Transcript, Turn};
