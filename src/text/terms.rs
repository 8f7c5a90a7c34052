//! Whether a term of the bank was heard.

use super::{Span, words};

/// Whether a term was said.
///
/// The words of a term are lower-case beginnings of words: "profil" is heard in "profiling". A
/// term of several words wants them in a row; hyphens and slashes separate words in both, so that
/// "dead letter" is heard in "dead-letter queue". Of such a term a word of up to three letters
/// must stand whole unless it comes last: "on call" is not heard in "only called".
pub fn contains_term(text: &str, term: &str) -> bool {
    let term: Vec<&str> = words(term).map(|span| span.of(term)).collect();
    let text_words: Vec<Span> = words(text).collect();
    !term.is_empty() && text_words.windows(term.len()).any(|window| heard(text, window, &term))
}

fn heard(text: &str, window: &[Span], term: &[&str]) -> bool {
    window.iter().zip(term).enumerate().all(|(i, (span, beginning))| {
        let whole = i + 1 < term.len() && beginning.chars().count() <= 3;
        begins(span.of(text), beginning, whole)
    })
}

fn begins(word: &str, beginning: &str, whole: bool) -> bool {
    let mut letters = word.chars().flat_map(char::to_lowercase);
    beginning.chars().flat_map(char::to_lowercase).all(|c| letters.next() == Some(c))
        && !(whole && letters.next().is_some())
}

#[cfg(test)]
mod tests {
    use super::contains_term;

    #[test]
    fn terms_are_beginnings_of_words() {
        assert!(contains_term("We were Profiling it.", "profil"));
        assert!(contains_term("Façade first", "façade"));
        assert!(!contains_term("unprofiled", "profil"));
    }

    #[test]
    fn several_words_match_in_a_row() {
        assert!(contains_term("a dead-letter queue", "dead letter"));
        assert!(contains_term("we rolled back", "roll back"));
        assert!(contains_term("I/O bound", "i/o"));
        assert!(!contains_term("the letter is dead", "dead letter"));
        assert!(!contains_term("dead", "dead letter"));
    }

    #[test]
    fn short_first_words_match_whole() {
        assert!(contains_term("I was on-call", "on call"));
        assert!(!contains_term("I only called", "on call"));
    }

    #[test]
    fn a_term_without_words_is_never_heard() {
        assert!(!contains_term("anything", ""));
        assert!(!contains_term("anything", "–"));
    }
}
