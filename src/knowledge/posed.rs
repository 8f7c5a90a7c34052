//! A question that the bank does not have, judged by what the bank looks for in questions like it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::domain::{Criterion, Framework, Level, Question, QuestionKind};

use super::{Bank, Filter};

/// Criteria, at most.
const MOST: usize = 8;

/// What questions of a kind say, in small letters; the first list that has a match decides, and
/// where none has, it is a scenario.
const SIGNS: [(QuestionKind, &[&str]); 3] = [
    (
        QuestionKind::Behavioural,
        &[
            "a time",
            "tell me about",
            "tell us about",
            "have you ever",
            "when did you",
            "when have you",
            "an example of",
            "a situation",
            "your career",
            "your last",
            "you have worked",
            "you've worked",
            "proud",
        ],
    ),
    (
        QuestionKind::AlgorithmDesign,
        &["algorithm", "data structure", "write a function", "complexity"],
    ),
    (QuestionKind::SystemDesign, &["design a", "design the", "architect", "how would you build"]),
];

/// The sort of question that somebody's words put.
pub fn kind_of(say: &str) -> QuestionKind {
    let say = say.to_lowercase();
    let says = |signs: &[&str]| signs.iter().any(|sign| say.contains(sign));
    SIGNS.iter().find(|(_, signs)| says(signs)).map_or(QuestionKind::Scenario, |(kind, _)| *kind)
}

impl Bank {
    /// `say` as a question of this kind: with the framework that most of the bank's questions of
    /// the kind follow, and the shared criteria that a quarter of them look for.
    pub fn posed(&self, say: &str, kind: QuestionKind) -> Question {
        let alike = self.like(kind);
        let model = most_common(alike.iter().map(|question| question.framework.id.as_str()));
        let model = alike.iter().find(|question| model == Some(question.framework.id.as_str()));
        let framework = model.map_or_else(unstructured, |question| question.framework.clone());
        Question {
            id: String::new(),
            say: say.to_owned(),
            kind,
            competencies: Vec::new(),
            level: Level::Mid,
            minutes: 0,
            framework,
            terms: Vec::new(),
            outline: Vec::new(),
            looks_for: self.common_criteria(&alike),
            key_points: Vec::new(),
            mistakes: Vec::new(),
            probes: Vec::new(),
            example: Vec::new(),
            anchors: self.anchors.clone(),
            parts: Vec::new(),
        }
    }

    fn like(&self, kind: QuestionKind) -> Vec<&Question> {
        let filter = Filter { kind: Some(kind), ..Filter::default() };
        let asked = self.select(&filter).into_iter();
        asked.filter(|question| question.parts.is_empty()).collect()
    }

    /// In the words that they are shared in: a question's own are about that question.
    fn common_criteria(&self, alike: &[&Question]) -> Vec<Criterion> {
        let looks_for =
            |question: &Question, id: &str| question.looks_for.iter().any(|c| c.id == id);
        let count = |id: &str| alike.iter().filter(|question| looks_for(question, id)).count();
        let counted = self.criteria.values().map(|criterion| (count(&criterion.id), criterion));
        let mut found: Vec<(usize, &Criterion)> =
            counted.filter(|(count, _)| *count > 0 && count * 4 >= alike.len()).collect();
        found.sort_by_key(|(count, _)| Reverse(*count));
        found.into_iter().take(MOST).map(|(_, criterion)| criterion.clone()).collect()
    }
}

/// No framework, for a bank without a question of the kind.
fn unstructured() -> Framework {
    Framework {
        id: String::new(),
        name: String::new(),
        when: String::new(),
        heard: String::new(),
        steps: Vec::new(),
    }
}

/// The text that occurs most often; of equals the first in order.
fn most_common<'a>(texts: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    texts.for_each(|text| *counts.entry(text).or_default() += 1);
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(text, _)| text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::builtin;

    #[test]
    fn words_tell_the_kind() {
        for (say, kind) in [
            ("Tell me about a time you failed.", QuestionKind::Behavioural),
            ("Which project are you most PROUD of?", QuestionKind::Behavioural),
            ("Design a URL shortener.", QuestionKind::SystemDesign),
            ("Which data structure would you use for a cache?", QuestionKind::AlgorithmDesign),
            ("The site is down. What do you do?", QuestionKind::Scenario),
            ("", QuestionKind::Scenario),
        ] {
            assert_eq!(kind_of(say), kind, "{say}");
        }
    }

    #[test]
    fn a_question_of_any_kind_is_judged_by_what_the_bank_has_for_it() {
        let bank = Bank::load(&builtin()).expect("our own bank");
        for kind in QuestionKind::ALL {
            let posed = bank.posed("What now?", kind);
            assert_eq!((posed.say.as_str(), posed.kind), ("What now?", kind));
            assert!((2..=MOST).contains(&posed.looks_for.len()), "{kind:?}");
            assert!(!posed.framework.steps.is_empty(), "{kind:?}");
            let ids: Vec<&str> = posed.criteria().map(|(_, c)| c.id.as_str()).collect();
            assert!(ids.iter().all(|id| ids.iter().filter(|i| i == &id).count() == 1), "{ids:?}");
            assert!(!posed.is_of_bank());
            assert!(posed.looks_for.iter().all(|c| bank.criteria.get(&c.id) == Some(c)));
        }
    }

    #[test]
    fn the_most_common_is_the_first_of_equals() {
        assert_eq!(most_common(["b", "a", "b", "a", "c"].into_iter()), Some("a"));
        assert_eq!(most_common([].into_iter()), None);
    }
}
