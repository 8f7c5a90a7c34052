//! What can happen in a session. The store keeps exactly these.

use serde::{Deserialize, Serialize};

use crate::domain::{Finding, Gate, MistakeFinding, ModelCard, Question, Seed, Target};

/// What was agreed before the first question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    /// The question chosen, with its parts: a session keeps the words that were asked, whatever
    /// becomes of the bank.
    pub question: Question,
    /// Where every choice by chance comes from.
    pub seed: Seed,
    /// What the candidate asked for.
    pub options: Options,
    /// Who judges.
    pub model: ModelCard,
    /// SHA-256 of the bank, hexadecimal.
    pub bank: String,
}

/// What the candidate asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Follow-ups a question, at most.
    pub followups: u32,
    /// Minutes after which no new follow-up is asked; none is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self { followups: 3, minutes: None }
    }
}

/// What the judge found in the answers to one item so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Whether there was an answer to judge.
    pub gate: Gate,
    /// Verdicts on the criteria that were open; empty behind a closed gate.
    pub findings: Vec<Finding>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The session began.
    Started(Box<Opening>),
    /// The candidate sent an answer.
    Answered {
        /// The words as sent.
        text: String,
    },
    /// The judge concluded on the answers to the current item.
    Judged(Judgement),
    /// The follow-up that was due found its words.
    Worded {
        /// The question as spoken.
        text: String,
        /// Whether the model worded it; otherwise the bank's words stand.
        by_model: bool,
    },
    /// The mistakes of an item were judged, which ends the item.
    Reviewed {
        /// What was met before, judged again by everything that was said.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        findings: Vec<Finding>,
        /// The judgement on every mistake of the question.
        mistakes: Vec<MistakeFinding>,
    },
    /// The candidate passed on what was asked.
    Skipped,
    /// The candidate asked for a hint.
    HintAsked,
    /// The time agreed on has run out.
    TimeUp,
    /// The candidate wants no more questions, but the feedback.
    Ended,
    /// The candidate left.
    Left,
    /// The candidate disputes a verdict.
    Disputed {
        /// Which item of the session.
        item: usize,
        /// Which verdict.
        target: Target,
    },
}

impl Event {
    /// The event's name, as it is stored.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Started(_) => "started",
            Self::Answered { .. } => "answered",
            Self::Judged(_) => "judged",
            Self::Worded { .. } => "worded",
            Self::Reviewed { .. } => "reviewed",
            Self::Skipped => "skipped",
            Self::HintAsked => "hint-asked",
            Self::TimeUp => "time-up",
            Self::Ended => "ended",
            Self::Left => "left",
            Self::Disputed { .. } => "disputed",
        }
    }
}
