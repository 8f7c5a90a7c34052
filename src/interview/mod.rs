//! The interviewer as a pure machine: events in, effects out.
//!
//! [`State::handle`] takes an [`Event`] and returns the [`Effect`]s it asks for. There is no
//! clock, no I/O and no model in here: a session is its list of events, and the same events make
//! the same state.

mod effect;
mod event;
mod hint;
mod ladder;
mod state;
#[cfg(test)]
mod tests;

pub use crate::domain::Target;
pub use effect::Effect;
pub use event::{Event, Judgement, Opening, Options};
pub use state::{Item, Misplaced, Phase, State};
