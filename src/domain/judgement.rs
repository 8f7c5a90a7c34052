//! What the judge finds, and how sure it is.

use serde::{Deserialize, Serialize};

/// How strongly the model holds a statement true: the log-odds of "yes" over "no".
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Margin(pub f32);

/// What code can tell of an answer without a model, for one statement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Signals {
    /// How well the words of the best sentence suit the statement; 0 is not at all.
    pub suits: f32,
    /// Words that the best sentence shares with the statement.
    pub shared: f32,
    /// How like the statement in meaning the likest sentence is, 0 to 1; 0 where nobody compared
    /// them.
    pub similar: f32,
    /// The share of the statement's telling words that were said anywhere.
    pub covered: f32,
    /// Sentences that speak in the manner of the statement's kind.
    pub cues: usize,
    /// The statement has terms, and none of them was heard.
    pub terms_absent: bool,
    /// The statement has terms, and one of them was heard.
    pub terms_heard: bool,
    /// Numbers that measure something, in the text judged.
    pub numbers: usize,
    /// Words in the text judged.
    pub words: usize,
}

/// The verdict on a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every statement holds.
    Met,
    /// Some statements hold.
    Partly,
    /// No statement holds.
    Missing,
    /// The judge cannot tell.
    Unsure,
}

impl Verdict {
    /// The name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Partly => "partly",
            Self::Missing => "missing",
            Self::Unsure => "unsure",
        }
    }
}

/// A piece of what the candidate said: `text[start..end]` of turn `turn` is `quote`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The turn's number.
    pub turn: u32,
    /// Byte offset of the first byte.
    pub start: usize,
    /// Byte offset past the last byte.
    pub end: usize,
    /// The slice itself.
    pub quote: String,
}

/// Which list of a question a criterion belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// The framework's steps.
    Structure,
    /// What interviewers look for.
    LooksFor,
    /// Points of substance.
    KeyPoints,
}

/// What a judgement is about, and so what can be disputed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// A criterion of a question.
    Criterion {
        /// The list it is in.
        group: Group,
        /// Its id.
        id: String,
    },
    /// A mistake to avoid.
    Mistake {
        /// Its id.
        id: String,
    },
}

/// The verdict on one criterion, with what proves it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The list the criterion belongs to.
    pub group: Group,
    /// The criterion's id.
    pub criterion: String,
    /// The verdict.
    pub verdict: Verdict,
    /// How likely the judge holds it that the criterion is met, 0 to 1.
    pub probability: f32,
    /// The candidate's words that show it; never empty for `Met` and `Partly`.
    pub evidence: Vec<Evidence>,
}

impl Finding {
    /// Whether both are verdicts on one criterion.
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        (self.group, &self.criterion) == (other.group, &other.criterion)
    }
}

/// The judgement on one mistake.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MistakeFinding {
    /// The mistake's id.
    pub mistake: String,
    /// Whether it was made.
    pub flagged: bool,
    /// How likely the judge holds it that it was made, 0 to 1.
    pub probability: f32,
    /// The candidate's words that show it; never empty for a flagged `said` mistake.
    pub evidence: Vec<Evidence>,
}

/// Whether there is an answer to judge at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// The kind of text it is.
    pub verdict: GateVerdict,
    /// Why, in a few words. For an answer, how much of it was left out; mostly empty.
    pub reason: String,
    /// What is not judged: the sentences that are beside the question or speak to the judge.
    #[serde(default)]
    pub aside: Vec<Evidence>,
}

impl Gate {
    /// The gate of a text that can be judged.
    pub fn answer() -> Self {
        Self { verdict: GateVerdict::Answer, reason: String::new(), aside: Vec::new() }
    }

    /// Whether the text can be judged.
    pub fn open(&self) -> bool {
        self.verdict == GateVerdict::Answer
    }
}

/// The kinds of text a candidate may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateVerdict {
    /// An answer.
    Answer,
    /// Nothing.
    Empty,
    /// No language.
    Gibberish,
    /// The question given back.
    Echo,
    /// Something else than was asked.
    OffTopic,
    /// An insult.
    Abusive,
    /// "I don't know."
    NoAnswer,
    /// Instructions to the judge instead of an answer.
    Injection,
}

/// Which model judged, as reports name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelCard {
    /// Its name in the catalogue, its file name, or `none`.
    pub name: String,
    /// SHA-256 of the file in hexadecimal; empty for `none`.
    pub sha256: String,
    /// Whether its margins were calibrated on labelled data.
    pub calibrated: bool,
}
