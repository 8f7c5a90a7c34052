//! From criteria to statements, and from margins to verdicts with evidence.
//!
//! [`gate`] first: is there an answer at all? Then [`plan()`] turns open criteria into statements,
//! a model gives an [`Insight`](crate::domain::Insight) into each, [`decide`] says which hold and
//! by which sentences, and [`conclude`] puts the verdicts together. Nothing is met, and
//! nobody accused, without the candidate's own words. [`heard`] does what can be done without a
//! model. Every number decided by is in [`calibration`] and
//! [`inside`].

mod abuse;
mod answer;
mod beside;
pub mod calibration;
mod conclude;
mod coverage;
mod cues;
mod decide;
mod echo;
mod evidence;
mod gate;
mod gibberish;
mod heard;
mod inside;
mod orders;
mod person;
mod plan;
mod reference;
mod signals;
mod spoken;

pub use answer::{Answer, MOST_SENTENCES, Sentence};
pub use beside::{FEW, Remark, beside_the_point};
pub use calibration::{Band, Calibration, Call, FEATURES, Reading, Weights};
pub use conclude::{conclude, omitted};
pub use coverage::{CoverageWeights, coverage, words_said};
pub use decide::{Decision, Decisions, decide};
pub use evidence::{passage, quotes, shortlist};
pub use gate::{gate, gate_of_rest};
pub use heard::heard;
pub use inside::{AsideProbe, EvidenceWeights, LinearProbe, Passage, Probes, Said};
pub use person::third_person;
pub use plan::{Asked, Plan, Policy, plan};
pub use reference::{MOST_POINTS, NoPoint, against, by_criterion, points};

#[cfg(test)]
mod tests;
