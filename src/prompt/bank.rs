//! Text of the bank, told apart by its type from what is said in an interview.

use crate::domain::Question;

/// What the bank asks. It is taken from a question alone: nothing that somebody said or typed
/// becomes one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BankText(String);

impl BankText {
    /// The question as spoken.
    pub fn asked(question: &Question) -> Self {
        Self(question.say.clone())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Words to be put to a model, and whose they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Words<'a> {
    /// A question of the bank, as it is spoken.
    Bank(&'a Question),
    /// What somebody said, whoever it was: a candidate, a model, a user who typed a question.
    Said(&'a str),
    /// A sentence of an answer, of which a model can be asked whether it looks at it.
    Passage(&'a str),
}

impl<'a> Words<'a> {
    /// What a question asks: the bank's words where it is the bank's, else somebody's.
    pub fn asked(question: &'a Question) -> Self {
        if question.is_of_bank() { Self::Bank(question) } else { Self::Said(&question.say) }
    }

    /// The words themselves.
    pub fn text(self) -> &'a str {
        match self {
            Self::Bank(question) => &question.say,
            Self::Said(text) | Self::Passage(text) => text,
        }
    }
}
