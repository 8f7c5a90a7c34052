//! The figures of coverage against marks.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::text::words;

use super::super::bootstrap::Interval;
use super::super::figures::{Pair, pearson, pearson_within, quadratic_kappa, rmse};
use super::{Coverage, Marked};

/// Steps of the scale on which kappa is taken: 0 to 5 of 5.
const STEPS: f64 = 5.0;

/// How coverage agrees with marks. Every answer that is not blank has a part in every figure.
/// Intervals are of 95 %, by drawing answers anew.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReferenceReport {
    /// Always `reference`.
    pub task: &'static str,
    /// Answers.
    pub n: usize,
    /// Questions that they are to.
    pub questions: usize,
    /// Pearson's correlation of coverage and mark.
    pub r: Option<Interval>,
    /// The same within a question.
    pub r_within: Option<Interval>,
    /// Root of the mean squared error in marks, of a straight line through the coverage of the
    /// other questions.
    pub rmse: Option<Interval>,
    /// Quadratically weighted kappa of the same, on a scale of six steps.
    pub qwk: Option<Interval>,
    /// What simpler means reach: r.
    pub baselines: Baselines,
    /// What two people reach, where both marks are known.
    pub human: Option<Human>,
}

/// Correlation with marks of simpler means, over all and within a question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Baselines {
    /// By the number of words in the answer.
    pub length: Option<Interval>,
    /// The same within a question.
    pub length_within: Option<Interval>,
    /// By the cosine of answer and reference as TF-IDF vectors.
    pub tf_idf: Option<Interval>,
    /// The same within a question.
    pub tf_idf_within: Option<Interval>,
}

/// One person's marks beside another's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Human {
    /// Pearson's correlation.
    pub r: Option<Interval>,
    /// The same within a question.
    pub r_within: Option<Interval>,
    /// Quadratically weighted kappa, on a scale of six steps.
    pub qwk: Option<Interval>,
}

/// The figures over all answers.
pub fn reference_report(found: &[Coverage]) -> ReferenceReport {
    let groups = groups(found);
    let pairs = |said: &dyn Fn(usize) -> f64, label: &dyn Fn(&Marked) -> f64| -> Vec<Pair> {
        let pair = |(i, c): (usize, &Coverage)| Pair {
            said: said(i),
            label: label(&c.row),
            group: groups[i],
        };
        found.iter().enumerate().map(pair).collect()
    };
    let mark = |row: &Marked| row.score;
    let shares = pairs(&|i| f64::from(found[i].share), &mark);
    let lined = lined(&shares);
    let stepped: Vec<Pair> = lined.iter().zip(found).map(|(p, c)| stepped(*p, &c.row)).collect();
    let length = pairs(&|i| words(&found[i].row.answer).count() as f64, &mark);
    let cosines = cosines(found);
    let tf_idf = pairs(&|i| cosines[i], &mark);
    ReferenceReport {
        task: "reference",
        n: found.len(),
        questions: groups.iter().collect::<BTreeSet<_>>().len(),
        r: Interval::of(&shares, pearson),
        r_within: Interval::of(&shares, pearson_within),
        rmse: Interval::of(&lined, rmse),
        qwk: Interval::of(&stepped, quadratic_kappa),
        baselines: Baselines {
            length: Interval::of(&length, pearson),
            length_within: Interval::of(&length, pearson_within),
            tf_idf: Interval::of(&tf_idf, pearson),
            tf_idf_within: Interval::of(&tf_idf, pearson_within),
        },
        human: human(found, &groups),
    }
}

/// The question of each answer, counted from 0.
pub(super) fn groups(found: &[Coverage]) -> Vec<usize> {
    let all: BTreeSet<(&str, &str)> = found.iter().map(|c| c.row.about()).collect();
    let number: BTreeMap<(&str, &str), usize> = all.into_iter().zip(0..).collect();
    found.iter().map(|c| number[&c.row.about()]).collect()
}

/// What a straight line through the other questions makes of each.
fn lined(pairs: &[Pair]) -> Vec<Pair> {
    let line = |pair: &Pair| {
        let others: Vec<&Pair> = pairs.iter().filter(|p| p.group != pair.group).collect();
        // Where there is one question alone, it has to do.
        if others.is_empty() { pairs.iter().collect() } else { others }
    };
    let mut lines: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    let map = |pair: &Pair| {
        let (slope, base) = *lines.entry(pair.group).or_insert_with(|| least_squares(&line(pair)));
        Pair { said: base + slope * pair.said, ..*pair }
    };
    pairs.iter().map(map).collect()
}

