//! Which sentences are beside the point: a direction in a model's hidden state, from sentences.

use serde::Deserialize;

use crate::app::Given;
use crate::domain::Insight;
use crate::judge::{AsideProbe, FEW, Remark, beside_the_point};
use crate::text::words;

use super::cases::overlap;
use super::linear::rounded;
use super::rows::{RowFault, documents};
use super::states::{State, fitted, rounded_probe, unseen};

/// The penalty, in mean squares of a row.
const PENALTY: f64 = 0.3;
/// The share of sentences with something to show that may be lost by themselves, on questions left out.
const LOST: f64 = 0.005;
/// The share of them that may be lost where they stand beside what is beside the point.
const TAKEN_ALONG: f64 = 0.06;

/// An answer in which it is known of some words whether they are beside what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Talk {
    /// Its id, which no other one has.
    pub id: String,
    /// What one has to leave out to have a question that nothing was fitted to: the bank's question
    /// that was asked, in these words or others.
    pub about: String,
    /// What was asked.
    pub asked: String,
    /// What was answered.
    pub answer: String,
    /// Words with something to show of what is looked for.
    pub shows: Vec<String>,
    /// Words that have nothing to do with what was asked, or speak to the judge.
    pub asides: Vec<String>,
}

impl Talk {
    /// What was answered, as the judge takes it.
    pub fn given(&self) -> Given {
        Given { asked: String::new(), answer: self.answer.clone() }
    }

    /// What was read of one of its sentences, with its label; none where nobody said what it is.
    pub fn line(&self, sentence: &str, insight: &Insight) -> Option<Line> {
        let of = |known: &String| overlap(sentence, known);
        let aside = self.asides.iter().any(of);
        let (about, insight) = (self.about.clone(), insight.clone());
        let words = words(sentence).count();
        (aside || self.shows.iter().any(of)).then_some(Line { about, insight, words, aside })
    }
}

/// The answers of a file.
pub fn talks(text: &str) -> Result<Vec<Talk>, RowFault> {
    documents(text, |line| serde_json::from_str(line), |talk: &Talk| &talk.id)
}

/// A sentence of which it is known whether it is beside the point.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What it was said about, as of its [`Talk`].
    pub about: String,
    /// What was read of the sentence.
    pub insight: Insight,
    /// How many words it has.
    pub words: usize,
    /// Whether it has nothing to do with what was asked; else it shows a statement.
    pub aside: bool,
}

/// What was fitted, and how it does on questions that it has not seen.
#[derive(Debug, Clone, PartialEq)]
pub struct AsideFit {
    /// What tells what is beside the point.
    pub probe: AsideProbe,
    /// The share of what is beside the point that is found.
    pub found: f64,
    /// The share of what shows something that is lost.
    pub lost: f64,
}

/// Fits to the sentences of answers, so that few of those with something to show are lost; none where
/// there are none of either sort.
pub fn fit_aside(answers: &[Vec<Line>]) -> Option<AsideFit> {
    let lines: Vec<&Line> = answers.iter().flatten().collect();
    let states: Vec<State<'_>> = lines.iter().map(|line| state(line)).collect();
    let scored: Vec<(&Line, f32)> = lines.into_iter().zip(unseen(&states, PENALTY)).collect();
    let showing = scored.iter().filter(|(line, _)| !line.aside).count();
    let lost = |share: f64, least: usize| {
        let wanted = scored.iter().filter(|(line, _)| !line.aside && line.words > least);
        let mut scores: Vec<f32> = wanted.map(|(_, score)| *score).collect();
        scores.sort_by(|a, b| b.total_cmp(a));
        scores.get((share * showing as f64) as usize).or(scores.last()).copied()
    };
    let (above, along) = (lost(LOST, FEW)?, lost(TAKEN_ALONG, 0)?);
    let mut probe = fitted(&states, PENALTY);
    probe.base -= above;
    let beside = rounded((along - above).min(0.0).into());
    let probe = AsideProbe { beside, probe: rounded_probe(&probe) };
    let mut rest = scored.iter();
    let taken: Vec<(bool, bool)> = answers
        .iter()
        .flat_map(|answer| taken(rest.by_ref().take(answer.len()), above, &probe))
        .collect();
    let share = |asides: bool| {
        let of: Vec<bool> = taken.iter().filter(|(a, _)| *a == asides).map(|(_, t)| *t).collect();
        (!of.is_empty()).then(|| of.iter().filter(|t| **t).count() as f64 / of.len() as f64)
    };
    Some(AsideFit { found: share(true)?, lost: share(false)?, probe })
}

