//! Drives a session: feeds events to the machine, carries out its effects.
//!
//! The application owns the clock and the channels. What the candidate does arrives as
//! [`Input`], what they are shown leaves as [`Show`]; whoever is at the other end (the terminal,
//! a pipe, a test) is a *face*.

mod ahead;
mod asides;
mod conversation;
mod drive;
mod face;
mod grade;
mod judging;
mod known;
mod leanings;
mod prompts;
mod report;
mod session;
mod wording;

pub use asides::Doubt;
pub use drive::{Interview, Outcome, Setup};
pub use face::{Face, Input, Inputs, Show};
pub use grade::{Asking, Doubting, Given, grade};
pub use known::Known;
pub use prompts::Prompts;
pub use report::{Record, Report, reports};
pub use session::{Session, SessionError};

#[cfg(test)]
mod stand_in;
#[cfg(test)]
mod tests;
