//! The figures for people.

use std::fmt::Write as _;

use super::document::{Branches, Decode, Document, Turn};
use crate::catalog::{Fit, human_bytes};
use crate::eval::{ANSWER_WORDS, KEEPS_UP, Pace, STATEMENTS, WITH_PAUSES};

/// The whole report.
pub(super) fn text(document: &Document) -> String {
    let on = format!("{}, {}", document.device, threads(document.threads));
    let mut text = format!("{} on {on}\n\n", document.model.name);
    for (name, figure) in figures(document) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {name:<12}{figure}");
    }
    text + &conversation(document)
}

fn threads(threads: usize) -> String {
    if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") }
}

fn figures(document: &Document) -> [(&'static str, String); 6] {
    let (load, first) = (document.load_s, document.first_forward_s);
    let Document { prefill, read_gb_s: read, .. } = document;
    let peak = document.peak_rss_bytes.map_or_else(|| "not known here".to_owned(), human_bytes);
    [
        ("load", format!("ready in {load:.2} s, first token computed after {first:.2} s")),
        ("reading", format!("{} tokens at {} a second", prefill.tokens, digits(prefill.tok_s))),
        ("writing", writing(&document.decode)),
        ("statements", statements(&document.branches)),
        ("memory", format!("{peak} at most, for the tokens read and written")),
        ("bandwidth", format!("{:.1} GB/s before, {:.1} GB/s after", read.before, read.after)),
    ]
}

fn writing(decode: &Decode) -> String {
    let Decode { tokens, after, tok_s, bandwidth_share: share } = decode;
    let share = share.map(|share| format!(", {:.0} % of the bandwidth", share * 100.0));
    let (rate, share) = (digits(*tok_s), share.unwrap_or_default());
    format!("{tokens} tokens after {after} at {rate} a second{share}")
}

fn statements(branches: &Branches) -> String {
    let Branches { count, tokens_each, prefix, seconds } = branches;
    let seconds = digits(*seconds);
    format!("{count} of {tokens_each} tokens each, about {prefix} tokens, in {seconds} s")
}

/// A figure with one decimal where it is small.
fn digits(figure: f64) -> String {
    if figure < 99.95 { format!("{figure:.1}") } else { format!("{figure:.0}") }
}

fn conversation(document: &Document) -> String {
    let mut text = basis(&document.model.name);
    for group in Group::ALL {
        let mut turns = document.conversation.iter().filter(|turn| group == Group::of(turn));
        if let Some(first) = turns.next() {
            let _ = writeln!(text, "\n  {}", group.title());
            for turn in [first].into_iter().chain(turns) {
                let seconds = digits(turn.estimated_s);
                let _ = writeln!(text, "    {:<22}{seconds:>5} s", turn.model);
            }
        }
    }
    text
}

/// What the estimate rests on.
fn basis(measured: &str) -> String {
    format!(
        "\nA conversation here, estimated from these figures by the size of each model: an answer \
         of\n{ANSWER_WORDS} words is read, {STATEMENTS} statements about it are judged, the \
         follow-up begins; nothing of it\ndone while you type. The further a size is from \
         {measured}'s, the rougher.\n"
    )
}

/// Under which title a model is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Fitting(Pace),
    TooLarge,
}

impl Group {
    const ALL: [Self; 4] = [
        Self::Fitting(Pace::KeepsUp),
        Self::Fitting(Pace::WithPauses),
        Self::Fitting(Pace::TooSlow),
        Self::TooLarge,
    ];

    fn of(turn: &Turn) -> Self {
        match turn.fit {
            Fit::Fits | Fit::Tight => Self::Fitting(turn.pace),
            Fit::TooLarge => Self::TooLarge,
        }
    }

    fn title(self) -> String {
        match self {
            Self::Fitting(Pace::KeepsUp) => format!("keeps up, within {KEEPS_UP:.0} s"),
            Self::Fitting(Pace::WithPauses) => format!("with pauses, within {WITH_PAUSES:.0} s"),
            Self::Fitting(Pace::TooSlow) => "too slow".to_owned(),
            Self::TooLarge => "too large for this memory".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::bench::document::example;

    #[test]
    fn the_report_is_short_and_marks_what_is_an_estimate() {
        insta::assert_snapshot!(text(&example()), @r"
        medium on cpu, 2 threads

          load        ready in 0.21 s, first token computed after 0.24 s
          reading     512 tokens at 170 a second
          writing     64 tokens after 512 at 40.0 a second, 80 % of the bandwidth
          statements  25 of 40 tokens each, about 600 tokens, in 7.5 s
          memory      1.20 GB at most, for the tokens read and written
          bandwidth   50.0 GB/s before, 40.0 GB/s after

        A conversation here, estimated from these figures by the size of each model: an answer of
        250 words is read, 25 statements about it are judged, the follow-up begins; nothing of it
        done while you type. The further a size is from medium's, the rougher.

          keeps up, within 10 s
            small                   1.2 s

          with pauses, within 30 s
            medium                 11.5 s

          too slow
            large                  34.6 s

          too large for this memory
            huge                    104 s
        ");
    }
}
