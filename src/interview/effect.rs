//! What a session asks of the shell around it.

use crate::domain::{Group, Probe, Turn};

/// Something to be done, after the event that asked for it is stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Say this.
    Say(Turn),
    /// Let the candidate speak.
    Listen,
    /// Judge the answers to an item by the criteria named; answered by `Judged`.
    Judge {
        /// Which item of the session.
        item: usize,
        /// The criteria still open, by group and id.
        open: Vec<(Group, String)>,
    },
    /// Find words for a follow-up; answered by `Worded`.
    Word {
        /// Which item of the session.
        item: usize,
        /// What to ask, in the bank's words.
        probe: Probe,
    },
    /// Judge the mistakes of an item, and once more what was met before its last answer; answered by `Reviewed`.
    Review {
        /// Which item of the session.
        item: usize,
    },
    /// Show the feedback.
    Finish,
    /// Leave without further ado.
    Leave,
}
