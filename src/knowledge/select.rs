//! Which questions to show or to ask.

use crate::domain::{Level, Question, QuestionKind, Seed};

use super::Bank;

/// What questions have to be like; the default admits all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<QuestionKind>,
    /// Showing this competency.
    pub competency: Option<String>,
    /// Pitched at this level.
    pub level: Option<Level>,
    /// Holding each of these words, in any case, in id, wording, terms or competencies.
    pub text: String,
}

impl Filter {
    /// Whether a question passes.
    pub fn admits(&self, question: &Question) -> bool {
        self.kind.is_none_or(|kind| kind == question.kind)
            && self.level.is_none_or(|level| level == question.level)
            && self.competency.as_ref().is_none_or(|c| question.competencies.contains(c))
            && self.admits_text(question)
    }

    fn admits_text(&self, question: &Question) -> bool {
        let Question { id, say, terms, competencies, .. } = question;
        let searched = format!("{id}\n{say}\n{}\n{}", terms.join("\n"), competencies.join("\n"));
        let searched = searched.to_lowercase();
        self.text.to_lowercase().split_whitespace().all(|word| searched.contains(word))
    }
}

impl Bank {
    /// The questions that pass, ordered by id.
    pub fn select(&self, filter: &Filter) -> Vec<&Question> {
        self.questions().filter(|question| filter.admits(question)).collect()
    }

    /// One of the questions that pass, each as likely as any other; the same for the same seed.
    pub fn pick(&self, seed: Seed, filter: &Filter) -> Option<&Question> {
        let admitted = self.select(filter);
        admitted.get(seed.stream("question").pick(admitted.len())).copied()
    }
}
