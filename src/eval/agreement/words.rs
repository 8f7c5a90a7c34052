//! What words alone tell, as the baseline that a model has to beat.

use std::collections::BTreeSet;

use crate::judge::Answer;
use crate::text::words;

/// The share of the statement's words of four letters or more that the answer has, by their first
/// five letters.
pub(super) fn likeness(statement: &str, answer: &Answer) -> f64 {
    let wanted = stems(statement);
    let said: BTreeSet<String> = answer.sentences().iter().flat_map(|s| stems(&s.text)).collect();
    let heard = wanted.iter().filter(|stem| said.contains(*stem)).count();
    heard as f64 / wanted.len().max(1) as f64
}

fn stems(text: &str) -> BTreeSet<String> {
    let stem = |word: &str| word.to_lowercase().chars().take(5).collect::<String>();
    words(text).map(|w| w.of(text)).filter(|w| w.chars().count() > 3).map(stem).collect()
}
