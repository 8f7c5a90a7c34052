//! Who said what.

use serde::{Deserialize, Serialize};

/// Who is speaking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Speaker {
    /// The program.
    Interviewer,
    /// The person.
    Candidate,
}

/// Why the interviewer says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Opens a round of several parts.
    Opening,
    /// Asks a question of the bank.
    Question,
    /// Follows up.
    Probe,
    /// Gives a hint that was asked for.
    Hint,
    /// Ends the interview.
    Closing,
}

/// One uninterrupted piece of speech.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// 1, 2, 3… through the session.
    pub n: u32,
    /// Who speaks.
    pub speaker: Speaker,
    /// The words as sent, unaltered: offsets of evidence count in these bytes.
    pub text: String,
    /// Why, for the interviewer's turns.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub purpose: Option<Purpose>,
    /// Which question of the session it belongs to, counted from 0.
    pub item: usize,
}

/// The turns of a session, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    turns: Vec<Turn>,
}

impl Transcript {
    /// The turns, in order.
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// Adds a turn of the interviewer's and returns it.
    pub fn interviewer(&mut self, item: usize, purpose: Purpose, text: impl Into<String>) -> &Turn {
        self.push(Speaker::Interviewer, item, Some(purpose), text.into())
    }

    /// Adds a turn of the candidate's and returns it.
    pub fn candidate(&mut self, item: usize, text: impl Into<String>) -> &Turn {
        self.push(Speaker::Candidate, item, None, text.into())
    }

    /// The candidate's turns about one item.
    pub fn answers(&self, item: usize) -> impl Iterator<Item = &Turn> {
        self.turns.iter().filter(move |t| t.item == item && t.speaker == Speaker::Candidate)
    }

    /// The turn numbered `n`.
    pub fn turn(&self, n: u32) -> Option<&Turn> {
        self.turns.get((n as usize).checked_sub(1)?)
    }

    fn push(
        &mut self,
        speaker: Speaker,
        item: usize,
        purpose: Option<Purpose>,
        text: String,
    ) -> &Turn {
        let n = self.turns.len() as u32 + 1;
        self.turns.push(Turn { n, speaker, text, purpose, item });
        &self.turns[self.turns.len() - 1]
    }
}
