//! Which sentences prove a statement, and which are put to a model with it.
//!
//! Where it is known which heads of a model look at the sentence that bears on a statement, they
//! find it, with what its words say. Else words alone do, and the model is asked about the two that
//! suit best: so what is quoted is what was judged.

use crate::domain::{Evidence, Inside, Insight, StatementKind};
use crate::text::words;

use super::answer::{Answer, Sentence};
use super::calibration::{MOST_EVIDENCE, NEARLY, SHORTLIST};
use super::cues::{Wanted, suit};
use super::decide::Decision;
use super::inside::{Passage, Probes};
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

/// Sentences, likeliest to show a statement first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ranked {
    /// Their numbers, with how likely each is.
    order: Vec<(usize, f32)>,
    /// By how much less likely the second may be and still be quoted beside the first.
    nearly: f32,
}

impl Ranked {
    /// The sentences by what the model looked at, where that was read and `probes` say what it
    /// means, else by their words.
    pub(super) fn new(
        asked: &Asked,
        answer: &Answer,
        probes: Option<&Probes>,
        insight: Option<&Insight>,
    ) -> Self {
        match (probes, insight) {
            (Some(probes), Some(Insight::Inside(inside))) => {
                let odds = |index| probes.evidence.odds(&passage(asked, answer, inside, index));
                let order = (0..answer.sentences().len()).map(|index| (index + 1, odds(index)));
                Self { order: best_first(order.collect(), answer), nearly: probes.evidence.nearly }
            }
            (None, _) | (_, None | Some(Insight::Margin(_))) => {
                // No others were put to the model.
                let order = ranked(asked.wanted(), answer).into_iter().take(SHORTLIST).collect();
                Self { order, nearly: NEARLY }
            }
        }
    }
}

/// The sentence at `index`, as what was fitted to attention sees it.
pub fn passage(asked: &Asked, answer: &Answer, inside: &Inside, index: usize) -> Passage {
    let text = answer.sentences().get(index).map_or("", |sentence| sentence.text.as_str());
    let worth = suit(text, index, asked.wanted()).worth();
    Passage::new(inside, index, answer.sentences().len(), worth, words(text).count())
}

/// The numbers of all sentences with what each is worth, best first.
fn ranked(wanted: Wanted<'_>, answer: &Answer) -> Vec<(usize, f32)> {
    let worth = |(n, s): (usize, &Sentence)| (n, suit(&s.text, n - 1, wanted).worth());
    best_first((1..).zip(answer.sentences()).map(worth).collect(), answer)
}

/// The best first; of equals the longer one, which says more, then the one said first.
fn best_first(mut ranked: Vec<(usize, f32)>, answer: &Answer) -> Vec<(usize, f32)> {
    let length = |n: usize| answer.sentence(n).map_or(0, |s| words(&s.text).count());
    ranked.sort_by(|a, b| {
        b.1.total_cmp(&a.1).then_with(|| length(b.0).cmp(&length(a.0))).then(a.0.cmp(&b.0))
    });
    ranked
}

/// The sentences that prove a statement, best first.
pub fn quotes(decision: &Decision, answer: &Answer) -> Vec<Evidence> {
    proof(decision, answer).into_iter().filter_map(|n| answer.evidence(n)).collect()
}

/// The numbers of the sentences that prove a statement, best first: the likeliest to show it, and
/// the next where it is nearly as likely. A figure is proved by a sentence with a number alone, so
/// there may be none.
pub(super) fn proof(decision: &Decision, answer: &Answer) -> Vec<usize> {
    let Decision { kind, terms, ranked: Ranked { order, nearly }, .. } = decision;
    let figure = *kind == StatementKind::Metric;
    let proves = |s: &Sentence| !figure || shows(s, *kind, terms);
    let listed: Vec<(usize, f32)> = order
        .iter()
        .filter(|(n, _)| answer.sentence(*n).is_some_and(proves))
        .take(SHORTLIST)
        .copied()
        .collect();
    let Some(&(_, best)) = listed.first() else { return Vec::new() };
    listed.iter().filter(|(_, worth)| best - worth <= *nearly).map(|&(n, _)| n).collect()
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
    use crate::judge::inside::Said;

    const SAID: &str = "It broke. A profiler showed it. It took 20 ms. All was well.";

    fn answer(said: &str) -> Answer {
        let mut transcript = Transcript::default();
        transcript.candidate(0, said);
        Answer::new(transcript.answers(0))
    }

    fn subject() -> Target {
        Target::Criterion { group: Group::LooksFor, id: "x".into() }
    }

    fn asked(kind: StatementKind, terms: &[&str]) -> Asked {
        Asked {
            subject: subject(),
            statement: 0,
            kind,
            wording: String::new(),
            terms: terms.iter().map(|&term| term.into()).collect(),
            likeness: Vec::new(),
        }
    }

    fn listed(kind: StatementKind, terms: &[&str], answer: &Answer) -> Vec<String> {
        shortlist(&asked(kind, terms), answer).into_iter().map(str::to_owned).collect()
    }

    fn proved(kind: StatementKind, terms: &[&str], answer: &Answer) -> Vec<usize> {
        let asked = asked(kind, terms);
        let decision = Decision {
            asked: 0,
            subject: subject(),
            statement: 0,
            kind,
            terms: asked.terms.clone(),
            ranked: Ranked::new(&asked, answer, None, None),
            said: Said::default(),
            signals: Signals::default(),
            probability: 0.9,
            call: Call::Holds,
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