fn least_squares(pairs: &[&Pair]) -> (f64, f64) {
    let n = pairs.len() as f64;
    let mean = |of: &dyn Fn(&Pair) -> f64| pairs.iter().map(|p| of(p)).sum::<f64>() / n;
    let (x, y) = (mean(&|p| p.said), mean(&|p| p.label));
    let varies = mean(&|p| (p.said - x).powi(2));
    let together = mean(&|p| (p.said - x) * (p.label - y));
    let slope = if varies > 1e-12 { together / varies } else { 0.0 };
    (slope, y - slope * x)
}

/// Both as steps of the scale.
fn stepped(pair: Pair, row: &Marked) -> Pair {
    let step = |value: f64| (value / row.max_score * STEPS).round().clamp(0.0, STEPS);
    Pair { said: step(pair.said), label: step(pair.label), ..pair }
}

fn human(found: &[Coverage], groups: &[usize]) -> Option<Human> {
    let pair = |(c, &group): (&Coverage, &usize)| {
        let (said, label) = c.row.graders?;
        Some(Pair { said, label, group })
    };
    let pairs = found.iter().zip(groups).map(pair).collect::<Option<Vec<Pair>>>()?;
    let stepped: Vec<Pair> = pairs.iter().zip(found).map(|(p, c)| stepped(*p, &c.row)).collect();
    Some(Human {
        r: Interval::of(&pairs, pearson),
        r_within: Interval::of(&pairs, pearson_within),
        qwk: Interval::of(&stepped, quadratic_kappa),
    })
}

type Counts = BTreeMap<String, f64>;

/// The cosine of each answer and its reference as TF-IDF vectors, over the answers at hand.
fn cosines(found: &[Coverage]) -> Vec<f64> {
    let counted: Vec<Counts> = found.iter().map(|c| counts(&c.row.answer)).collect();
    let mut documents = Counts::new();
    for word in counted.iter().flat_map(Counts::keys) {
        *documents.entry(word.clone()).or_default() += 1.0;
    }
    let n = found.len() as f64;
    let weight =
        |word: &String| ((n + 1.0) / (documents.get(word).unwrap_or(&0.0) + 1.0)).ln() + 1.0;
    let cosine = |(answer, c): (&Counts, &Coverage)| {
        let reference = counts(&c.row.reference);
        let dot = |a: &Counts, b: &Counts| -> f64 {
            let one = |(word, count): (&String, &f64)| {
                weight(word).powi(2) * count * b.get(word).unwrap_or(&0.0)
            };
            a.iter().map(one).sum()
        };
        let norms = (dot(answer, answer) * dot(&reference, &reference)).sqrt();
        if norms > 0.0 { dot(answer, &reference) / norms } else { 0.0 }
    };
    counted.iter().zip(found).map(cosine).collect()
}

fn counts(text: &str) -> Counts {
    let mut counts = Counts::new();
    for word in words(text) {
        *counts.entry(word.of(text).to_lowercase()).or_default() += 1.0;
    }
    counts
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn coverage(
        question: &str,
        answer: &str,
        share: f32,
        score: f64,
    ) -> Coverage {
        let row = Marked {
            id: String::new(),
            question: question.into(),
            reference: "A cache keeps what was read.".into(),
            answer: answer.into(),
            score,
            max_score: 5.0,
            graders: Some((score, 5.0 - score)),
        };
        Coverage { row, points: Vec::new(), words: share, share }
    }

    fn value(interval: Option<Interval>) -> f64 {
        interval.expect("a figure").value
    }

    #[test]
    fn coverage_in_line_with_marks_agrees_whatever_the_line() {
        let found: Vec<Coverage> = (0..10_u8)
            .map(|n| {
                let (question, step) = (if n % 2 == 0 { "a" } else { "b" }, n / 2);
                let words = "word ".repeat(usize::from(10 - step));
                coverage(question, &words, 0.2 + 0.1 * f32::from(step), f64::from(step))
            })
            .collect();
        let report = reference_report(&found);
        assert_eq!((report.n, report.questions), (10, 2));
        assert!(value(report.r) > 0.999 && value(report.r_within) > 0.999);
        assert!(value(report.rmse) < 1e-3, "{:?}", report.rmse);
        assert!((value(report.qwk) - 1.0).abs() < 1e-9);
        assert!(value(report.baselines.length) < -0.999);
        let human = report.human.expect("two people");
        assert!(value(human.r) < -0.999 && value(human.qwk) < 0.0);
    }

    #[test]
    fn words_of_the_reference_speak_for_an_answer() {
        let found = [
            coverage("a", "A cache keeps what was read before.", 0.0, 5.0),
            coverage("a", "Nothing of that sort comes to mind.", 0.0, 0.0),
        ];
        let cosines = cosines(&found);
        assert!(cosines[0] > 0.8 && cosines[1] < 0.1, "{cosines:?}");
    }
}
