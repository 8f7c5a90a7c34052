//! From prompts to tokens: a model's template around our segments.

use crate::engine::{ChatTemplate, Special, Tokenizer};
use crate::prompt::{Prefix, Segment, Tail};

use super::LlmError;

/// What turns prompts into the tokens of one model.
pub(super) struct Frame {
    tokenizer: Tokenizer,
    template: ChatTemplate,
}

/// The tokens of a prompt in two parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Framed {
    /// Up to where a tail begins.
    pub(super) prefix: Vec<u32>,
    /// The template's own text between the open message and the reply.
    reply: String,
}

impl Frame {
    pub(super) fn new(tokenizer: Tokenizer, template: ChatTemplate) -> Self {
        Self { tokenizer, template }
    }

    pub(super) fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// The tokens of a prefix. Segments are encoded one by one, so that a boundary between ours
    /// and the candidate's is one between tokens too.
    pub(super) fn prefix(&self, prefix: &Prefix) -> Result<Framed, LlmError> {
        let roles: Vec<&str> = prefix.messages.iter().map(|m| m.role.name()).collect();
        let mut pieces = self.template.pieces(&roles).map_err(failed)?.into_iter();
        let mut tokens = Vec::new();
        if self.tokenizer.add_bos() {
            tokens.extend(self.tokenizer.bos());
        }
        for message in &prefix.messages {
            let piece = pieces.next().unwrap_or_default();
            self.encode(&piece, Special::Parse, &mut tokens)?;
            self.segments(&message.content, &mut tokens)?;
        }
        // Templates write the first token themselves where the tokenizer adds it too.
        if tokens.len() > 1 && Some(tokens[0]) == self.tokenizer.bos() && tokens[0] == tokens[1] {
            tokens.remove(0);
        }
        Ok(Framed { prefix: tokens, reply: pieces.next().unwrap_or_default() })
    }

    /// The tokens that follow a prefix; never none, since a template opens the reply.
    pub(super) fn tail(&self, framed: &Framed, tail: &Tail) -> Result<Vec<u32>, LlmError> {
        let mut tokens = Vec::new();
        self.segments(&tail.content, &mut tokens)?;
        self.encode(&framed.reply, Special::Parse, &mut tokens)?;
        self.segments(&tail.reply, &mut tokens)?;
        if tokens.is_empty() {
            return Err(LlmError::Failed("its chat template does not open a reply".into()));
        }
        Ok(tokens)
    }

    /// The ids of those spellings that are one token.
    pub(super) fn single_tokens(&self, spellings: &[&str]) -> Result<Vec<u32>, LlmError> {
        let mut ids = Vec::new();
        for spelling in spellings {
            if let [id] = self.plain(spelling)?[..] {
                ids.push(id);
            }
        }
        ids.dedup();
        Ok(ids)
    }

    /// The tokens of a text that holds no control token.
    pub(super) fn plain(&self, text: &str) -> Result<Vec<u32>, LlmError> {
        self.tokenizer.encode(text, Special::Plain).map_err(failed)
    }

    fn segments(&self, segments: &[Segment], tokens: &mut Vec<u32>) -> Result<(), LlmError> {
        segments.iter().try_for_each(|segment| match segment {
            Segment::Control(text) => self.encode(text, Special::Parse, tokens),
            Segment::Bank(_) | Segment::Data(_) => {
                self.encode(segment.text(), Special::Plain, tokens)
            }
        })
    }

    fn encode(&self, text: &str, special: Special, to: &mut Vec<u32>) -> Result<(), LlmError> {
        to.extend(self.tokenizer.encode(text, special).map_err(failed)?);
        Ok(())
    }
}

pub(super) fn failed(error: impl std::fmt::Display) -> LlmError {
    LlmError::Failed(error.to_string())
}
