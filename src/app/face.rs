//! The two channels between the application and whoever talks to the candidate.

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use crate::domain::Turn;

/// What the candidate is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Show {
    /// The interviewer speaks.
    Say(Turn),
    /// The candidate has the word: one [`Input`] is awaited.
    Listen,
    /// What the program is busy with; an empty text ends that.
    Busy(String),
    /// Something the candidate should know.
    Notice(String),
    /// The feedback, rendered, and how many verdicts it numbers.
    Feedback {
        /// The text.
        text: String,
        /// Verdicts that can be disputed, numbered from 1.
        verdicts: usize,
    },
}

/// What the candidate does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Sends an answer.
    Answer(String),
    /// Passes on what was asked.
    Skip,
    /// Asks for a hint.
    Hint,
    /// Wants no more questions, but the feedback.
    End,
    /// Leaves.
    Leave,
    /// Is told to stop from outside: Ctrl-C twice, or a signal.
    Interrupt,
    /// Disputes the verdict with this number.
    Dispute(usize),
}

/// The application's ends of the channels.
#[derive(Debug)]
pub struct Face {
    /// Where things to show go.
    pub show: UnboundedSender<Show>,
    /// Where inputs come from. A closed channel counts as [`Input::End`].
    pub input: UnboundedReceiver<Input>,
    /// Whether the candidate can go on talking after the feedback.
    pub stays: bool,
}
