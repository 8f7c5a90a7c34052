//! What the candidate sees: speech, notices, the status line, the feedback.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use owo_colors::OwoColorize as _;

use crate::app::Input;
use crate::domain::{Purpose, Turn};
use crate::escape;

use super::command::{self, Command};

/// Between words of the interviewer's speech on a terminal: some 700 words a minute, quick to
/// read and still a voice.
const BREATH: Duration = Duration::from_millis(28);

/// How things look.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Columns to wrap at.
    pub width: usize,
    /// Whether to colour.
    pub color: bool,
    /// Whether a person watches: speech takes its time.
    pub live: bool,
    /// Whether what was written can be taken away again: a status line comes and goes.
    pub erases: bool,
}

/// Whether the interviewer speaks just now, and whether they were told to stop.
#[derive(Debug, Clone, Default)]
pub struct Hush(Arc<HushState>);

#[derive(Debug, Default)]
struct HushState {
    speaking: AtomicBool,
    hushed: AtomicBool,
}

impl Hush {
    /// Stops the speech; false if nobody speaks.
    pub fn hush(&self) -> bool {
        self.0.hushed.store(true, Ordering::Relaxed);
        self.0.speaking.load(Ordering::Relaxed)
    }

    fn begin(&self) {
        self.0.hushed.store(false, Ordering::Relaxed);
        self.0.speaking.store(true, Ordering::Relaxed);
    }

    fn end(&self) {
        self.0.speaking.store(false, Ordering::Relaxed);
    }

    fn hushed(&self) -> bool {
        self.0.hushed.load(Ordering::Relaxed)
    }
}

/// The candidate's side of the conversation, as text.
pub struct Console {
    out: Box<dyn Write + Send>,
    look: Look,
    hush: Hush,
    asked: Option<Turn>,
    since: Instant,
    busy: bool,
}

impl Console {
    /// A console that writes to `out`.
    pub fn new(out: Box<dyn Write + Send>, look: Look, hush: Hush) -> Self {
        Self { out, look, hush, asked: None, since: Instant::now(), busy: false }
    }

    /// The interviewer speaks.
    pub fn say(&mut self, turn: &Turn) -> io::Result<()> {
        if matches!(turn.purpose, Some(Purpose::Question | Purpose::Probe)) {
            self.asked = Some(turn.clone());
            self.since = Instant::now();
        }
        self.speak(&turn.text)
    }

    fn speak(&mut self, text: &str) -> io::Result<()> {
        self.quiet()?;
        let name = self.name("Interviewer");
        write!(self.out, "{name}: ")?;
        let mut lines = self.wrapped(text, "Interviewer: ".len()).into_iter().peekable();
        self.hush.begin();
        while let Some(line) = lines.next() {
            self.pace(&line)?;
            writeln!(self.out)?;
            if lines.peek().is_some() {
                write!(self.out, "  ")?;
            }
        }
        self.hush.end();
        writeln!(self.out)?;
        self.out.flush()
    }

    /// Writes a line word by word where a person watches, until hushed.
    fn pace(&mut self, line: &str) -> io::Result<()> {
        for word in line.split_inclusive(' ') {
            write!(self.out, "{word}")?;
            if self.look.live && !self.hush.hushed() {
                self.out.flush()?;
                std::thread::sleep(BREATH);
            }
        }
        Ok(())
    }

    /// What an input from a pipe or a list was, so that the output reads as a conversation.
    pub(super) fn heard(&mut self, input: &Input) -> io::Result<()> {
        let text = match input {
            Input::Answer(text) => text.clone(),
            Input::Skip => "/skip".to_owned(),
            Input::Hint => "/hint".to_owned(),
            Input::Dispute(n) => format!("/dispute {n}"),
            Input::End | Input::Leave | Input::Interrupt => return Ok(()),
        };
        let name = self.name("You");
        write!(self.out, "{name}: ")?;
        let lines = self.wrapped(&text, "You: ".len());
        writeln!(self.out, "{}\n", lines.join("\n  "))?;
        self.out.flush()
    }

    /// What the program is busy with, on a line that goes when it is done.
    pub fn busy(&mut self, what: &str) -> io::Result<()> {
        self.quiet()?;
        if self.look.erases && !what.is_empty() {
            let what = format!("… {what}");
            let what = if self.look.color { what.dimmed().to_string() } else { what };
            write!(self.out, "{what}")?;
            self.busy = true;
        }
        self.out.flush()
    }

    /// Something the candidate should know.
    pub fn notice(&mut self, text: &str) -> io::Result<()> {
        self.quiet()?;
        for line in self.wrapped(text, 0) {
            let line = if self.look.color { line.yellow().to_string() } else { line };
            writeln!(self.out, "{line}")?;
        }
        writeln!(self.out)?;
        self.out.flush()
    }

    /// The feedback, which comes wrapped and escaped.
    pub fn feedback(&mut self, text: &str, verdicts: usize) -> io::Result<()> {
        self.quiet()?;
        writeln!(self.out, "{}\n", text.trim_end())?;
        if self.look.live && verdicts > 0 {
            let how =
                "Think a verdict is wrong? /dispute N keeps that with the session. /quit leaves.";
            return self.notice(how);
        }
        self.out.flush()
    }

    /// Carries out a command that needs no application.
    pub(super) fn local(&mut self, command: &Command) -> io::Result<()> {
        match command {
            Command::Help => {
                self.quiet()?;
                writeln!(self.out, "{}", command::help())?;
                self.out.flush()
            }
            Command::Repeat => match self.asked.clone() {
                Some(turn) => self.speak(&turn.text),
                None => self.notice("Nothing has been asked yet."),
            },
            Command::Time => {
                let seconds = self.since.elapsed().as_secs();
                self.notice(&format!("{}:{:02} since the question.", seconds / 60, seconds % 60))
            }
            Command::Wrong(text) => self.notice(text),
            // These two never come here: one is the editor's business, the other the session's.
            Command::Done | Command::Input(_) => Ok(()),
        }
    }

    /// Whether colours are wanted.
    pub(super) fn look(&self) -> Look {
        self.look
    }

    fn name(&self, name: &str) -> String {
        if self.look.color { name.bold().cyan().to_string() } else { name.to_owned() }
    }

    /// Takes the status line away.
    fn quiet(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.busy) {
            write!(self.out, "\r\x1b[2K")?;
        }
        Ok(())
    }

    /// The text's lines, wrapped; the first one leaves room for what stands before it.
    fn wrapped(&self, text: &str, before: usize) -> Vec<String> {
        let indent = " ".repeat(before);
        let mut lines = Vec::new();
        for (i, paragraph) in escape::terminal(text).split('\n').enumerate() {
            let first = if i == 0 { indent.as_str() } else { "  " };
            let options = textwrap::Options::new(self.look.width.max(20))
                .initial_indent(first)
                .subsequent_indent("  ");
            lines.extend(textwrap::wrap(paragraph, options).iter().map(|line| {
                // The indent was for measuring: whoever prints the line sets it.
                let cut = line.strip_prefix(first).or_else(|| line.strip_prefix("  "));
                cut.unwrap_or(line).to_owned()
            }));
        }
        lines
    }
}
