//! Hidden states with their labels, question by question.

use std::collections::BTreeSet;

use crate::judge::LinearProbe;

use super::linear::ridge;

/// A hidden state of which it is known on which side it belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct State<'a> {
    pub(super) question: &'a str,
    pub(super) hidden: &'a [f32],
    pub(super) holds: bool,
}

/// A probe fitted to all of them.
pub(super) fn fitted(states: &[State<'_>], penalty: f64) -> LinearProbe {
    of(states, penalty, |_| true)
}

/// What a probe tells of each that was fitted to the other questions.
pub(super) fn unseen(states: &[State<'_>], penalty: f64) -> Vec<f32> {
    let questions: BTreeSet<&str> = states.iter().map(|state| state.question).collect();
    let mut told = vec![0.0; states.len()];
    for question in questions {
        let probe = of(states, penalty, |state| state.question != question);
        let out = states.iter().zip(&mut told).filter(|(state, _)| state.question == question);
        out.for_each(|(state, told)| *told = probe.score(state.hidden));
    }
    told
}

fn of(states: &[State<'_>], penalty: f64, wanted: impl Fn(&State<'_>) -> bool) -> LinearProbe {
    let rows: Vec<(&[f32], bool)> =
        states.iter().filter(|state| wanted(state)).map(|s| (s.hidden, s.holds)).collect();
    ridge(&rows, penalty)
}

/// The same to five significant digits: the rest says nothing and fills the file.
pub(super) fn rounded_probe(probe: &LinearProbe) -> LinearProbe {
    let short = |x: &f32| format!("{x:.4e}").parse().unwrap_or(*x);
    LinearProbe { base: short(&probe.base), weights: probe.weights.iter().map(short).collect() }
}
