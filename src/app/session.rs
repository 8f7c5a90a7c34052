//! A session under way: the machine and its journal, kept in step.

use crate::interview::{Effect, Event, Misplaced, Opening, State};
use crate::store::{Journal, Store, StoreError};

/// A machine whose every event is stored before its effects are carried out.
pub struct Session {
    state: State,
    journal: Journal,
}

/// Why an event was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It cannot happen now.
    #[error(transparent)]
    Misplaced(#[from] Misplaced),
}

impl Session {
    /// Begins a session: its effects, and itself.
    pub fn begin(store: &Store, opening: Opening) -> Result<(Self, Vec<Effect>), SessionError> {
        let started = Event::Started(Box::new(opening));
        let mut state = State::new();
        let effects = state.handle(started.clone())?;
        let journal = store.begin(&started)?;
        Ok((Self { state, journal }, effects))
    }

    /// Takes an event: checked, stored, then in force. On an error nothing has happened.
    #[allow(clippy::needless_pass_by_value, reason = "whoever reports an event is done with it")]
    pub fn commit(&mut self, event: Event) -> Result<Vec<Effect>, SessionError> {
        let mut next = self.state.clone();
        let effects = next.handle(event.clone())?;
        self.journal.append(&event)?;
        self.state = next;
        Ok(effects)
    }

    /// Where the session stands.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The session's id.
    pub fn id(&self) -> &str {
        self.journal.id()
    }
}
