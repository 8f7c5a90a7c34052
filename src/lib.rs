//! A mock interviewer that runs on the candidate's own machine.
//!
//! **Code decides, the model phrases, the transcript proves.**
//!
//! # Map
//!
//! Pure: no I/O, no clock, no runtime, no model.
//! - [`domain`]: questions, criteria, turns, verdicts, as plain values
//! - [`text`]: sentences with byte spans, words, numbers with units, fillers
//! - [`prompt`]: what is said to a model, ours and anybody's kept apart
//! - [`knowledge`]: the bank: parse, validate, select
//! - [`interview`]: the interviewer as a machine of events and effects
//! - [`judge`]: statements to ask, insights to verdicts
//! - [`wording`]: guards over what a model drafted
//! - [`delivery`]: pace, fillers, I and we
//! - [`escape`]: foreign text on a terminal and in Markdown, shown and not obeyed
//! - [`feedback`]: one view of the outcome; terminal, Markdown and JSON
//!
//! Around it:
//! - [`engine`]: GGUF, tokenizer, chat template, decoder; knows nothing of interviews
//! - [`llm`]: the port to a model, and the thread that runs one
//! - [`catalog`]: which models there are, how to fetch and verify them
//! - [`store`]: the journal of events in `SQLite`
//! - [`files`]: folders, settings, overlays
//! - [`app`]: drives effects, feeds events
//! - [`ui`]: the terminal
//! - [`eval`]: fixed work that shows how fast a model is here
//! - [`cli`]: arguments, one file a subcommand
//!
//! # A turn's life
//!
//! An answer is sent: event `Answered`, stored, then effect `Judge`. [`judge`] turns the open
//! criteria into statements, [`llm`] returns an insight into each, [`judge`] concludes verdicts with
//! evidence: event `Judged`. The machine picks a probe: effect `Word`; [`llm`] drafts, [`wording`]
//! guards and picks: event `Worded`, effect `Say`, and the [`ui`] says it. Every event is stored
//! before its effect shows.

pub mod app;
pub mod catalog;
pub mod cli;
pub mod delivery;
pub mod domain;
pub mod engine;
pub mod escape;
pub mod eval;
pub mod feedback;
pub mod files;
pub mod interview;
pub mod judge;
pub mod knowledge;
pub mod llm;
pub mod prompt;
pub mod store;
pub mod text;
pub mod ui;
pub mod wording;
