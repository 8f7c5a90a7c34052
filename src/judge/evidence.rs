//! Which sentences prove a statement.

use crate::domain::{Evidence, StatementKind};

use super::answer::Answer;
use super::calibration::{MOST_EVIDENCE, NEARLY, PICKED};
use super::cues::suits;
use super::decide::Decision;
use super::signals::shows;

/// The numbers of the sentences that prove a statement, best first: one, or two where the second
/// suits nearly as well ([`NEARLY`]). None where no sentence suits at all.
///
/// Every sentence is ranked by how well its words suit the statement and by how much the model
/// holds it to be the one ([`PICKED`]). A figure is proved by a sentence with a number alone.
pub(super) fn proof(decision: &Decision, picks: &[(usize, f32)], answer: &Answer) -> Vec<usize> {
    let figure = decision.kind == StatementKind::Metric;
    let mut ranked: Vec<(usize, f32)> = (1..)
        .zip(answer.sentences())
        .filter(|(_, s)| !figure || shows(s, decision.kind, &decision.terms))
        .map(|(n, s)| (n, worth(decision, &s.text) + PICKED * share(n, picks)))
        .filter(|(_, score)| *score > 0.0)
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let Some(&(_, best)) = ranked.first() else { return Vec::new() };
    let near = |&&(_, score): &&(usize, f32)| best - score <= NEARLY;
    ranked.iter().take_while(near).take(2).map(|&(n, _)| n).collect()
}

fn worth(decision: &Decision, sentence: &str) -> f32 {
    suits(sentence, decision.kind, &decision.wording, &decision.terms)
}

/// The probability that the model gives to the sentence numbered `n`, 0 to 1.
fn share(n: usize, picks: &[(usize, f32)]) -> f32 {
    let pick = picks.iter().find(|&&(number, log_p)| number == n && !log_p.is_nan());
    pick.map_or(0.0, |&(_, log_p)| log_p.exp().min(1.0))
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
        proof(&decision(kind, terms), picks, &answer())
    }

    fn decision(kind: StatementKind, terms: &[&str]) -> Decision {
        Decision {
            asked: 0,
            subject: Target::Criterion { group: Group::LooksFor, id: "x".into() },
            statement: 0,
            kind,
            terms: terms.iter().map(|&term| term.into()).collect(),
            probability: 0.9,
            call: Call::Holds,
            wording: String::new(),
        }
    }

    #[test]
    fn what_the_model_picks_proves_where_words_tell_nothing() {
        let poor = StatementKind::PoorChoice;
        assert_eq!(proved(poor, &[], &[(4, -0.1), (1, -2.5)])[0], 4);
        assert_eq!(proved(poor, &[], &[(1, -0.1), (4, -2.5)])[0], 1, "in any order");
    }

    #[test]
    fn a_sentence_with_a_term_goes_first() {
        let picks = [(1, -0.5), (4, -1.0), (2, -3.0)];
        assert_eq!(proved(StatementKind::Mentions, &["profil"], &picks)[0], 2);
        assert_eq!(proved(StatementKind::Mentions, &["trace"], &picks)[0], 1);
    }

    #[test]
    fn a_figure_is_proved_by_a_number_alone() {
        assert_eq!(proved(StatementKind::Metric, &[], &[(1, -0.1), (2, -2.0), (3, -9.0)]), [3]);
        let mut transcript = Transcript::default();
        transcript.candidate(0, "It broke. A profiler showed it.");
        let without = Answer::new(transcript.answers(0));
        assert_eq!(proof(&decision(StatementKind::Metric, &[]), &[(1, -0.1)], &without), [0; 0]);
    }

    #[test]
    fn picks_that_name_nothing_count_for_nothing() {
        let odd = [(0, -0.1), (5, -0.1), (1, f32::NAN), (2, f32::NEG_INFINITY)];
        let none = proved(StatementKind::PoorChoice, &[], &[]);
        assert_eq!(proved(StatementKind::PoorChoice, &[], &odd), none);
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
