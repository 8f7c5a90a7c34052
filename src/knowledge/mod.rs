//! The bank: parse, validate, select.
//!
//! [`Source`]s go in, a [`Bank`] or every [`Fault`] of every file comes out. The contract is
//! `docs/knowledge.md`. A file is parsed into a tree that knows where everything stands; the
//! readers walk it with [`fields::Fields`], which notes a fault and reads on. What they refer to
//! is read before them: shared criteria, then frameworks, then questions, then rounds.

mod bank;
mod criterion;
mod fault;
mod fields;
mod framework;
mod keys;
mod lines;
mod names;
mod posed;
mod question;
mod scale;
mod select;
mod shelf;
mod source;
mod statement;
mod suggest;

#[cfg(test)]
mod tests;

pub use bank::Bank;
pub use fault::{Fault, disarmed};
pub use names::is_id;
pub use posed::kind_of;
pub use select::Filter;
pub use source::{Source, builtin, lay_over, template};
pub use suggest::nearest;
