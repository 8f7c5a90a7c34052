//! What code can tell of an answer, beside the model.

use crate::domain::{Signals, StatementKind};
use crate::text::{contains_term, numbers, words};

use super::answer::{Answer, Sentence};
use super::cues::{Suit, covered, suit, telling};
use super::plan::Asked;

/// What speaks for a statement, and against it, in the words of the answer.
pub(super) fn signals(asked: &Asked, answer: &Answer) -> Signals {
    let Asked { wording, terms, .. } = asked;
    let said = || answer.sentences().iter().map(|s| s.text.as_str());
    let suits: Vec<Suit> = said().enumerate().map(|(i, s)| suit(s, i, asked.wanted())).collect();
    let best = |of: fn(&Suit) -> f32| suits.iter().map(of).fold(0.0, f32::max);
    let heard = suits.iter().any(|suit| suit.term);
    Signals {
        suits: best(Suit::worth),
        shared: best(|suit| suit.shared as f32),
        similar: best(|suit| suit.like),
        covered: covered(&telling(wording), said()),
        cues: suits.iter().filter(|suit| suit.cue > 0.0).count(),
        terms_absent: !terms.is_empty() && !heard,
        terms_heard: heard,
        numbers: said().map(|s| numbers(s).len()).sum(),
        words: said().map(|s| words(s).count()).sum(),
    }
}

/// Whether the sentence has a number, for a figure, and for anything else one of the terms.
pub(super) fn shows(sentence: &Sentence, kind: StatementKind, terms: &[String]) -> bool {
    if kind == StatementKind::Metric {
        !numbers(&sentence.text).is_empty()
    } else {
        terms.iter().any(|term| contains_term(&sentence.text, term))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Target, Transcript};

    fn of(kind: StatementKind, terms: &[&str], said: &str) -> Signals {
        let mut transcript = Transcript::default();
        transcript.candidate(0, said);
        let asked = Asked {
            subject: Target::Mistake { id: "x".into() },
            statement: 0,
            kind,
            wording: "You name the graph that showed it.".into(),
            terms: terms.iter().map(|&term| term.into()).collect(),
            likeness: Vec::new(),
        };
        signals(&asked, &Answer::new(transcript.answers(0)))
    }

    #[test]
    fn numbers_words_and_cues_are_counted_over_all_sentences() {
        let said = "It broke because of me. It took 20 ms. So we fixed it in 3 days.";
        let found = of(StatementKind::Reason, &[], said);
        assert_eq!((found.numbers, found.words, found.cues), (2, 16, 1));
    }

    #[test]
    fn terms_are_heard_or_absent_where_there_are_any() {
        let flags = |terms: &[&str]| {
            let found = of(StatementKind::Mentions, terms, "A profiler told us.");
            (found.terms_heard, found.terms_absent)
        };
        assert_eq!(flags(&["profil"]), (true, false));
        assert_eq!(flags(&["queue"]), (false, true));
        assert_eq!(flags(&[]), (false, false));
    }

    #[test]
    fn the_best_sentence_counts_however_many_there_are() {
        let near = of(StatementKind::PoorChoice, &[], "All was well. The graph showed it.");
        let far = of(StatementKind::PoorChoice, &[], "All was well. All was very well.");
        assert!(near.suits > far.suits && near.shared > 1.0 && far.shared < 1.0);
    }
}
