//! Feedback for a terminal.

use owo_colors::OwoColorize;
use textwrap::Options;

use crate::domain::{Evidence, Speaker, Turn, Verdict};
use crate::escape;

use super::document::SessionParts;
use super::view::{Counts, Entry, MistakeEntry, View};
use super::{MOST_LEFT_OUT, delivery_line, more_left_out, score_line, shortened};

/// What the terminal can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to colour; nothing is told by colour alone.
    pub color: bool,
    /// Columns.
    pub width: usize,
}

/// Columns below which wrapping makes things worse.
const NARROWEST: usize = 24;
/// Where the text under an entry begins.
const INDENT: &str = "     ";

/// Renders a view. Entries are numbered as [`View::numbered`] counts them.
pub fn render(view: &View, style: Style) -> String {
    let mut page = Page { text: String::new(), style };
    page.heading(&format!("Feedback: {}", view.say));
    page.wrapped("", "", &score_line(view));
    if let Some(anchor) = &view.score.anchor {
        page.wrapped("", "", anchor);
    }
    let mut number = view.first - 1;
    for (title, entries) in view.sections() {
        page.section(&title, entries, view.reference, &mut number);
    }
    page.mistakes(view, &mut number);
    page.left_out(&view.gate.aside);
    page.titled("Delivery");
    page.wrapped("  ", "  ", &delivery_line(view));
    page.next(&view.next);
    page.text
}

/// Renders a session: what was said, and the feedback on it.
pub fn session(parts: &SessionParts, style: Style) -> String {
    let mut page = Page { text: String::new(), style };
    let model = &parts.model.name;
    page.heading(&format!("Session {}, {}, model {model}", parts.id, parts.started));
    for turn in parts.transcript.turns() {
        page.text.push('\n');
        page.spoken(turn);
    }
    for view in parts.views {
        page.text.push('\n');
        page.text.push_str(&render(view, style));
    }
    page.text
}

struct Page {
    text: String,
    style: Style,
}

/// What a piece of text is, as far as colour goes.
#[derive(Clone, Copy)]
enum Tone {
    Heading,
    Good,
    Middling,
    Bad,
}

impl Page {
    /// `said` is whether an entry itself says what to do.
    fn section(&mut self, title: &str, entries: &[Entry], said: bool, number: &mut usize) {
        if entries.is_empty() {
            return;
        }
        self.titled(&format!("{title} ({})", Counts::of(entries)));
        for entry in entries {
            *number += 1;
            let (mark, tone) = mark(entry.verdict);
            let label = format!("{mark} {}", entry.verdict.name());
            self.entry(*number, &label, tone, &entry.text, entry.disputed);
            self.under(&entry.evidence, entry.advice.as_deref().filter(|_| !said));
        }
    }

    fn mistakes(&mut self, view: &View, number: &mut usize) {
        for (i, mistake) in view.flagged().enumerate() {
            if i == 0 {
                self.titled("Mistakes");
            }
            *number += 1;
            self.mistake(*number, mistake);
        }
    }

    fn left_out(&mut self, aside: &[Evidence]) {
        if aside.is_empty() {
            return;
        }
        self.titled("Left out");
        let shown = aside.len().min(MOST_LEFT_OUT);
        self.under(&aside[..shown], None);
        if let Some(more) = more_left_out(aside.len()) {
            self.wrapped(INDENT, INDENT, &more);
        }
    }

    fn mistake(&mut self, number: usize, mistake: &MistakeEntry) {
        let label = format!("! {}", mistake.form.name());
        self.entry(number, &label, Tone::Bad, &mistake.text, mistake.disputed);
        self.under(&mistake.evidence, mistake.advice.as_deref());
    }

    fn entry(&mut self, number: usize, label: &str, tone: Tone, text: &str, disputed: bool) {
        let label = self.painted(label, tone);
        let disputed = if disputed { " (disputed)" } else { "" };
        self.wrapped(&format!("{number:>2} {label}{disputed}: "), INDENT, text);
    }

    fn under(&mut self, evidence: &[Evidence], advice: Option<&str>) {
        for evidence in evidence {
            self.wrapped(INDENT, INDENT, &format!("“{}”", shortened(&evidence.quote)));
        }
        if let Some(advice) = advice {
            self.wrapped(&format!("{INDENT}→ "), &format!("{INDENT}  "), advice);
        }
    }

    fn spoken(&mut self, turn: &Turn) {
        let name = match turn.speaker {
            Speaker::Interviewer => "Interviewer: ",
            Speaker::Candidate => "You: ",
        };
        for (i, line) in turn.text.lines().enumerate() {
            self.wrapped(if i == 0 { name } else { "  " }, "  ", line);
        }
    }

    fn next(&mut self, next: &[String]) {
        if next.is_empty() {
            return;
        }
        self.titled("Next");
        for advice in next {
            self.wrapped("  → ", "    ", advice);
        }
    }

    fn titled(&mut self, title: &str) {
        self.text.push('\n');
        self.heading(title);
    }

    fn heading(&mut self, title: &str) {
        for line in self.lines("", "", title) {
            let line = self.painted(&line, Tone::Heading);
            self.text.push_str(&line);
            self.text.push('\n');
        }
    }

    /// Adds foreign text, wrapped; the first line begins with `first`, the others with `rest`.
    fn wrapped(&mut self, first: &str, rest: &str, text: &str) {
        for line in self.lines(first, rest, text) {
            self.text.push_str(&line);
            self.text.push('\n');
        }
    }

    fn lines(&self, first: &str, rest: &str, text: &str) -> Vec<String> {
        let options = Options::new(self.style.width.max(NARROWEST))
            .initial_indent(first)
            .subsequent_indent(rest);
        let text = escape::line(text);
        textwrap::wrap(&text, options).into_iter().map(std::borrow::Cow::into_owned).collect()
    }

    fn painted(&self, text: &str, tone: Tone) -> String {
        if !self.style.color {
            return text.to_owned();
        }
        match tone {
            Tone::Heading => text.bold().to_string(),
            Tone::Good => text.green().to_string(),
            Tone::Middling => text.yellow().to_string(),
            Tone::Bad => text.red().to_string(),
        }
    }
}

fn mark(verdict: Verdict) -> (&'static str, Tone) {
    (
        super::mark(verdict),
        match verdict {
            Verdict::Met => Tone::Good,
            Verdict::Partly | Verdict::Unsure => Tone::Middling,
            Verdict::Missing => Tone::Bad,
        },
    )
}
