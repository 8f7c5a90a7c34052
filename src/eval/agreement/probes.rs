//! Probes of a model from cases: directions in its hidden state, and what its attention means.

use std::collections::BTreeMap;

use crate::domain::{Inside, Insight, ModelCard, Tap};
use crate::judge::{EvidenceWeights, Probes};

use super::cases::Case;
use super::linear::{Labelled, best_penalty, logistic, rounded};
use super::states::{State, fitted, rounded_probe, unseen};

/// The penalties that are tried, in mean squares of a row; the one that does best on questions left
/// out is taken.
const PENALTIES: [f64; 3] = [1.0, 3.0, 10.0];
/// For what is told of sentences. There are few weights and thousands of sentences.
const EVIDENCE_PENALTY: f64 = 1.0;
/// A second sentence is quoted beside the first where it is no less likely than by this factor, as
/// log-odds. Set by hand: what is a third as likely is worth reading.
const NEARLY: f32 = 1.1;

/// Fits probes to what was read inside a model where those `before` say; none where nothing was.
/// What sentences are beside the point stays as it was: the answers were judged without them.
pub fn fit_probes(card: &ModelCard, before: &Probes, cases: &[Case]) -> Option<Probes> {
    let [criteria, mistakes] = [false, true].map(|mistakes| {
        let read = Read::of(cases, mistakes);
        (!read.states.is_empty()).then(|| {
            let (penalty, _) = read.best();
            rounded_probe(&fitted(&read.states, penalty))
        })
    });
    Some(Probes {
        model: card.name.clone(),
        sha256: card.sha256.clone(),
        tap: before.tap.clone(),
        evidence: evidence(cases, before.tap.heads.len()),
        criteria: criteria?,
        mistakes: mistakes?,
        aside: before.aside.clone(),
    })
}

/// The cases with what a probe says of each that has not seen its question; as they are where no
/// hidden state was read.
pub(super) fn by_unseen_probes(cases: &[Case]) -> Vec<Case> {
    let mut cases = cases.to_vec();
    for mistakes in [false, true] {
        let read = Read::of(&cases, mistakes);
        let (_, told) = read.best();
        let mut by_place: BTreeMap<usize, Vec<f32>> = BTreeMap::new();
        for (place, told) in read.places.iter().zip(told) {
            by_place.entry(*place).or_default().push(told);
        }
        for (place, told) in by_place {
            cases[place].said.probe = told.iter().sum::<f32>() / told.len() as f32;
        }
    }
    cases
}

/// The hidden states of one sort of cases, one for each wording: a probe that was fitted to all of
/// them leans less on how a statement is put.
struct Read<'a> {
    states: Vec<State<'a>>,
    /// Where among the cases each is.
    places: Vec<usize>,
}

impl<'a> Read<'a> {
    fn of(cases: &'a [Case], mistakes: bool) -> Self {
        let of_sort = cases.iter().enumerate().filter(|(_, c)| c.group.is_none() == mistakes);
        let one = |(place, case): (usize, &'a Case), insight: &'a Insight| match insight {
            Insight::Margin(_) => None,
            // Of an answer without a sentence nothing was read.
            Insight::Inside(inside) if inside.hidden.is_empty() => None,
            Insight::Inside(Inside { hidden, .. }) => {
                Some((State { question: &case.question, hidden, holds: case.holds }, place))
            }
        };
        let all = |at: (usize, &'a Case)| at.1.insights.iter().filter_map(move |i| one(at, i));
        let (states, places) = of_sort.flat_map(all).unzip();
        Self { states, places }
    }

    /// The best penalty, and what probes tell with it of questions that they have not seen.
    fn best(&self) -> (f64, Vec<f32>) {
        let far = |(state, told): (&State<'_>, &f32)| {
            let label = if state.holds { 1.0 } else { -1.0 };
            (f64::from(*told) - label).powi(2)
        };
        best_penalty(&PENALTIES, |penalty| {
            let told = unseen(&self.states, penalty);
            (self.states.iter().zip(&told).map(far).sum(), told)
        })
    }
}

/// What makes a sentence the one that shows a statement.
fn evidence(cases: &[Case], heads: usize) -> EvidenceWeights {
    let passages = cases.iter().flat_map(|case| &case.passages);
    let rows: Vec<Labelled> = passages
        .map(|(passage, shows)| {
            let looked = passage.attention.iter().copied();
            let words = [passage.worth, passage.length, passage.place];
            let figures = std::iter::once(1.0).chain(looked).chain(words);
            (figures.map(f64::from).collect(), *shows)
        })
        .collect();
    let weights: Vec<f32> =
        logistic(&rows, EVIDENCE_PENALTY).into_iter().skip(1).map(rounded).collect();
    let (attention, words) = weights.split_at(heads.min(weights.len()));
    let word = |i: usize| words.get(i).copied().unwrap_or_default();
    EvidenceWeights {
        attention: attention.to_vec(),
        worth: word(0),
        length: word(1),
        place: word(2),
        nearly: NEARLY,
    }
}

/// How often the sentence that a head looks at most is one that shows the statement, best head
/// first, as layer, head, share.
pub fn rank_heads(tap: &Tap, cases: &[Case]) -> Vec<([usize; 2], f64)> {
    let known: Vec<&Case> = cases.iter().filter(|case| !case.passages.is_empty()).collect();
    let found = |head: usize, case: &Case| {
        let looked = |a: f32, b: f32| a.total_cmp(&b);
        let most =
            case.passages.iter().max_by(|a, b| looked(a.0.attention[head], b.0.attention[head]));
        most.is_some_and(|(_, shows)| *shows)
    };
    let share = |head: usize| {
        known.iter().filter(|case| found(head, case)).count() as f64 / known.len().max(1) as f64
    };
    let mut ranked: Vec<([usize; 2], f64)> =
        tap.heads.iter().enumerate().map(|(i, head)| (*head, share(i))).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked
}
