//! What holds for every piece of text of the bank.

use super::fault::is_unsafe;

/// The longest texts, in characters. Generous for people, small for a prompt.
pub(super) mod cap {
    /// An id.
    pub(crate) const ID: usize = 64;
    /// A name or a term.
    pub(crate) const NAME: usize = 80;
    /// One sentence: a statement, a line of an outline.
    pub(crate) const SENTENCE: usize = 300;
    /// A few sentences: what is spoken, advice, a passage of an example.
    pub(crate) const PASSAGE: usize = 1200;
}

/// What is wrong with a text that should be one line of at most `longest` characters, and the
/// remedy.
pub(super) fn wrong(text: &str, longest: usize) -> Option<(String, String)> {
    if text.trim().is_empty() {
        return Some(("is empty".into(), "write it, or take the whole entry out".into()));
    }
    if let Some(c) = text.chars().find(|c| is_unsafe(*c)) {
        return Some(unsafe_character(c));
    }
    let length = text.chars().count();
    (length > longest).then(|| {
        (
            format!("has {length} characters, more than {longest}"),
            format!("shorten it to {longest} characters"),
        )
    })
}

fn unsafe_character(c: char) -> (String, String) {
    let remedy = match c {
        '\n' | '\r' => {
            "write it as one line; inside \"\"\" a backslash at a line's end joins lines"
        }
        '\t' => "write spaces instead",
        _ => "take it out: a terminal would obey it instead of showing it",
    };
    (format!("holds the control character U+{:04X}", u32::from(c)), remedy.into())
}
