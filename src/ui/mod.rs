//! The terminal, and whatever stands in for it: a pipe, a list of answers.
//!
//! A face runs on a thread of its own, since line editors block. It shows what the application
//! sends, and when the candidate has the word it asks its [`Source`] for one input.

mod command;
mod console;
mod editor;
mod guard;
mod lines;
mod source;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use crate::app::{Input, Show};

pub use console::{Console, Hush, Look};
pub use editor::Editor;
pub use guard::TerminalGuard;
pub use source::{Lines, Listed, Source};

/// Shows and listens until the application has no more to show.
pub fn talk(
    mut show: UnboundedReceiver<Show>,
    input: &UnboundedSender<Vec<Input>>,
    console: &mut Console,
    source: &mut dyn Source,
) -> std::io::Result<()> {
    while let Some(shown) = show.blocking_recv() {
        match shown {
            Show::Say(turn) => console.say(&turn)?,
            Show::Busy(what) => console.busy(&what)?,
            Show::Notice(text) => console.notice(&text)?,
            Show::Feedback { text, verdicts } => console.feedback(&text, verdicts)?,
            Show::Listen => {
                let inputs = source.next(console)?;
                // The application may have ended meanwhile; then nobody is there to hear.
                if input.send(inputs).is_err() {
                    break;
                }
            }
        }
    }
    Ok(())
}
