//! Text as lists of words, as the rules about words want it.

use crate::text::words;

/// The words of a text in lower case, with plain apostrophes.
pub(super) fn spoken(text: &str) -> Vec<String> {
    words(text).map(|span| span.of(text).to_lowercase().replace('’', "'")).collect()
}

/// The words as one line, a space before and after each.
pub(super) fn line<T: AsRef<str>>(words: &[T]) -> String {
    let mut line = String::from(" ");
    for word in words {
        line.push_str(word.as_ref());
        line.push(' ');
    }
    line
}

/// Whether one of the phrases is in the line, as whole words.
pub(super) fn has(line: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| line.contains(&format!(" {phrase} ")))
}

/// Whether the line begins with one of the phrases.
pub(super) fn begins(line: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| line.strip_prefix(' ').is_some_and(|line| starts(line, phrase)))
}

fn starts(line: &str, phrase: &str) -> bool {
    line.strip_prefix(phrase).is_some_and(|rest| rest.starts_with(' '))
}
