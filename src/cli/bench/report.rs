//! The figures for people.

use std::fmt::Write as _;

use super::document::{Document, Turn};
use crate::catalog::{Fit, human_bytes};
use crate::eval::{ANSWER_WORDS, KEEPS_UP, Pace, STATEMENTS, WITH_PAUSES};

/// The whole report.
pub(super) fn text(document: &Document) -> String {
    let mut text = format!("{}, {}\n\n", document.model.name, threads(document.threads));
    for (name, figure) in figures(document) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {name:<12}{figure}");
    }
    text + &conversation(document)
}

fn threads(threads: usize) -> String {
    if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") }
}

fn figures(document: &Document) -> Vec<(&'static str, String)> {
    let Document { prefill, decode, branches, read_gb_s: read, .. } = document;
    let (load, first) = (document.load_s, document.first_forward_s);
    let peak = document.peak_rss_bytes.map_or_else(|| "not known here".to_owned(), human_bytes);
    let share = decode.bandwidth_share * 100.0;
    vec![
        ("load", format!("ready in {load:.2} s, first token computed after {first:.2} s")),
        ("reading", format!("{} tokens at {} a second", prefill.tokens, digits(prefill.tok_s))),
        (
            "writing",
            format!(
                "{} tokens after {} at {} a second, {share:.0} % of what the memory gives",
                decode.tokens,
                decode.after,
                digits(decode.tok_s)
            ),
        ),
        (
            "statements",
            format!(
                "{} of {} tokens each, about {} tokens, in {} s",
                branches.count,
                branches.tokens_each,
                branches.prefix,
                digits(branches.seconds)
            ),
        ),
        ("memory", format!("{peak} at most, for the tokens read and written")),
        ("bandwidth", format!("{:.1} GB/s before, {:.1} GB/s after", read.before, read.after)),
    ]
}

/// A figure with one decimal where it is small.
fn digits(figure: f64) -> String {
    if figure < 99.95 { format!("{figure:.1}") } else { format!("{figure:.0}") }
}

fn conversation(document: &Document) -> String {
    let mut text = format!(
        "\nA conversation here, estimated from these figures by the size of each model: an answer \
         of\n{ANSWER_WORDS} words is read, {STATEMENTS} statements about it are judged, the \
         follow-up begins; nothing of it\ndone while you type. The further a size is from {}'s, \
         the rougher.\n\n",
        document.model.name
    );
    let fitting = |pace| move |turn: &&Turn| turn.pace == pace && turn.fit != Fit::TooLarge;
    let turns = || document.conversation.iter();
    let groups = [
        (format!("keeps up, within {KEEPS_UP:.0} s"), list(turns().filter(fitting(Pace::KeepsUp)))),
        (
            format!("with pauses, within {WITH_PAUSES:.0} s"),
            list(turns().filter(fitting(Pace::WithPauses))),
        ),
        ("too slow".to_owned(), list(turns().filter(fitting(Pace::TooSlow)))),
        (
            "too large for this memory".to_owned(),
            list(turns().filter(|turn| turn.fit == Fit::TooLarge)),
        ),
    ];
    for (group, models) in groups.iter().filter(|(_, models)| !models.is_empty()) {
        let _ = writeln!(text, "  {group}\n{models}");
    }
    text
}

/// Models with their seconds, one a line.
fn list<'a>(turns: impl Iterator<Item = &'a Turn>) -> String {
    turns.map(|turn| format!("    {:<22}{:>5} s\n", turn.model, digits(turn.estimated_s))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::bench::document::example;

    #[test]
    fn the_report_is_short_and_marks_what_is_an_estimate() {
        insta::assert_snapshot!(text(&example()), @r"
        medium, 2 threads

          load        ready in 0.21 s, first token computed after 0.24 s
          reading     512 tokens at 170 a second
          writing     64 tokens after 512 at 40.0 a second, 80 % of what the memory gives
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
