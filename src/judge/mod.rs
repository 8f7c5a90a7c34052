//! From criteria to statements, and from margins to verdicts with evidence.

mod person;

pub use person::third_person;
