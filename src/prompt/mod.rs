//! What is said to a model: messages made of segments, and the templates of `prompts/`.
//!
//! A segment is either *control*, text of ours that may hold a template's special tokens, or
//! *data*, text of a candidate's, a question's or a model's, which is encoded with special
//! tokens off. The two never mix, so a candidate who types `<|im_end|>` has typed ordinary
//! characters. Text of the *bank* is encoded like data and told apart from it, since it is the
//! same in every interview: what a model computed for it may be kept.

mod bank;
mod template;
mod templates;

pub use bank::{BankText, Words};
pub use template::{Template, TemplateFault};
pub use templates::{Exchange, InterviewerPrompts, JudgePrompts, PromptFault};

/// A piece of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Segment {
    /// Ours: special tokens are recognised.
    Control(String),
    /// The bank's: every character stands for itself.
    Bank(BankText),
    /// Anybody's: every character stands for itself.
    Data(String),
    /// The same, as a passage of which a model can be asked whether it looks at it.
    Passage(String),
}

impl Segment {
    /// The text.
    pub fn text(&self) -> &str {
        match self {
            Self::Control(text) | Self::Data(text) | Self::Passage(text) => text,
            Self::Bank(text) => text.as_str(),
        }
    }

    /// Whether it is a passage.
    pub const fn is_passage(&self) -> bool {
        match self {
            Self::Passage(_) => true,
            Self::Control(_) | Self::Bank(_) | Self::Data(_) => false,
        }
    }

    /// Whether it is the program's or the bank's, and so says nothing of any candidate.
    pub const fn is_stable(&self) -> bool {
        match self {
            Self::Control(_) | Self::Bank(_) => true,
            Self::Data(_) | Self::Passage(_) => false,
        }
    }
}

/// Who a message is from, in the words of chat templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Instructions.
    System,
    /// What is put to the model.
    User,
    /// What the model said.
    Assistant,
}

impl Role {
    /// The name chat templates use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Message {
    /// Who it is from.
    pub role: Role,
    /// What it says.
    pub content: Vec<Segment>,
}

/// The part of a prompt that several ends share: a conversation whose last message is still open.
///
/// The model's cache is kept for it; a [`Tail`] closes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Prefix {
    /// The messages; the last one, a user's, is the one that a tail continues.
    pub messages: Vec<Message>,
}

/// The varying end of a prompt: it finishes the open message, and may begin the reply.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Tail {
    /// The rest of the open message.
    pub content: Vec<Segment>,
    /// How the reply begins, if that is given.
    pub reply: Vec<Segment>,
}
