//! Words: the unit in which speech is counted.

use super::Span;

/// The words of a text, in order.
///
/// A word is a run of letters and digits; an apostrophe inside it belongs to it ("didn't"), as do
/// a point and a comma between digits ("3.5", "1,200"). A hyphen or a slash ends it: "on-call" is
/// two words, as it is spoken. In scripts without spaces every character counts as a word.
pub fn words(text: &str) -> impl Iterator<Item = Span> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(char::is_alphanumeric)?;
        let end = end_of_word(text, start);
        at = end;
        Some(Span { start, end })
    })
}

/// Whether the character is written without spaces around words: Han, Hiragana, Katakana.
pub(super) const fn stands_alone(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

fn end_of_word(text: &str, start: usize) -> usize {
    let mut chars = text[start..].char_indices().peekable();
    let mut previous = None;
    while let Some((offset, c)) = chars.next() {
        let next = chars.peek().map(|&(_, c)| c);
        let breaks = previous.is_some_and(stands_alone) || (previous.is_some() && stands_alone(c));
        if breaks || !(c.is_alphanumeric() || joins(previous, c, next)) {
            return start + offset;
        }
        previous = Some(c);
    }
    text.len()
}

/// Whether a character that is neither letter nor digit holds a word together.
fn joins(previous: Option<char>, c: char, next: Option<char>) -> bool {
    let between = |test: fn(char) -> bool| previous.is_some_and(test) && next.is_some_and(test);
    match c {
        '\'' | '’' => between(char::is_alphabetic),
        '.' | ',' => between(|c| c.is_ascii_digit()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    fn found(text: &str) -> Vec<&str> {
        words(text).map(|span| span.of(text)).collect()
    }

    #[test]
    fn apostrophes_and_decimals_stay_inside_words() {
        assert_eq!(
            found("I didn't, it’s 3.5 or 1,200."),
            ["I", "didn't", "it’s", "3.5", "or", "1,200"]
        );
    }

    #[test]
    fn quotes_hyphens_and_slashes_end_words() {
        assert_eq!(found("'on-call' I/O v2."), ["on", "call", "I", "O", "v2"]);
    }

    #[test]
    fn scripts_without_spaces_count_by_character() {
        assert_eq!(found("我用Kafka。"), ["我", "用", "Kafka"]);
    }

    #[test]
    fn marks_alone_are_no_words() {
        assert_eq!(found(" … — 🙂 \u{1b} "), Vec::<&str>::new());
    }
}
