//! Figures of how an answer was delivered.
