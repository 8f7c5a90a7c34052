//! Work ahead of need: the model reads what was asked while the candidate thinks of an answer.
//!
//! It changes when a result is ready and never which, since a prompt keeps what its cache has in
//! common with it and no more.

use crate::llm::{Context, Priority, Ticket};

use super::conversation::Conversation;
use super::judging::Case;
use super::wording::beginning;

impl Case {
    /// Has all contexts brought up to where the next answer begins. Dropping the tickets cancels
    /// what is not done.
    pub(super) fn read_ahead(&self) -> Vec<Ticket<usize>> {
        let conversation = Conversation::of(self.item, &self.question, &self.transcript);
        let (Some(llm), Some(open)) = (&self.llm, conversation.open) else { return Vec::new() };
        let answer = self.rest();
        let judged = self.prompts.judge.opening(&Self::exchanges(&conversation, &answer), open);
        let answered = conversation.answered.iter().map(|(q, turn)| (*q, beginning(&turn.text)));
        let told = self.prompts.interviewer.opening(&answered.collect::<Vec<_>>(), open);
        let asked = self.policy.aside_tap().map(|_| self.prompts.judge.asked(open));
        let contexts = [(Context::Judge, judged), (Context::Interviewer, told)].into_iter();
        contexts
            .chain(asked.map(|asked| (Context::Sentence, asked)))
            .map(|(context, prefix)| llm.prefill(context, prefix, Priority::Ahead))
            .collect()
    }
}
