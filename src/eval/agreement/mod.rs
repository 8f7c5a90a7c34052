//! How well the judge agrees with people: labelled answers in, figures out.
//!
//! - `rows`: the labelled answers, and what they are about
//! - `kept`: what the model made of them, kept so that fitting and reporting rerun in seconds
//! - `cases`: that and labels side by side, statement by statement
//! - `report`: the figures of one task, with intervals, beside baselines
//! - `figures`, `bootstrap`: the formulas
//! - `fit`: a calibration from cases
//! - `weigh`: cases as rows of a regression
//! - `worth`: what each signal is worth
//! - `probes`: what to read inside a model, from cases
//! - `asides`: which sentences are beside the point, likewise
//! - `states`: hidden states with their labels, and probes of them
//! - `linear`: the regressions of all three
//! - `reference`: marked answers instead of labelled ones

mod asides;
mod bootstrap;
mod cases;
mod figures;
mod fit;
mod kept;
mod linear;
mod probes;
mod reference;
mod report;
mod rows;
mod states;
mod weigh;
mod worth;

pub use asides::{AsideFit, Line, Talk, fit_aside, talks};
pub use bootstrap::Interval;
pub use cases::{Case, cases};
pub use fit::{TooFew, fit};
pub use kept::Kept;
pub use probes::{fit_probes, rank_heads};
pub use reference::{
    Coverage, Marked, ReferenceReport, fit_coverage, fit_points, marked, reference_report,
};
pub use report::{Report, Task, report};
pub use rows::{OWN as OWN_CRITERION, Row, RowFault, rows};
pub use worth::{Worths, worths};
