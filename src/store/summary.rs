//! What a list says about a session.

use jiff::Timestamp;

use super::Stored;
use crate::domain::Speaker;
use crate::interview::{Phase, State};

/// One session in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The session's id.
    pub id: String,
    /// When it began.
    pub started: Timestamp,
    /// What was in it; none where the events cannot be read, and loading the session says why.
    pub about: Option<About>,
}

/// What was in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The question's id.
    pub question: String,
    /// The question as spoken.
    pub say: String,
    /// The model that judged, by name.
    pub model: String,
    /// Answers sent.
    pub answers: usize,
    /// How it came to an end, if it did.
    pub outcome: Outcome,
}

/// How a session came to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With feedback.
    Finished,
    /// The candidate left before.
    Left,
    /// Not: it goes on elsewhere, or was broken off.
    Open,
}

impl Outcome {
    /// The name used in lists and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Left => "left",
            Self::Open => "open",
        }
    }

    const fn of(phase: &Phase) -> Self {
        match phase {
            Phase::Done => Self::Finished,
            Phase::Left => Self::Left,
            Phase::New
            | Phase::Listening
            | Phase::Judging
            | Phase::Wording(_)
            | Phase::Reviewing => Self::Open,
        }
    }
}

impl About {
    /// Replays a session; none if its events make none.
    pub(super) fn of(stored: Stored) -> Option<Self> {
        let state = State::replay(stored.events).ok()?;
        let opening = state.opening()?;
        let turns = state.transcript().turns();
        Some(Self {
            question: opening.question.id.clone(),
            say: opening.question.say.clone(),
            model: opening.model.name.clone(),
            answers: turns.iter().filter(|turn| turn.speaker == Speaker::Candidate).count(),
            outcome: Outcome::of(state.phase()),
        })
    }
}
