//! Finds words for a follow-up: drafts by the model, guarded; the bank's words otherwise.

use std::sync::Arc;

use crate::domain::{Probe, Question, Seed, Speaker, Transcript};
use crate::llm::{Context, DraftRequest, Llm, LlmError, Priority, Sampling};
use crate::prompt;
use crate::wording::{self, Heard};

use super::Prompts;
use super::conversation::Conversation;

/// Drafts that are tried before the bank's wording stands.
const DRAFTS: usize = 3;
/// Tokens of a draft: some 30 words, and room to overrun them.
const DRAFT_TOKENS: usize = 64;
/// Characters of each answer that the model sees when it words a follow-up: the beginning says
/// what it was about, and a longer text costs more than it helps.
const ANSWER_CHARS: usize = 3000;

/// Everything that wording one follow-up takes, owned.
pub(super) struct Errand {
    pub(super) llm: Option<Arc<dyn Llm>>,
    pub(super) prompts: Arc<Prompts>,
    pub(super) question: Question,
    pub(super) transcript: Transcript,
    pub(super) item: usize,
    pub(super) probe: Probe,
    pub(super) seed: Seed,
}

/// The words found, and whether they are the model's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) text: String,
    pub(super) by_model: bool,
}

impl Errand {
    /// The bank's own words.
    pub(super) fn bank(&self) -> Words {
        Words { text: self.probe.say.clone(), by_model: false }
    }

    /// The first draft that passes, or the bank's words.
    pub(super) async fn word(&self) -> Result<Words, LlmError> {
        let Some(llm) = &self.llm else { return Ok(self.bank()) };
        let prefix = self.prompts.interviewer.prefix(&self.exchanges());
        let tail = self.prompts.interviewer.word(&self.probe.say);
        for n in 0..DRAFTS {
            let request = DraftRequest {
                tail: tail.clone(),
                sampling: self.sampling(n),
                max_tokens: DRAFT_TOKENS,
                stop: vec!["\n".into()],
            };
            let ticket = llm.draft(
                Context::Interviewer,
                prefix.clone(),
                request,
                None,
                Priority::Interactive,
            );
            let draft = ticket.wait().await?;
            match self.pass(&draft) {
                // A draft that only turns the bank's words around can but make them worse.
                Some(text) if wording::alike(&text, &self.probe.say) => return Ok(self.bank()),
                Some(text) => return Ok(Words { text, by_model: true }),
                None => {}
            }
        }
        Ok(self.bank())
    }

    /// The likeliest wording first, then others by chance.
    fn sampling(&self, n: usize) -> Sampling {
        let stream = format!("draft {n} of turn {}", self.transcript.turns().len());
        Sampling {
            temperature: if n == 0 { 0.0 } else { 0.8 },
            top_p: 0.95,
            min_p: 0.05,
            repetition_penalty: 1.0,
            seed: self.seed.stream(&stream),
        }
    }

    fn pass(&self, draft: &str) -> Option<String> {
        let by = |speaker: Speaker| -> Vec<&str> {
            let turns = self.transcript.turns().iter().filter(|t| t.speaker == speaker);
            turns.map(|t| t.text.as_str()).collect()
        };
        let (asked, said) = (by(Speaker::Interviewer), by(Speaker::Candidate));
        let heard =
            Heard { question: &self.question, probe: &self.probe.say, asked: &asked, said: &said };
        wording::choose([draft], &heard)
    }

    fn exchanges(&self) -> Vec<(prompt::Words<'_>, &str)> {
        let conversation = Conversation::of(self.item, &self.question, &self.transcript);
        let answered = conversation.answered.into_iter();
        answered.map(|(asked, turn)| (asked, beginning(&turn.text))).collect()
    }
}

/// What the model sees of an answer when it words a follow-up.
pub(super) fn beginning(text: &str) -> &str {
    text.char_indices().nth(ANSWER_CHARS).map_or(text, |(end, _)| &text[..end])
}
