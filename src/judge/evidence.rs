//! Which sentences are put to the model with a statement, and which of them prove it.
//!
//! Code looks for the sentences, the model says whether they show the statement: so what is quoted
//! is what was judged.

use crate::domain::{Evidence, StatementKind};
use crate::text::words;

use super::answer::{Answer, Sentence};
use super::calibration::{MOST_EVIDENCE, NEARLY, SHORTLIST};
use super::cues::{Wanted, suit};
use super::decide::Decision;
use super::plan::Asked;
use super::signals::shows;

/// The sentences that suit a statement best, no more than [`SHORTLIST`], in the order in which they
/// were said: what the model is asked about.
pub fn shortlist<'a>(asked: &Asked, answer: &'a Answer) -> Vec<&'a str> {
    let mut numbers: Vec<usize> =
        ranked(asked.wanted(), answer).into_iter().take(SHORTLIST).map(|(n, _)| n).collect();
    numbers.sort_unstable();
    numbers.into_iter().filter_map(|n| answer.sentence(n)).map(|s| s.text.as_str()).collect()
}

/// The numbers of all sentences with what each is worth, best first; of equals the longer one,
/// which says more, then the one said first.
fn ranked(wanted: Wanted<'_>, answer: &Answer) -> Vec<(usize, f32)> {
    let length = |n: usize| answer.sentence(n).map_or(0, |s| words(&s.text).count());
    let mut ranked: Vec<(usize, f32)> = (1..)
        .zip(answer.sentences())
        .map(|(n, s)| (n, suit(&s.text, n - 1, wanted).worth()))
        .collect();
    ranked.sort_by(|a, b| {
        b.1.total_cmp(&a.1).then_with(|| length(b.0).cmp(&length(a.0))).then(a.0.cmp(&b.0))
    });
    ranked
}

/// The sentences that prove a statement, best first.
pub fn quotes(decision: &Decision, answer: &Answer) -> Vec<Evidence> {
    proof(decision, answer).into_iter().filter_map(|n| answer.evidence(n)).collect()
}

/// The numbers of the sentences that prove a statement, best first: the one of the shortlist that
/// suits it best, and the other where it suits nearly as well ([`NEARLY`]). A figure is proved by
/// a sentence with a number alone, so there may be none.
pub(super) fn proof(decision: &Decision, answer: &Answer) -> Vec<usize> {
    let Decision { kind, terms, .. } = decision;
    let figure = *kind == StatementKind::Metric;
    let proves = |s: &Sentence| !figure || shows(s, *kind, terms);
    let listed: Vec<(usize, f32)> = ranked(decision.wanted(), answer)
        .into_iter()
        .take(SHORTLIST)
        .filter(|&(n, _)| answer.sentence(n).is_some_and(proves))
        .collect();
    let Some(&(_, best)) = listed.first() else { return Vec::new() };
    listed.iter().filter(|(_, worth)| best - worth <= NEARLY).map(|&(n, _)| n).collect()
}

/// The evidence of a finding: the best sentence of each of its statements, then the second ones,
/// each once, no more than [`MOST_EVIDENCE`], in the order in which they were said.
pub(super) fn merged(proofs: &[Vec<usize>], answer: &Answer) -> Vec<Evidence> {
    let mut numbers = Vec::new();
    for rank in 0..2 {
        for &n in proofs.iter().filter_map(|proof| proof.get(rank)) {
            if !numbers.contains(&n) && numbers.len() < MOST_EVIDENCE {
                numbers.push(n);
            }
        }
    }
    numbers.sort_unstable();
    numbers.into_iter().filter_map(|n| answer.evidence(n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Group, Signals, Target, Transcript};
    use crate::judge::calibration::Call;

    const SAID: &str = "It broke. A profiler showed it. It took 20 ms. All was well.";

    fn answer(said: &str) -> Answer {
        let mut transcript = Transcript::default();
        transcript.candidate(0, said);
        Answer::new(transcript.answers(0))
    }

    fn subject() -> Target {
        Target::Criterion { group: Group::LooksFor, id: "x".into() }
    }

    fn listed(kind: StatementKind, terms: &[&str], answer: &Answer) -> Vec<String> {
        let asked = Asked {
            subject: subject(),
            statement: 0,
            kind,
            wording: String::new(),
            terms: terms.iter().map(|&term| term.into()).collect(),
            likeness: Vec::new(),
        };
        shortlist(&asked, answer).into_iter().map(str::to_owned).collect()
    }

    fn proved(kind: StatementKind, terms: &[&str], answer: &Answer) -> Vec<usize> {
        let decision = Decision {
            asked: 0,
            subject: subject(),
            statement: 0,
            kind,
            terms: terms.iter().map(|&term| term.into()).collect(),
            likeness: Vec::new(),
            signals: Signals::default(),
            probability: 0.9,
            call: Call::Holds,
            wording: String::new(),
        };
        proof(&decision, answer)
    }

    #[test]
    fn the_model_is_asked_about_two_sentences_in_the_order_of_speech() {
        let answer = answer(SAID);
        let both = listed(StatementKind::Mentions, &["well", "profil"], &answer);
        assert_eq!(both, ["A profiler showed it.", "All was well."]);
        assert_eq!(listed(StatementKind::Attitude, &[], &answer).len(), 2, "the longest at least");
        assert_eq!(listed(StatementKind::Action, &[], &self::answer("Hm.")), ["Hm."]);
        assert_eq!(listed(StatementKind::Action, &[], &self::answer("")), [""; 0]);
    }

    #[test]
    fn likeness_in_meaning_finds_what_no_word_points_to() {
        let answer = answer(SAID);
        let wanted = |likeness: &[f32]| -> Vec<usize> {
            let wanted =
                Wanted { kind: StatementKind::Attitude, wording: "", terms: &[], likeness };
            ranked(wanted, &answer).into_iter().map(|(n, _)| n).collect()
        };
        assert_eq!(wanted(&[0.1, 0.2, 0.9, 0.3])[..2], [3, 4]);
        assert_eq!(wanted(&[]), wanted(&[-1.0, f32::NAN, -0.5, 0.0]), "unlike is no likeness");
        assert_eq!(wanted(&[0.0, 0.0, 0.0]).len(), 4, "a short row is no harm");
    }

    #[test]
    fn the_sentence_with_a_term_proves() {
        let answer = answer(SAID);
        assert_eq!(proved(StatementKind::Mentions, &["profil"], &answer), [2]);
        assert_eq!(proved(StatementKind::Mentions, &["profil", "well"], &answer), [2, 4]);
    }

    #[test]
    fn a_figure_is_proved_by_a_number_alone() {
        assert_eq!(proved(StatementKind::Metric, &[], &answer(SAID)), [3]);
        let without = answer("It broke. A profiler showed it.");
        assert_eq!(proved(StatementKind::Metric, &[], &without), [0; 0]);
    }

    #[test]
    fn evidence_is_merged_best_first_and_told_in_order() {
        let answer = answer(SAID);
        let quotes = |proofs: &[Vec<usize>]| -> Vec<usize> {
            merged(proofs, &answer).iter().map(|e| e.start).collect()
        };
        assert_eq!(quotes(&[vec![4, 2], vec![1], vec![4]]), [0, 10, 47]);
        assert_eq!(quotes(&[vec![4, 3], vec![1, 2]]), [0, 32, 47], "no more than three");
        assert_eq!(quotes(&[]), [0; 0]);
    }
}
