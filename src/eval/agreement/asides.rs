//! Which sentences are beside the point: a direction in a model's hidden state, from sentences.

use crate::domain::{Insight, Question};
use crate::judge::LinearProbe;

use super::cases::overlap;
use super::rows::{Label, Row};
use super::states::{State, fitted, rounded_probe, unseen};

/// The penalty, in mean squares of a row.
const PENALTY: f64 = 0.3;
/// The share of sentences with something to show that may be lost, on questions left out.
const LOST: f64 = 0.005;

/// A sentence of which it is known whether it is beside the point.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The question, by its id.
    pub question: String,
    /// What was read of the sentence.
    pub insight: Insight,
    /// Whether it has nothing to do with what was asked; else it shows a statement.
    pub aside: bool,
}

/// What was fitted, and how it does on questions that it has not seen.
#[derive(Debug, Clone, PartialEq)]
pub struct AsideFit {
    /// Above 0 for what is beside the point.
    pub probe: LinearProbe,
    /// The share of what is beside the point that is found.
    pub found: f64,
    /// The share of what shows something that is lost.
    pub lost: f64,
}

/// The sentence with its label; none where nobody said what it is.
pub fn line(row: &Row, question: &Question, sentence: &str, insight: &Insight) -> Option<Line> {
    let of = |known: &String| overlap(sentence, known);
    // What shows a mistake may well be beside the point.
    let asked = |label: &&Label| question.criteria().any(|(_, c)| c.id == label.subject);
    let shows = row.labels.statements.iter().filter(asked).any(|l| l.quotes.iter().any(of));
    let aside = row.labels.asides.iter().any(of);
    let question = row.question.clone();
    (aside || shows).then(|| Line { question, insight: insight.clone(), aside })
}

/// Fits to sentences, so that few of those with something to show are lost; none where there are
/// none of either sort.
pub fn fit_aside(lines: &[Line]) -> Option<AsideFit> {
    let states: Vec<State<'_>> = lines.iter().map(state).collect();
    let unseen = unseen(&states, PENALTY);
    let told = |aside: bool| {
        let told = unseen.iter().zip(lines).filter(move |(_, line)| line.aside == aside);
        told.map(|(score, _)| *score).collect::<Vec<f32>>()
    };
    let (asides, mut showing) = (told(true), told(false));
    showing.sort_by(|a, b| b.total_cmp(a));
    let above = *showing.get((LOST * showing.len() as f64) as usize)?;
    let share = |scores: &[f32]| {
        scores.iter().filter(|score| **score > above).count() as f64 / scores.len() as f64
    };
    let mut probe = fitted(&states, PENALTY);
    probe.base -= above;
    let (found, lost) = (share(&asides), share(&showing));
    (!asides.is_empty()).then(|| AsideFit { probe: rounded_probe(&probe), found, lost })
}

fn state(line: &Line) -> State<'_> {
    let hidden = match &line.insight {
        Insight::Inside(inside) => inside.hidden.as_slice(),
        Insight::Margin(_) => &[],
    };
    State { question: &line.question, hidden, holds: line.aside }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Inside;

    /// Sentences whose first component says what they are, some of them blurred.
    fn lines() -> Vec<Line> {
        let one = |n: usize| {
            let aside = n.is_multiple_of(4);
            let blur = (n % 7) as f32 / 7.0 - 0.5;
            let hidden = vec![if aside { 1.0 } else { -1.0 } + blur, (n % 5) as f32];
            let insight = Insight::Inside(Inside { hidden, attention: Vec::new() });
            Line { question: format!("q{}", n % 3), insight, aside }
        };
        (0..1200).map(one).collect()
    }

    #[test]
    fn what_is_beside_the_point_is_above_zero_and_little_else() {
        let lines = lines();
        let AsideFit { probe, found, lost } = fit_aside(&lines).expect("both sorts");
        assert!(found > 0.99 && lost <= LOST, "{found} {lost}");
        let right =
            lines.iter().filter(|l| (probe.score(state(l).hidden) > 0.0) == l.aside).count();
        assert!(right > 1190, "{right}");
    }

    #[test]
    fn one_sort_alone_fits_nothing() {
        let (asides, showing): (Vec<Line>, Vec<Line>) = lines().into_iter().partition(|l| l.aside);
        assert_eq!((fit_aside(&asides), fit_aside(&showing), fit_aside(&[])), (None, None, None));
    }
}
