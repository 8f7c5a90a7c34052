//! A reference answer as criteria: one for each point that it makes.

use crate::domain::{Criterion, Fills, Question, Statement, StatementKind};
use crate::text::{sentences, words};

use super::cues::telling;

/// Points of a reference, at most: what a report can show and a model judge in a minute. More are
/// put together with their neighbours.
pub const MOST_POINTS: usize = 24;

/// A piece with fewer telling words is no point: a heading, a "Yes.".
const FEWEST_WORDS: usize = 2;

/// A reference answer has nothing to judge by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the reference makes no point: it needs a sentence or a list of what a good answer says")]
pub struct NoPoint;

/// The question as it stands, judged by what a reference answer says and by nothing else.
pub fn against(question: &Question, reference: &str) -> Result<Question, NoPoint> {
    let points = points(reference);
    if points.is_empty() {
        return Err(NoPoint);
    }
    let point = |(n, point): (usize, String)| Criterion {
        advice: format!("Say that {}", continued(&point)),
        ..criterion(format!("point-{n}"), point, StatementKind::Point)
    };
    let key_points = (1..).zip(points).map(point).collect();
    Ok(Question { key_points, ..bare(question) })
}

/// The question as it stands, judged by one thing in somebody's words and by nothing else; `id` is
/// what its criterion is called.
pub fn by_criterion(question: &Question, id: &str, text: &str) -> Question {
    let looks_for = vec![criterion(id.to_owned(), text.to_owned(), StatementKind::Mentions)];
    Question { looks_for, ..bare(question) }
}

/// The question without anything to judge by.
fn bare(question: &Question) -> Question {
    let mut question = question.clone();
    question.framework.steps.clear();
    question.looks_for.clear();
    question.key_points.clear();
    question.mistakes.clear();
    question
}

/// A criterion of one statement, which is its text.
fn criterion(id: String, text: String, kind: StatementKind) -> Criterion {
    Criterion {
        id,
        text: text.clone(),
        advice: String::new(),
        probe: String::new(),
        fills: Fills::Detail,
        statements: vec![Statement { kind, wordings: vec![text], terms: Vec::new() }],
    }
}

/// The point in the middle of a sentence: small at its beginning, unless that is a name or a
/// shortened word ("TCP").
fn continued(point: &str) -> String {
    let mut chars = point.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain([second]).chain(chars).collect()
        }
        _ => point.to_owned(),
    }
}

/// What a reference answer says, point by point: its sentences and the items of its lists, without
/// their markers and headings.
pub fn points(reference: &str) -> Vec<String> {
    let spans = sentences(reference);
    let pieces = spans.iter().map(|span| unmarked(span.of(reference)));
    let mut points: Vec<&str> = pieces.filter(|piece| is_point(piece)).collect();
    if points.is_empty() {
        // "O(n)" may be all there is to say.
        points.extend(Some(reference.trim()).filter(|all| words(all).next().is_some()));
    }
    let together = points.len().div_ceil(MOST_POINTS).max(1);
    points.chunks(together).map(|chunk| chunk.join(" ")).collect()
}

/// A line of a list without what marks it: "- ", "• ", "3. ", "b) ".
fn unmarked(line: &str) -> &str {
    let line = line.trim_start_matches(|c: char| !c.is_alphanumeric() && !"\"'“(".contains(c));
    let marker = line.split_once(['.', ')']).filter(|(marker, rest)| {
        let short = marker.len() <= 2 && !marker.is_empty();
        let counts = marker.chars().all(|c| c.is_ascii_digit()) || marker.len() == 1;
        short && counts && rest.starts_with(' ')
    });
    marker.map_or(line, |(_, rest)| rest).trim()
}

fn is_point(piece: &str) -> bool {
    let words = telling(piece).len();
    let heading = piece.ends_with(':') && words <= 3;
    words >= FEWEST_WORDS && !heading
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_and_items_are_points_and_headings_are_not() {
        let reference = "Possible differences:\n- The UDP header is short\n● It has a fixed length.\n\
                         2. TCP numbers its segments. It repeats lost ones.\nYes.\n";
        let points = points(reference);
        assert_eq!(
            points,
            [
                "The UDP header is short",
                "It has a fixed length.",
                "TCP numbers its segments.",
                "It repeats lost ones."
            ]
        );
    }

    #[test]
    fn many_points_are_put_together_and_none_is_lost() {
        let lines: Vec<String> = (0..100).map(|n| format!("Point number{n} matters.")).collect();
        let reference = lines.join("\n");
        let points = points(&reference);
        assert!(points.len() <= MOST_POINTS);
        assert!((0..100).all(|n| points.iter().any(|p| p.contains(&format!("number{n} ")))));
    }

    #[test]
    fn a_reference_without_a_point_is_refused() {
        for empty in ["", "  \n", "…", "- -\n•"] {
            assert_eq!(points(empty), [""; 0], "{empty:?}");
        }
        assert_eq!(points(" O(n) \n"), ["O(n)"], "a word may be the whole answer");
    }

    #[test]
    fn a_point_goes_on_in_a_sentence() {
        assert_eq!(continued("The header is short."), "the header is short.");
        assert_eq!(continued("TCP repeats."), "TCP repeats.");
        assert_eq!(continued("Ü"), "Ü");
    }
}
