//! What is wrong with a file, where, and what to do about it.

use std::fmt;

use serde::Serialize;

use super::Source;

/// Something wrong with a file of the bank. Sorts by place; shows nothing that a terminal would
/// obey.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    /// The file, as [`Source::shown`] names it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong, without a full stop. Holds no control character of the file.
    pub what: String,
    /// What to do about it, without a full stop.
    pub remedy: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, what, remedy } = self;
        let file = disarmed(file);
        write!(f, "{file}:{line}:{column}: {what}\n  → {remedy}")
    }
}

/// The faults of one file, by byte offset.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<(usize, String, String)>);

impl Report {
    /// Notes a fault at the byte offset `at`.
    pub(super) fn add(&mut self, at: usize, what: impl Into<String>, remedy: impl Into<String>) {
        self.0.push((at, what.into(), remedy.into()));
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults with their places in `source`.
    pub(super) fn locate(self, source: &Source) -> impl Iterator<Item = Fault> {
        self.0.into_iter().map(move |(at, what, remedy)| {
            let (line, column) = place(&source.text, at);
            Fault { file: source.shown.clone(), line, column, what, remedy }
        })
    }
}

/// Line and column, both from 1, of a byte offset; of the end where it lies beyond.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(at)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Characters of a file's text that a fault repeats at most.
const QUOTED: usize = 60;

/// Text of a file as a fault shows it: short, in back-ticks, without anything that a terminal
/// would obey.
pub(super) fn quoted(text: &str) -> String {
    let start: String = text.chars().take(QUOTED).collect();
    let rest = if start.len() < text.len() { "…" } else { "" };
    format!("`{}{rest}`", disarmed(&start))
}

/// Text with the code of a character in place of each that a terminal would obey.
pub fn disarmed(text: &str) -> String {
    text.chars().fold(String::new(), |mut shown, c| {
        if is_unsafe(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
        shown
    })
}

/// Whether a terminal would obey the character instead of showing it: control characters, and
/// those that reorder the text around them.
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::{place, quoted};

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let text = "id = \"é\"\nsay = 3\n";
        assert_eq!(place(text, 0), (1, 1));
        assert_eq!(place(text, text.find('3').unwrap()), (2, 7));
        assert_eq!(place("é = 1", 3), (1, 3));
        assert_eq!(place(text, 999), (3, 1));
    }

    #[test]
    fn quoting_disarms_and_shortens() {
        assert_eq!(quoted("\u{1b}[31mred"), "`\\u{1b}[31mred`");
        assert_eq!(quoted("\u{202e}abc"), "`\\u{202e}abc`");
        assert_eq!(quoted(&"x".repeat(100)).chars().count(), 63);
    }
}