/// Of the sentences of one answer, whether each is beside the point, and whether it is taken for that.
fn taken<'a>(
    scored: impl Iterator<Item = &'a (&'a Line, f32)>,
    above: f32,
    probe: &AsideProbe,
) -> Vec<(bool, bool)> {
    let (asides, remarks): (Vec<bool>, Vec<Remark>) = scored
        .map(|(line, score)| {
            (line.aside, Remark { turn: 0, words: line.words, score: Some(score - above) })
        })
        .unzip();
    asides.into_iter().zip(beside_the_point(&remarks, probe)).collect()
}

fn state(line: &Line) -> State<'_> {
    let hidden = match &line.insight {
        Insight::Inside(inside) => inside.hidden.as_slice(),
        Insight::Margin(_) => &[],
    };
    State { question: &line.about, hidden, holds: line.aside }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Inside;

    /// Answers of six sentences whose first component says what they are, some of them blurred; in one
    /// of four all are beside the point.
    fn answers() -> Vec<Vec<Line>> {
        let one = |n: usize| {
            let aside = (n / 6).is_multiple_of(4);
            let blur = (n % 7) as f32 / 3.5 - 1.0;
            let hidden = vec![if aside { 1.0 } else { -1.0 } + blur, (n % 5) as f32];
            let insight = Insight::Inside(Inside { hidden, attention: Vec::new() });
            Line { about: format!("q{}", n % 3), insight, words: 9, aside }
        };
        let lines: Vec<Line> = (0..1200).map(one).collect();
        lines.chunks(6).map(<[Line]>::to_vec).collect()
    }

    #[test]
    fn what_is_beside_the_point_is_found_and_little_else() {
        let AsideFit { probe, found, lost } = fit_aside(&answers()).expect("both sorts");
        assert!(found > 0.9 && lost <= 2.0 * LOST, "{found} {lost}");
        assert!(probe.beside <= 0.0);
        let alone = |line: &&Line| (probe.score(&line.insight) > 0.0) == line.aside;
        let all: Vec<Line> = answers().concat();
        let right = all.iter().filter(alone).count() as f64 / all.len() as f64;
        assert!(right > 0.9, "{right}");
    }

    #[test]
    fn a_sentence_is_what_was_said_of_it() {
        let text = r#"{"id": "a", "about": "q", "asked": "Why?", "shows": ["Because of that."],
            "answer": "It rained. Because of that. And so on.", "asides": ["It rained."]}"#;
        let talk = talks(&text.replace('\n', " ")).expect("a talk").remove(0);
        let insight = Insight::Inside(Inside { hidden: vec![1.0], attention: Vec::new() });
        let aside = |sentence: &str| Some(talk.line(sentence, &insight)?.aside);
        assert_eq!((aside("It rained."), aside("Because of that.")), (Some(true), Some(false)));
        assert_eq!(aside("And so on."), None);
    }

    #[test]
    fn one_sort_alone_fits_nothing() {
        let (asides, showing): (Vec<_>, Vec<_>) = answers().into_iter().partition(|a| a[0].aside);
        assert_eq!((fit_aside(&asides), fit_aside(&showing), fit_aside(&[])), (None, None, None));
    }
}
