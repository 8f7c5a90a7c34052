//! One view of how an interview went, and its renderings.
//!
//! [`View::new`] puts verdicts and the bank's advice together; [`terminal`], [`markdown`] and
//! [`document`] (the JSON contracts) only render it. Nothing here judges, and nothing is praised
//! that no verdict backs.

mod advice;
pub mod document;
pub mod markdown;
mod score;
pub mod terminal;
mod view;

pub use document::{FeedbackDocument, SessionDocument, SessionParts};
pub use score::Score;
pub use terminal::Style;
pub use view::{Counts, Entry, MistakeEntry, View};

use crate::domain::Verdict;

/// The sign beside a verdict's word.
const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "✓",
        Verdict::Partly => "~",
        Verdict::Missing => "✗",
        Verdict::Unsure => "?",
    }
}

/// Characters of a quote that reports for reading show.
const LONG_QUOTE: usize = 240;

/// The quote, cut before a word and with an ellipsis where it is long.
fn shortened(quote: &str) -> String {
    let Some((end, _)) = quote.char_indices().nth(LONG_QUOTE) else { return quote.to_owned() };
    let cut = &quote[..end];
    let cut = cut.rsplit_once(char::is_whitespace).map_or(cut, |(whole, _)| whole);
    format!("{}…", cut.trim_end())
}

/// The figures of delivery in one line.
fn delivery_line(view: &View) -> String {
    let delivery = &view.delivery;
    let mut parts = vec![
        counted(delivery.words, "word"),
        match view.minutes {
            0 => format!("about {:.1} minutes", delivery.spoken_minutes),
            minutes => format!("about {:.1} of {minutes} minutes", delivery.spoken_minutes),
        },
        counted(delivery.numbers, "number"),
    ];
    parts.extend(delivery.i_share.map(|share| format!("I {:.0}% of I and we", share * 100.0)));
    parts.push(counted(delivery.fillers, "filler"));
    parts.join(", ")
}

fn counted(n: usize, word: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {word}{plural}")
}

/// The score in one line, or why there are no verdicts to compute one from.
fn score_line(view: &View) -> String {
    let basis = &view.score.basis;
    match (view.unjudged(), view.score.overall) {
        (Some(why), _) => why,
        (None, Some(overall)) => format!("Score {overall:.1} of 5: {basis}{}", left_out(view)),
        (None, None) => format!("No score: {basis}{}", left_out(view)),
    }
}

/// Sentences that were left out and are shown, at most: enough to see whether they were rightly.
const MOST_LEFT_OUT: usize = 5;

/// What stands for those that are not shown.
fn more_left_out(count: usize) -> Option<String> {
    (count > MOST_LEFT_OUT).then(|| format!("and {} more", count - MOST_LEFT_OUT))
}

/// How much of an answer was not judged, if anything.
fn left_out(view: &View) -> String {
    let what = &view.gate.reason;
    if what.is_empty() { String::new() } else { format!("; {what}") }
}

#[cfg(test)]
mod tests;
