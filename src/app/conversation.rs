//! One item's turns as prompts take them: each answer under what was asked.

use crate::domain::{Purpose, Question, Speaker, Transcript, Turn};
use crate::prompt::Words;

/// What was said about one item.
#[derive(Debug, PartialEq)]
pub(super) struct Conversation<'a> {
    /// What was asked, and an answer to it.
    pub(super) answered: Vec<(Words<'a>, &'a Turn)>,
    /// What was asked last, while there is no answer to it.
    pub(super) open: Option<Words<'a>>,
}

impl<'a> Conversation<'a> {
    /// The turns of `item`, which is about `question`.
    pub(super) fn of(item: usize, question: &'a Question, transcript: &'a Transcript) -> Self {
        let mut asked = Words::asked(question);
        let mut conversation = Self { answered: Vec::new(), open: None };
        for turn in transcript.turns().iter().filter(|t| t.item == item) {
            match (turn.speaker, turn.purpose) {
                (Speaker::Interviewer, Some(Purpose::Question)) => {
                    asked = Words::asked(question);
                    conversation.open = Some(asked);
                }
                (Speaker::Interviewer, Some(Purpose::Probe)) => {
                    asked = Words::Said(&turn.text);
                    conversation.open = Some(asked);
                }
                (Speaker::Interviewer, _) => {}
                (Speaker::Candidate, _) => {
                    conversation.answered.push((asked, turn));
                    conversation.open = None;
                }
            }
        }
        conversation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{Bank, builtin};

    fn of<'a>(question: &'a Question, transcript: &'a Transcript) -> Conversation<'a> {
        Conversation::of(0, question, transcript)
    }

    #[test]
    fn an_answer_belongs_to_what_was_asked_and_a_hint_asks_nothing() {
        let question = Bank::load(&builtin()).unwrap().question("scaling-regret").unwrap().clone();
        let mut transcript = Transcript::default();
        transcript.interviewer(0, Purpose::Question, &question.say);
        assert_eq!(of(&question, &transcript).open, Some(Words::Bank(&question)));
        transcript.interviewer(0, Purpose::Hint, "Think of a number.");
        assert_eq!(of(&question, &transcript).open, Some(Words::Bank(&question)));
        transcript.candidate(0, "Ten.");
        assert_eq!(of(&question, &transcript).open, None);
        transcript.interviewer(0, Purpose::Probe, "Ten of what?");
        assert_eq!(of(&question, &transcript).open, Some(Words::Said("Ten of what?")));
        transcript.candidate(0, "Servers.");
        let said: Vec<_> =
            of(&question, &transcript).answered.iter().map(|(q, t)| (*q, &*t.text)).collect();
        let expected =
            [(Words::Bank(&question), "Ten."), (Words::Said("Ten of what?"), "Servers.")];
        assert_eq!(said, expected);
        assert!(Conversation::of(1, &question, &transcript).answered.is_empty());
    }

    #[test]
    fn a_question_of_somebodys_own_is_no_text_of_the_bank() {
        let bank = Bank::load(&builtin()).unwrap();
        let question = bank.posed("Why us?", crate::domain::QuestionKind::Behavioural);
        let mut transcript = Transcript::default();
        transcript.interviewer(0, Purpose::Question, &question.say);
        assert_eq!(of(&question, &transcript).open, Some(Words::Said("Why us?")));
    }
}
