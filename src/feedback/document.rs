//! The printed contracts `viva.session/1` and `viva.feedback/1`.
//!
//! The fields and their order are frozen: programs read them. Where a domain type already has
//! the contract's shape ([`Gate`], [`Evidence`], [`ModelCard`]) it is used as it is, and the
//! snapshot below the tests tells when it no longer has. Fractions are rounded to two decimals,
//! so that printing is stable; quotes are whole.

use serde::{Deserialize, Serialize};

use crate::domain::{
    Delivery, Evidence, Gate, MistakeForm, ModelCard, Purpose, Seed, Speaker, Transcript,
};

use super::view::{Entry, MistakeEntry, View};

/// What a session document is made from.
#[derive(Debug, Clone)]
pub struct SessionParts<'a> {
    /// The session's id.
    pub id: &'a str,
    /// When it started, RFC 3339.
    pub started: &'a str,
    /// Where every choice by chance came from.
    pub seed: Seed,
    /// What was asked for.
    pub options: serde_json::Value,
    /// Who judged.
    pub model: &'a ModelCard,
    /// SHA-256 of the bank.
    pub bank: &'a str,
    /// What was said.
    pub transcript: &'a Transcript,
    /// The feedback, one view a question.
    pub views: &'a [View],
}

/// `viva.session/1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionDocument {
    schema: String,
    id: String,
    started: String,
    seed: Seed,
    options: serde_json::Value,
    model: ModelCard,
    bank: Bank,
    turns: Vec<Said>,
    feedback: Vec<FeedbackDocument>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Bank {
    sha256: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Said {
    n: u32,
    speaker: Speaker,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    purpose: Option<Purpose>,
}

/// `viva.feedback/1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeedbackDocument {
    schema: String,
    question: Asked,
    part: Option<String>,
    gate: Gate,
    structure: Vec<Judged>,
    looks_for: Vec<Judged>,
    key_points: Vec<Judged>,
    mistakes: Vec<Mistaken>,
    delivery: Figures,
    score: Scored,
    next: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Asked {
    id: String,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Judged {
    id: String,
    verdict: String,
    probability: f64,
    evidence: Vec<Evidence>,
    /// Empty where it was met.
    advice: String,
    #[serde(skip_serializing_if = "is_false", default)]
    disputed: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Mistaken {
    id: String,
    text: String,
    form: MistakeForm,
    flagged: bool,
    probability: f64,
    evidence: Vec<Evidence>,
    /// Empty where it was not made.
    advice: String,
    #[serde(skip_serializing_if = "is_false", default)]
    disputed: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Figures {
    words: usize,
    spoken_minutes: f64,
    numbers: usize,
    i_share: Option<f64>,
    fillers: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Scored {
    overall: Option<f64>,
    basis: String,
}

impl SessionDocument {
    /// The document of a session.
    pub fn new(parts: &SessionParts) -> Self {
        Self {
            schema: "viva.session/1".to_owned(),
            id: parts.id.to_owned(),
            started: parts.started.to_owned(),
            seed: parts.seed,
            options: parts.options.clone(),
            model: parts.model.clone(),
            bank: Bank { sha256: parts.bank.to_owned() },
            turns: turns(parts.transcript),
            feedback: parts.views.iter().map(FeedbackDocument::new).collect(),
        }
    }
}

fn turns(transcript: &Transcript) -> Vec<Said> {
    let turns = transcript.turns().iter();
    turns
        .map(|turn| Said {
            n: turn.n,
            speaker: turn.speaker,
            text: turn.text.clone(),
            purpose: turn.purpose,
        })
        .collect()
}

impl FeedbackDocument {
    /// The document of a view.
    pub fn new(view: &View) -> Self {
        let judged = |entries: &[Entry]| entries.iter().map(Judged::new).collect();
        Self {
            schema: "viva.feedback/1".to_owned(),
            question: Asked { id: view.question.clone(), text: view.say.clone() },
            part: view.part.clone(),
            gate: view.gate.clone(),
            structure: judged(&view.structure),
            looks_for: judged(&view.looks_for),
            key_points: judged(&view.key_points),
            mistakes: view.mistakes.iter().map(Mistaken::new).collect(),
            delivery: Figures::new(&view.delivery),
            score: Scored {
                overall: view.score.overall.map(rounded),
                basis: view.score.basis.clone(),
            },
            next: view.next.clone(),
        }
    }
}

impl Judged {
    fn new(entry: &Entry) -> Self {
        Self {
            id: entry.id.clone(),
            verdict: entry.verdict.name().to_owned(),
            probability: rounded(entry.probability),
            evidence: entry.evidence.clone(),
            advice: entry.advice.clone().unwrap_or_default(),
            disputed: entry.disputed,
        }
    }
}

impl Mistaken {
    fn new(mistake: &MistakeEntry) -> Self {
        Self {
            id: mistake.id.clone(),
            text: mistake.text.clone(),
            form: mistake.form,
            flagged: mistake.flagged,
            probability: rounded(mistake.probability),
            evidence: mistake.evidence.clone(),
            advice: mistake.advice.clone().unwrap_or_default(),
            disputed: mistake.disputed,
        }
    }
}

impl Figures {
    fn new(delivery: &Delivery) -> Self {
        Self {
            words: delivery.words,
            spoken_minutes: rounded(delivery.spoken_minutes),
            numbers: delivery.numbers,
            i_share: delivery.i_share.map(rounded),
            fillers: delivery.fillers,
        }
    }
}

/// To two decimals, in a type in which they print as such.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 100.0).round() / 100.0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_false(value: &bool) -> bool {
    !value
}
