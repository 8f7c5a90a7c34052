//! Feedback and whole sessions in Markdown.

use crate::domain::{Evidence, Speaker, Turn};
use crate::escape;

use super::document::SessionParts;
use super::view::{Counts, Entry, View};
use super::{MOST_LEFT_OUT, delivery_line, mark, more_left_out, score_line, shortened};

/// Renders a view. Entries are numbered as [`View::numbered`] counts them.
pub fn render(view: &View) -> String {
    let mut lines = vec![format!("## Feedback: {}", escape::markdown(&view.say)), String::new()];
    lines.push(escape::markdown(&score_line(view)));
    lines.extend(view.score.anchor.iter().map(|anchor| format!("\n{}", escape::markdown(anchor))));
    let mut number = view.first - 1;
    for (title, entries) in view.sections() {
        section(&title, entries, view.reference, &mut number, &mut lines);
    }
    mistakes(view, &mut number, &mut lines);
    left_out(&view.gate.aside, &mut lines);
    titled("Delivery", &mut lines);
    lines.push(delivery_line(view));
    if !view.next.is_empty() {
        titled("Next", &mut lines);
        lines.extend(view.next.iter().map(|advice| format!("- {}", escape::markdown(advice))));
    }
    lines.join("\n") + "\n"
}

/// Renders a session: what it was held with, what was said, and the feedback on it.
pub fn session(parts: &SessionParts) -> String {
    let mut lines = vec![format!("# Interview {}", escape::markdown(parts.id)), String::new()];
    let model = escape::markdown(&parts.model.name);
    let (started, seed) = (escape::markdown(parts.started), parts.seed.0);
    lines.push(format!("Started {started}, model {model}, seed {seed}."));
    for turn in parts.transcript.turns() {
        lines.push(String::new());
        lines.push(spoken(turn));
    }
    let feedback = parts.views.iter().map(|view| format!("\n{}", render(view)));
    lines.join("\n") + "\n" + &feedback.collect::<String>()
}

fn spoken(turn: &Turn) -> String {
    let speaker = match turn.speaker {
        Speaker::Interviewer => "Interviewer",
        Speaker::Candidate => "Candidate",
    };
    let lines: Vec<String> = turn.text.lines().map(escape::markdown).collect();
    // A line of its own for each, since Markdown would run them together.
    format!("**{speaker}** ({})\n\n> {}", turn.n, lines.join("\n>\n> "))
}

/// `said` is whether an entry itself says what to do.
fn section(
    title: &str,
    entries: &[Entry],
    said: bool,
    number: &mut usize,
    lines: &mut Vec<String>,
) {
    if entries.is_empty() {
        return;
    }
    titled(&format!("{} ({})", escape::markdown(title), Counts::of(entries)), lines);
    for entry in entries {
        *number += 1;
        let label = format!("{} {}", mark(entry.verdict), entry.verdict.name());
        lines.push(item(*number, &label, entry.disputed, &entry.text));
        under(&entry.evidence, entry.advice.as_deref().filter(|_| !said), lines);
    }
}

fn mistakes(view: &View, number: &mut usize, lines: &mut Vec<String>) {
    for (i, mistake) in view.flagged().enumerate() {
        if i == 0 {
            titled("Mistakes", lines);
        }
        *number += 1;
        let label = format!("! {}", mistake.form.name());
        lines.push(item(*number, &label, mistake.disputed, &mistake.text));
        under(&mistake.evidence, mistake.advice.as_deref(), lines);
    }
}

fn left_out(aside: &[Evidence], lines: &mut Vec<String>) {
    if aside.is_empty() {
        return;
    }
    titled("Left out", lines);
    let quote = |e: &Evidence| format!("- “{}”", escape::markdown(&shortened(&e.quote)));
    lines.extend(aside.iter().take(MOST_LEFT_OUT).map(quote));
    lines.extend(more_left_out(aside.len()).map(|more| format!("- {more}")));
}

fn titled(title: &str, lines: &mut Vec<String>) {
    lines.extend([String::new(), format!("### {title}"), String::new()]);
}

fn item(number: usize, label: &str, disputed: bool, text: &str) -> String {
    let disputed = if disputed { " (disputed)" } else { "" };
    format!("{number}. **{label}**{disputed}: {}", escape::markdown(text))
}

fn under(evidence: &[Evidence], advice: Option<&str>, lines: &mut Vec<String>) {
    let quote = |e: &Evidence| format!("    - “{}”", escape::markdown(&shortened(&e.quote)));
    lines.extend(evidence.iter().map(quote));
    lines.extend(advice.map(|advice| format!("    - → {}", escape::markdown(advice))));
}
