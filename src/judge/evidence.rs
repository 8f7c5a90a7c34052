//! Which sentences prove a statement.

use std::collections::HashSet;

use crate::domain::{Evidence, StatementKind};

use super::answer::Answer;
use super::calibration::{MOST_EVIDENCE, NEARLY, TOP};
use super::decide::Decision;
use super::signals::shows;

/// The numbers of the sentences that prove a statement, best first: one, or two where the second
/// is nearly as likely ([`NEARLY`]). None where nothing does.
///
/// The likeliest sentence is taken, with two exceptions. Of the [`TOP`] likeliest, one with a term
/// of the statement goes first. A figure is proved by a sentence with a number alone, however far
/// down it is.
pub(super) fn proof(decision: &Decision, picks: &[(usize, f32)], answer: &Answer) -> Vec<usize> {
    let shown =
        |n: usize| answer.sentence(n).is_some_and(|s| shows(s, decision.kind, &decision.terms));
    let mut ranked = ranked(picks, answer);
    if decision.kind == StatementKind::Metric {
        ranked.retain(|&(n, _)| shown(n));
    } else if let Some(at) = ranked.iter().take(TOP).position(|&(n, _)| shown(n)) {
        ranked[..=at].rotate_right(1);
    }
    let Some(&(_, best)) = ranked.first() else { return Vec::new() };
    let near = |&&(_, score): &&(usize, f32)| best - score <= NEARLY;
    ranked.iter().take_while(near).take(2).map(|&(n, _)| n).collect()
}

/// The picks that name a sentence, likeliest first, each once.
fn ranked(picks: &[(usize, f32)], answer: &Answer) -> Vec<(usize, f32)> {
    let names = |&&(n, score): &&(usize, f32)| score.is_finite() && answer.sentence(n).is_some();
    let mut ranked: Vec<(usize, f32)> = picks.iter().filter(names).copied().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut seen = HashSet::new();
    ranked.retain(|&(n, _)| seen.insert(n));
    ranked
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
    use crate::domain::{Group, Target, Transcript};
    use crate::judge::calibration::Call;

    fn answer() -> Answer {
        let mut transcript = Transcript::default();
        transcript.candidate(0, "It broke. A profiler showed it. It took 20 ms. All was well.");
        Answer::new(transcript.answers(0))
    }

    fn proved(kind: StatementKind, terms: &[&str], picks: &[(usize, f32)]) -> Vec<usize> {
        let decision = Decision {
            asked: 0,
            subject: Target::Criterion { group: Group::LooksFor, id: "x".into() },
            statement: 0,
            kind,
            terms: terms.iter().map(|&term| term.into()).collect(),
            probability: 0.9,
            call: Call::Holds,
        };
        proof(&decision, picks, &answer())
    }

    #[test]
    fn the_likeliest_proves_and_a_second_if_nearly_as_likely() {
        let action = StatementKind::Action;
        assert_eq!(proved(action, &[], &[(4, -0.1), (1, -2.5)]), [4]);
        assert_eq!(proved(action, &[], &[(4, -0.9), (1, -1.2), (2, -1.25)]), [4, 1]);
        assert_eq!(proved(action, &[], &[(1, -2.5), (4, -0.1)]), [4], "in any order");
    }

    #[test]
    fn a_sentence_with_a_term_goes_first() {
        let picks = [(1, -0.5), (4, -1.0), (2, -3.0)];
        assert_eq!(proved(StatementKind::NamesMeans, &["profil"], &picks), [2, 1]);
        assert_eq!(proved(StatementKind::NamesMeans, &["trace"], &picks), [1]);
    }

    #[test]
    fn a_figure_is_proved_by_a_number_alone() {
        assert_eq!(proved(StatementKind::Metric, &[], &[(1, -0.1), (2, -2.0), (3, -9.0)]), [3]);
        assert_eq!(proved(StatementKind::Metric, &["profil"], &[(1, -0.1), (2, -2.0)]), [0; 0]);
    }

    #[test]
    fn picks_that_name_nothing_prove_nothing() {
        let odd = [(0, -0.1), (5, -0.1), (1, f32::NAN), (2, f32::NEG_INFINITY)];
        assert_eq!(proved(StatementKind::Action, &[], &odd), [0; 0]);
        assert_eq!(proved(StatementKind::Action, &[], &[(3, -1.0), (3, -1.0)]), [3]);
    }

    #[test]
    fn evidence_is_merged_best_first_and_told_in_order() {
        let quotes = |proofs: &[Vec<usize>]| -> Vec<usize> {
            merged(proofs, &answer()).iter().map(|e| e.start).collect()
        };
        assert_eq!(quotes(&[vec![4, 2], vec![1], vec![4]]), [0, 10, 47]);
        assert_eq!(quotes(&[vec![4, 3], vec![1, 2]]), [0, 32, 47], "no more than three");
        assert_eq!(quotes(&[]), [0; 0]);
    }
}
