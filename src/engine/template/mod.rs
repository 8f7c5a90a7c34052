//! A model's chat template: the text around the messages of a conversation.
//!
//! A template comes with a model file and is hostile input as that is: it is a program, so what
//! it may use is bounded. And it joins text of ours with text of anybody's into one string, where
//! they could no longer be told apart; so it is rendered around place-holders, and what is between
//! them is all that is taken from it.

mod python;

use std::error::Error as _;

use jiff::civil::Date;
use minijinja::{Environment, Value, context};

use super::tokenizer::Vocabulary;
use python::{Raised, environment, set_date, without_generation};

/// Templates are a few thousand bytes long; the longest known, with tools, some 20,000.
const MAX_SOURCE: usize = 1 << 18;

/// The day that templates are told, unless another is given.
const DATE: Date = jiff::civil::date(2025, 1, 1);

/// Eight times what overflows for about 35,000 units of fuel spent on nesting.
const STACK: usize = 16 << 20;

const NAME: &str = "chat";

/// What most models with `<|im_start|>` among their tokens were trained on.
const CHATML: &str = "\
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}";

/// Why a template gives no prompt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A model that was not made for conversations.
    #[error(
        "the model file has no chat template, and no <|im_start|> token to make one with; choose \
         an instruct model from `viva models list`"
    )]
    Missing,
    /// It cannot be parsed.
    #[error(
        "the model's chat template cannot be read: {0}; choose a model from `viva models list`"
    )]
    Syntax(String),
    /// It refused, in its own words, with what is not text replaced.
    #[error("the model's chat template refuses the conversation: {0:?}")]
    Refused(String),
    /// It failed, or did not come to an end.
    #[error("the model's chat template fails: {0}; choose a model from `viva models list`")]
    Failed(String),
    /// It drops, repeats, moves or alters what is said.
    #[error(
        "the model's chat template does not render message {number} ({role}) once, in its place \
         and unaltered; choose a model from `viva models list`"
    )]
    Unfaithful {
        /// Which message, counted from 1.
        number: usize,
        /// Who it is from.
        role: String,
    },
}

/// A chat template, ready to render.
#[derive(Debug)]
pub struct ChatTemplate {
    environment: Environment<'static>,
    bos: String,
    eos: String,
}

impl ChatTemplate {
    /// The template of a model file; `ChatML` where it has none and the tokens for that.
    pub fn from_vocabulary(vocabulary: &Vocabulary) -> Result<Self, TemplateError> {
        let chatml =
            || vocabulary.tokens.iter().any(|token| token == "<|im_start|>").then_some(CHATML);
        let source = vocabulary.chat_template.as_deref().or_else(chatml);
        let text = |id: Option<u32>| {
            id.and_then(|id| vocabulary.tokens.get(id as usize)).unwrap_or_default()
        };
        let source = source.ok_or(TemplateError::Missing)?;
        Self::from_source(source, text(vocabulary.bos), text(vocabulary.eos))
    }

    /// A template from its source. `bos` and `eos` are how the tokens are written.
    pub fn from_source(source: &str, bos: &str, eos: &str) -> Result<Self, TemplateError> {
        if source.len() > MAX_SOURCE {
            return Err(TemplateError::Syntax(format!("it is {} bytes long", source.len())));
        }
        let mut environment = environment();
        set_date(&mut environment, DATE);
        environment
            .add_template_owned(NAME, without_generation(source))
            .map_err(|error| TemplateError::Syntax(shown(&error.to_string())))?;
        Ok(Self { environment, bos: bos.to_owned(), eos: eos.to_owned() })
    }

    /// The same, telling templates that ask for it the day `date`.
    ///
    /// Templates are never told the time: the same session has to give the same prompt on
    /// another day, and a conversation that passes midnight has to keep its cache.
    #[must_use]
    pub fn dated(mut self, date: Date) -> Self {
        set_date(&mut self.environment, date);
        self
    }

    /// The text around the contents of messages from `roles`, and the beginning of the reply:
    /// for n messages n + 1 pieces, so that the prompt is `pieces[0]`, the first content,
    /// `pieces[1]`, and so on to `pieces[n]`.
    ///
    /// A template that begins with BOS does so in `pieces[0]`; it must not be given another.
    /// Where one takes no system message, that goes before the first user's, two newlines between.
    pub fn pieces(&self, roles: &[&str]) -> Result<Vec<String>, TemplateError> {
        match (self.split(roles), roles) {
            (Err(TemplateError::Refused(_)), ["system", rest @ ..])
                if rest.first() == Some(&"user") =>
            {
                let mut pieces = self.split(rest)?;
                pieces.insert(1, "\n\n".to_owned());
                Ok(pieces)
            }
            (pieces, _) => pieces,
        }
    }

    fn split(&self, roles: &[&str]) -> Result<Vec<String>, TemplateError> {
        let contents: Vec<String> = (0..roles.len()).map(|n| format!("{HOLDER}{n}.")).collect();
        let messages: Vec<_> =
            roles.iter().copied().zip(contents.iter().map(String::as_str)).collect();
        let text = self.render(&messages)?;
        split_at(&text, &contents).map_err(|n| TemplateError::Unfaithful {
            number: n + 1,
            role: roles.get(n).copied().unwrap_or_default().to_owned(),
        })
    }

    /// The whole prompt for messages, each a role and a content, as one text.
    ///
    /// For comparison and display: here a content can imitate control tokens.
    pub fn render(&self, messages: &[(&str, &str)]) -> Result<String, TemplateError> {
        let messages: Vec<Value> =
            messages.iter().map(|&(role, content)| context! { role, content }).collect();
        let values = context! {
            messages,
            add_generation_prompt => true,
            enable_thinking => false,
            bos_token => self.bos.as_str(),
            eos_token => self.eos.as_str(),
            // Templates ask whether they are none, as they are where nobody gives any.
            tools => (),
            documents => (),
        };
        let render = || self.environment.get_template(NAME)?.render(values);
        match deep(render) {
            Some(outcome) => outcome.map_err(|error| failure(&error)),
            None => Err(TemplateError::Failed("its thread ended".to_owned())),
        }
    }
}

/// Runs `work` with a stack that fits the deepest value that [`python::FUEL`] pays for: values
/// are dropped recursively, and one nested by a loop would overflow the stack of a usual thread.
fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        thread.spawn_scoped(scope, work).ok()?.join().ok()
    })
}

/// How place-holders begin: plain letters, which nothing trims.
const HOLDER: &str = "vivavoce.content.";

/// What is around `contents` in `text`, or the index of the first that is not there once and in
/// order.
fn split_at(text: &str, contents: &[String]) -> Result<Vec<String>, usize> {
    let mut pieces = Vec::with_capacity(contents.len() + 1);
    let mut rest = text;
    for (n, content) in contents.iter().enumerate() {
        let (before, after) = rest.split_once(content.as_str()).ok_or(n)?;
        pieces.push(before.to_owned());
        rest = after;
    }
    pieces.push(rest.to_owned());
    match pieces.iter().position(|piece| piece.contains(HOLDER)) {
        Some(n) => Err(n.min(contents.len().saturating_sub(1))),
        None => Ok(pieces),
    }
}

fn failure(error: &minijinja::Error) -> TemplateError {
    match error.source().and_then(|source| source.downcast_ref::<Raised>()) {
        Some(Raised(message)) => TemplateError::Refused(shown(message)),
        None => TemplateError::Failed(shown(&error.to_string())),
    }
}

/// A template's words, in one line that a terminal can be given.
fn shown(message: &str) -> String {
    message.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests;
