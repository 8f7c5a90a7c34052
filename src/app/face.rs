//! The two channels between the application and whoever talks to the candidate.

use std::collections::VecDeque;

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
    /// Where inputs come from.
    pub input: Inputs,
    /// Whether the candidate can go on talking after the feedback.
    pub stays: bool,
}

/// Inputs, one at a time, in the order in which they come.
///
/// Those that belong together, such as an answer and the wish to end after it, are sent together:
/// whoever takes the first finds the next one waiting, however quick the work between them is.
#[derive(Debug)]
pub struct Inputs {
    sent: UnboundedReceiver<Vec<Input>>,
    waiting: VecDeque<Input>,
}

impl Inputs {
    /// Inputs from a channel.
    pub fn new(sent: UnboundedReceiver<Vec<Input>>) -> Self {
        Self { sent, waiting: VecDeque::new() }
    }

    /// The next input. Once whoever sends them has gone it is [`Input::Leave`], every time:
    /// there is nobody left to talk to. A call that is given up loses no input.
    pub async fn next(&mut self) -> Input {
        loop {
            if let Some(input) = self.waiting.pop_front() {
                return input;
            }
            match self.sent.recv().await {
                Some(inputs) => self.waiting.extend(inputs),
                None => return Input::Leave,
            }
        }
    }
}
