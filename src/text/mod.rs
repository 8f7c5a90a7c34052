//! Sentences with byte spans, words, numbers with units, fillers.
//!
//! Everything works on the text as sent and answers in byte spans of it, so that whatever is
//! found can be quoted. Every function is total: any string is a text, and each takes time in
//! proportion to its length.

mod habits;
mod numbers;
mod sentences;
mod terms;
mod vocabulary;
mod words;

pub use habits::{Persons, fillers, persons};
pub use numbers::numbers;
pub use sentences::sentences;
pub use terms::contains_term;
pub use words::words;

/// A piece of a text: bytes `start..end`, both on character boundaries of the text it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset past the last byte.
    pub end: usize,
}

impl Span {
    /// The slice of `text`, which has to be the text the span was found in.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// The bytes of the span, counted in a text in which this one begins at `offset`.
    #[must_use]
    pub const fn shifted(self, offset: usize) -> Self {
        Self { start: self.start + offset, end: self.end + offset }
    }
}
