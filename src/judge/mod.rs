//! From criteria to statements, and from margins to verdicts with evidence.

mod gate;
mod gibberish;
mod person;

pub use gate::gate;
pub use person::third_person;
