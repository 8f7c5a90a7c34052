//! What code can tell of an answer, beside the model.

use crate::domain::{Margin, Signals, StatementKind};
use crate::text::{contains_term, numbers, words};

use super::answer::{Answer, Sentence};
use super::calibration::{Band, NO_NUMBER, SUITS, TERMS_ABSENT};
use super::cues::suits;
use super::plan::Asked;

/// Counts what speaks for a statement with these terms.
pub(super) fn signals(terms: &[String], answer: &Answer) -> Signals {
    let sum = |count: fn(&str) -> usize| answer.sentences().iter().map(|s| count(&s.text)).sum();
    let heard = |term: &&String| answer.sentences().iter().any(|s| contains_term(&s.text, term));
    Signals {
        numbers: sum(|text| numbers(text).len()),
        terms_heard: terms.iter().filter(heard).count(),
        words: sum(|text| words(text).count()),
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

/// How likely a statement holds, by the model's margin and by what code can tell:
/// - the better the best sentence suits it, the more likely ([`SUITS`]);
/// - one with terms, none of which was heard, is less likely ([`TERMS_ABSENT`]);
/// - a figure without any number was not given, whatever the margin ([`NO_NUMBER`]).
pub(super) fn probability(asked: &Asked, band: Band, margin: Margin, answer: &Answer) -> f32 {
    let signals = signals(&asked.terms, answer);
    let best = answer
        .sentences()
        .iter()
        .map(|s| suits(&s.text, asked.kind, &asked.wording, &asked.terms))
        .fold(0.0, f32::max);
    let absent = !asked.terms.is_empty() && signals.terms_heard == 0;
    let shift = SUITS * best - if absent { TERMS_ABSENT } else { 0.0 };
    let probability = band.probability(Margin(margin.0 + shift));
    let no_number = asked.kind == StatementKind::Metric && signals.numbers == 0;
    if no_number { probability.min(NO_NUMBER) } else { probability }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Target, Transcript};
    use crate::judge::Thresholds;

    fn judged(kind: StatementKind, terms: &[&str], said: &str) -> f32 {
        let mut transcript = Transcript::default();
        transcript.candidate(0, said);
        let answer = Answer::new(transcript.answers(0));
        let asked = Asked {
            subject: Target::Mistake { id: "x".into() },
            statement: 0,
            kind,
            wording: "You name what showed it.".into(),
            terms: terms.iter().map(|&term| term.into()).collect(),
        };
        probability(&asked, Thresholds::FIXED.band(kind), Margin(1.0), &answer)
    }

    #[test]
    fn a_figure_needs_a_number() {
        assert!(judged(StatementKind::Metric, &[], "It got much faster.") <= NO_NUMBER);
        assert!(judged(StatementKind::Metric, &[], "It took 20 ms.") > NO_NUMBER);
        assert!(judged(StatementKind::Result, &[], "It got faster.") > NO_NUMBER);
    }

    #[test]
    fn a_heard_term_speaks_for_any_statement_and_absent_ones_against_it() {
        for kind in [StatementKind::Mentions, StatementKind::NamesMeans] {
            let heard = judged(kind, &["profil"], "A profiler told us.");
            let silent = judged(kind, &[], "A profiler told us.");
            let absent = judged(kind, &["queue"], "A profiler told us.");
            assert!(absent < silent && silent < heard, "{absent} {silent} {heard}");
        }
    }

    #[test]
    fn a_sentence_in_the_words_of_the_statement_speaks_for_it() {
        let near = judged(StatementKind::PoorChoice, &[], "The graph showed it.");
        let far = judged(StatementKind::PoorChoice, &[], "All was well.");
        assert!(near > far);
    }
}
