//! Habits of speech: fillers, and whether somebody says I or we.

use super::{Span, words};

/// Sounds and words that carry nothing wherever they stand.
const ALWAYS: [&str; 11] =
    ["um", "umm", "uh", "uhh", "uhm", "er", "erm", "hmm", "basically", "actually", "literally"];
/// Before "sort of" and "kind of": then the phrase means a sort and a kind.
const NOUN_BEFORE: [&str; 20] = [
    "a",
    "the",
    "this",
    "that",
    "these",
    "those",
    "what",
    "which",
    "some",
    "any",
    "every",
    "each",
    "no",
    "another",
    "other",
    "same",
    "one",
    "new",
    "different",
    "certain",
];
/// After "you know": then it means to know.
const CLAUSE_AFTER: [&str; 10] =
    ["that", "what", "how", "why", "who", "which", "where", "when", "if", "the"];

/// How many filler words were said: "um", "you know", "sort of", "basically" and the like.
///
/// Phrases that may carry meaning are counted only where they do not: "you know what" and "this
/// kind of" pass, and "like" is a filler between two commas alone.
pub fn fillers(text: &str) -> usize {
    let spans: Vec<Span> = words(text).collect();
    (0..spans.len()).filter(|&i| is_filler(text, &spans, i)).count()
}

fn is_filler(text: &str, spans: &[Span], i: usize) -> bool {
    let word = |i: Option<usize>| i.and_then(|i| spans.get(i)).map_or("", |span| span.of(text));
    let is = |i: Option<usize>, list: &[&str]| list.iter().any(|w| word(i).eq_ignore_ascii_case(w));
    let (before, here, next, after) = (i.checked_sub(1), Some(i), Some(i + 1), Some(i + 2));
    if is(here, &["sort", "kind"]) {
        return is(next, &["of"]) && !is(before, &NOUN_BEFORE);
    }
    if is(here, &["you"]) {
        return is(next, &["know"])
            && !is(after, &CLAUSE_AFTER)
            && !is(before, &["do", "did", "if", "as", "when", "how", "what", "that"]);
    }
    if is(here, &["i"]) {
        return is(next, &["mean"]) && !is(before, &["what", "which", "do", "did"]);
    }
    if is(here, &["like"]) {
        return between_commas(text, spans, i);
    }
    is(here, &ALWAYS)
}

fn between_commas(text: &str, spans: &[Span], i: usize) -> bool {
    let comma_at = |start: usize| text[start..].trim_start().starts_with(',');
    i > 0 && comma_at(spans[i - 1].end) && comma_at(spans[i].end)
}

/// How often somebody spoke of themselves, and of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Persons {
    /// "I", "me", "my" and their like.
    pub i: usize,
    /// "We", "us", "our" and their like.
    pub we: usize,
}

/// Counts the words of the first person, contractions included.
pub fn persons(text: &str) -> Persons {
    let mut count = Persons::default();
    for span in words(text) {
        let word = span.of(text);
        let stem = word.split(['\'', '’']).next().unwrap_or_default();
        match stem.to_lowercase().as_str() {
            // "I/O" and "i.e." speak of nobody.
            "i" if text[span.end..].starts_with(['/', '.'])
                && stem == word
                && text[span.end + 1..].starts_with(char::is_alphabetic) => {}
            "i" | "me" | "my" | "mine" | "myself" => count.i += 1,
            // The country.
            "us" if stem == "US" => {}
            "we" | "us" | "our" | "ours" | "ourselves" => count.we += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fillers_count_where_they_carry_nothing() {
        assert_eq!(
            fillers("Um, so basically we, you know, sort of, like, restarted it, I mean."),
            6
        );
        assert_eq!(fillers("It was kind of slow, actually."), 2);
    }

    #[test]
    fn the_same_words_with_a_meaning_do_not() {
        assert_eq!(fillers("You know what kind of cache I like; this sort of query."), 0);
        assert_eq!(fillers("That is what I mean. Do you know it? It looks like rain."), 0);
    }

    #[test]
    fn persons_count_contractions() {
        assert_eq!(
            persons("I'm sure we’ve met; my team and our boss told us."),
            Persons { i: 2, we: 3 }
        );
    }

    #[test]
    fn abbreviations_are_nobody() {
        assert_eq!(persons("I/O in the US, i.e. disks"), Persons::default());
        assert_eq!(persons("So did I. And I."), Persons { i: 2, we: 0 });
    }
}
