//! The port to a language model, and its implementations.
//!
//! The application speaks to a model through [`Llm`] alone: it prefills a prefix, reads
//! what it makes of short branches, and has text drafted. Every request carries a [`Priority`]
//! and can be cancelled; a ticket that is dropped cancels its request.

mod disk;
mod drafting;
mod frame;
mod kept;
mod lane;
mod local;
mod meanings;
mod port;
mod queue;
mod reading;
mod scripted;
mod worker;

pub use local::{Local, OpenError};
pub use meanings::Meanings;
pub use port::{
    Branch, Context, DraftRequest, Llm, LlmError, Priority, Read, Reply, Sampling, Ticket,
};
pub use scripted::{Script, Scripted};
