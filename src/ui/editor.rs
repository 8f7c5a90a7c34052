//! Answers of several lines, typed at a terminal.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io;
use std::path::PathBuf;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Cmd, Config, Context, EventHandler, Helper, KeyCode, KeyEvent, Modifiers};

use crate::app::Input;

use super::command::{self, Command};
use super::{Console, Source};

const PROMPT: &str = "> ";

/// A line editor: an empty line or `/done` sends, pasted text keeps its lines.
pub struct Editor {
    inner: rustyline::Editor<Typing, FileHistory>,
    history: Option<PathBuf>,
    /// Text to go on with, after a Ctrl-C that did not mean to leave.
    draft: String,
    warned: bool,
}

impl Editor {
    /// An editor that keeps its history in a file, if one is given.
    pub fn new(history: Option<PathBuf>) -> io::Result<Self> {
        let config = Config::builder()
            .auto_add_history(false)
            .max_history_size(200)
            .map_err(io::Error::other)?
            .build();
        let mut inner = rustyline::Editor::with_config(config).map_err(io::Error::other)?;
        inner.set_helper(Some(Typing::default()));
        // Alt-Enter makes a new line anywhere, also where Enter would send.
        let alt_enter = KeyEvent(KeyCode::Enter, Modifiers::ALT);
        inner.bind_sequence(alt_enter, EventHandler::Simple(Cmd::Newline));
        if let Some(path) = &history {
            // None yet, or one that cannot be read: a history is not worth failing for.
            let _ = inner.load_history(path);
        }
        Ok(Self { inner, history, draft: String::new(), warned: false })
    }

    fn remember(&mut self, text: &str) {
        let Some(path) = &self.history else { return };
        let added = self.inner.add_history_entry(text).unwrap_or(false);
        if added && let Some(folder) = path.parent() {
            let _ = std::fs::create_dir_all(folder);
            // A history that cannot be written is no reason to lose the answer.
            let _ = self.inner.save_history(path);
        }
    }

    /// What a finished text means; none if it was only for the face.
    fn understand(&mut self, text: &str, console: &mut Console) -> io::Result<Option<Vec<Input>>> {
        let (body, last) = split_last(text);
        let command = command::parse(last, body.trim().is_empty());
        let body = body.trim_end_matches('\n');
        match command {
            None if text.trim().is_empty() => Ok(None),
            None => Ok(Some(self.answer(text.trim_end_matches('\n')))),
            Some(Command::Done) if body.trim().is_empty() => Ok(None),
            Some(Command::Done) => Ok(Some(self.answer(body))),
            Some(Command::Input(input)) => {
                let ends = matches!(input, Input::End | Input::Leave) && !body.trim().is_empty();
                let mut inputs = if ends { self.answer(body) } else { Vec::new() };
                inputs.push(input);
                Ok(Some(inputs))
            }
            Some(local) => {
                // What was written before the command is still being written.
                body.clone_into(&mut self.draft);
                console.local(&local)?;
                Ok(None)
            }
        }
    }

    fn answer(&mut self, text: &str) -> Vec<Input> {
        self.remember(text);
        vec![Input::Answer(text.to_owned())]
    }

    /// Ctrl-C: the first says how to leave and keeps what was typed, the second leaves.
    fn interrupted(&mut self, console: &mut Console) -> io::Result<Option<Vec<Input>>> {
        if self.warned {
            return Ok(Some(vec![Input::Interrupt]));
        }
        self.warned = true;
        if let Some(typing) = self.inner.helper() {
            self.draft = typing.draft.take();
        }
        console.notice("Ctrl-C again leaves; what you sent is kept. /end goes to the feedback.")?;
        Ok(None)
    }
}

impl Source for Editor {
    fn next(&mut self, console: &mut Console) -> io::Result<Vec<Input>> {
        self.warned = false;
        loop {
            let draft = std::mem::take(&mut self.draft);
            let prompt = if console.look().color { "\x1b[1;32m> \x1b[0m" } else { PROMPT };
            if let Some(typing) = self.inner.helper_mut() {
                prompt.clone_into(&mut typing.prompt);
            }
            let read = self.inner.readline_with_initial(PROMPT, (&draft, ""));
            let inputs = match read {
                Ok(text) => {
                    self.warned = false;
                    self.understand(&text, console)?
                }
                Err(ReadlineError::Interrupted) => self.interrupted(console)?,
                Err(ReadlineError::Eof) => Some(vec![Input::Leave]),
                Err(ReadlineError::Io(error)) => return Err(error),
                Err(other) => return Err(io::Error::other(other)),
            };
            if let Some(inputs) = inputs {
                return Ok(inputs);
            }
        }
    }
}

/// The text before the last line, and the last line.
fn split_last(text: &str) -> (&str, &str) {
    text.rfind('\n').map_or(("", text), |at| (&text[..at], &text[at + 1..]))
}

/// Whether Enter sends what was typed.
fn complete(text: &str) -> bool {
    let (body, last) = split_last(text);
    // The first line alone is a command or the beginning of an answer; later an empty line sends.
    command::parse(last, body.trim().is_empty()).is_some() || last.trim().is_empty()
}

/// What the editor asks while somebody types.
#[derive(Default)]
struct Typing {
    prompt: String,
    draft: RefCell<String>,
}

impl Validator for Typing {
    fn validate(&self, ctx: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if complete(ctx.input()) {
            ValidationResult::Valid(None)
        } else {
            ValidationResult::Incomplete
        })
    }
}

impl Hinter for Typing {
    type Hint = String;

    /// Sees every draft: what was typed so far survives a Ctrl-C this way.
    fn hint(&self, line: &str, _: usize, _: &Context<'_>) -> Option<String> {
        line.clone_into(&mut self.draft.borrow_mut());
        None
    }
}

impl Completer for Typing {
    type Candidate = String;

    fn complete(
        &self,
        line: &str,
        pos: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<String>)> {
        let typed = &line[..pos];
        let names = command::names().filter(|n| typed.starts_with('/') && n.starts_with(typed));
        Ok((0, names.map(str::to_owned).collect()))
    }
}

impl Highlighter for Typing {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, _: &'p str, _: bool) -> Cow<'b, str> {
        Cow::Borrowed(&self.prompt)
    }
}

impl Helper for Typing {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enter_sends_on_an_empty_line_a_command_and_nothing_else() {
        for (text, sends) in [
            ("I built it.", false),
            ("I built it.\n", true),
            ("one\ntwo", false),
            ("one\n\ntwo", false),
            ("one\n/done", true),
            ("/skip", true),
            ("/hnit", true),
            ("one\n/hnit", false),
            ("", true),
        ] {
            assert_eq!(complete(text), sends, "{text:?}");
        }
    }
}
