//! What code can tell of an answer, beside the model.

use crate::domain::{Margin, Signals, StatementKind};
use crate::text::{contains_term, numbers, words};

use super::answer::{Answer, Sentence};
use super::calibration::{Band, NO_NUMBER, TERM_HEARD, TERMS_ABSENT};

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

/// How likely a statement holds, by the model's margin and by the signals:
/// - a figure without any number was not given, whatever the margin ([`NO_NUMBER`]);
/// - a term that was heard raises the margin ([`TERM_HEARD`]);
/// - a concept all of whose terms are absent lowers it ([`TERMS_ABSENT`]).
pub(super) fn probability(
    kind: StatementKind,
    terms: &[String],
    band: Band,
    margin: Margin,
    signals: Signals,
) -> f32 {
    let no_number = kind == StatementKind::Metric && signals.numbers == 0;
    let shift = if signals.terms_heard > 0 {
        TERM_HEARD
    } else if kind == StatementKind::Mentions && !terms.is_empty() {
        -TERMS_ABSENT
    } else {
        0.0
    };
    let probability = band.probability(Margin(margin.0 + shift));
    if no_number { probability.min(NO_NUMBER) } else { probability }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Transcript;
    use crate::judge::Thresholds;

    fn judged(kind: StatementKind, terms: &[&str], said: &str) -> f32 {
        let mut transcript = Transcript::default();
        transcript.candidate(0, said);
        let answer = Answer::new(transcript.answers(0));
        let terms: Vec<String> = terms.iter().map(|&term| term.into()).collect();
        let band = Thresholds::FIXED.band(kind);
        probability(kind, &terms, band, Margin(0.0), signals(&terms, &answer))
    }

    #[test]
    fn a_figure_needs_a_number() {
        assert!(judged(StatementKind::Metric, &[], "It got much faster.") <= NO_NUMBER);
        assert!((judged(StatementKind::Metric, &[], "It took 20 ms.") - 0.5).abs() < 1e-6);
        assert!((judged(StatementKind::Result, &[], "It got faster.") - 0.5).abs() < 1e-6);
    }

    #[test]
    fn a_heard_term_speaks_for_any_statement() {
        for kind in [StatementKind::Mentions, StatementKind::NamesMeans] {
            assert!(judged(kind, &["profil"], "A profiler showed it.") > 0.6);
        }
    }

    #[test]
    fn absent_terms_speak_against_a_mention_alone() {
        assert!(judged(StatementKind::Mentions, &["queue"], "A log.") < 0.2);
        assert!((judged(StatementKind::NamesMeans, &["queue"], "A log.") - 0.5).abs() < 1e-6);
        assert!((judged(StatementKind::Mentions, &[], "A log.") - 0.5).abs() < 1e-6);
    }
}
