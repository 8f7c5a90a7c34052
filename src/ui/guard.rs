//! Leaves the terminal as it was found, however the program ends.

use std::io::{self, Write as _};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// Holds the terminal's settings and puts them back when dropped. A line editor that is in the
/// middle of a line when a signal ends the program would leave raw mode behind otherwise.
pub struct TerminalGuard {
    saved: Option<Termios>,
}

impl TerminalGuard {
    /// Remembers the settings of the terminal on stdin, if there is one.
    pub fn new() -> Self {
        Self { saved: tcgetattr(io::stdin()).ok() }
    }
}

impl Default for TerminalGuard {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        let Some(saved) = &self.saved else { return };
        let Ok(now) = tcgetattr(io::stdin()) else { return };
        // Only if the editor was in the middle of a line: then its modes are still on.
        if now.local_modes != saved.local_modes {
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, saved);
            // Bracketed paste off, and off the half-written line.
            let _ = write!(io::stdout(), "\x1b[?2004l\r\n").and_then(|()| io::stdout().flush());
        }
    }
}
