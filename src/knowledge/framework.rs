//! Frameworks: the shapes of answers.

use crate::domain::{Framework, Step};

use super::criterion;
use super::fields::Fields;
use super::lines::cap;
use super::names::Names;

/// Reads a file of `frameworks/`.
pub(super) fn read(fields: &mut Fields<'_>, stem: &str) -> Option<Framework> {
    let id = fields.own_id(stem);
    let name = fields.line("name", cap::NAME);
    let when = fields.line("when", cap::PASSAGE);
    let heard = fields.line("heard", cap::PASSAGE);
    let mut names = Names::default();
    let steps = fields.tables("steps", 2..=10, |f| step(f, &mut names));
    Some(Framework { id: id?, name: name?, when: when?, heard: heard?, steps })
}

fn step(fields: &mut Fields<'_>, names: &mut Names) -> Option<Step> {
    let name = fields.line("name", cap::NAME);
    let criterion = criterion::own(fields, names);
    Some(Step { name: name?, criterion: criterion? })
}
