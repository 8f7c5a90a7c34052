//! The scale: what each score stands for.

use super::fields::Fields;
use super::lines::cap;

/// The one scale there is.
const ID: &str = "overall";

/// Reads a file of `scale/`: a line for each score, the lowest first.
pub(super) fn read(fields: &mut Fields<'_>, stem: &str) -> Option<Vec<String>> {
    let id = fields.own_id(stem)?;
    if id != ID {
        fields.fault("id", format!("there is no scale `{id}`"), "the one of scores is `overall`");
    }
    let anchors = fields.lines("anchors", 5..=5, cap::SENTENCE);
    Some(anchors.into_iter().map(|line| line.text).collect())
}
