//! Text as lists of words, as the rules about words want it.

use crate::text::{sentences, words};

/// Words beside something that "hardly a word" allows.
const ASIDE: usize = 8;

/// The words of a text in lower case, with plain apostrophes.
pub(super) fn spoken(text: &str) -> Vec<String> {
    words(text).map(|span| span.of(text).to_lowercase().replace('’', "'")).collect()
}

/// The words as one line, a space before and after each.
pub(super) fn line(words: &[String]) -> String {
    format!(" {} ", words.join(" "))
}

/// Whether one of the phrases is in the line, as whole words.
pub(super) fn has(line: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| line.contains(&format!(" {phrase} ")))
}

/// Whether the line begins with one of the phrases.
pub(super) fn begins(line: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| line.starts_with(&format!(" {phrase} ")))
}

/// Whether some sentences are of a sort, and the others have hardly a word.
pub(super) fn little_but(text: &str, of_the_sort: impl Fn(&str) -> bool) -> bool {
    let (mut found, mut aside) = (false, 0);
    for sentence in sentences(text).into_iter().map(|span| span.of(text)) {
        if of_the_sort(sentence) {
            found = true;
        } else {
            aside += spoken(sentence).len();
        }
        if aside > ASIDE {
            return false;
        }
    }
    found
}
