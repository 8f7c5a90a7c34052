//! Criteria: shared ones, those of a question, and those of a framework's steps.

use crate::domain::{Criterion, Fills};

use super::fields::Fields;
use super::lines::cap;
use super::names::Names;
use super::shelf::Shelf;
use super::statement;

/// Reads a file of `criteria/`.
pub(super) fn shared(fields: &mut Fields<'_>, stem: &str) -> Option<Criterion> {
    let id = fields.own_id(stem);
    body(fields, id)
}

/// Reads an entry of `looks_for` or `key_points`: one of its own, or a shared one with changes.
pub(super) fn listed(
    fields: &mut Fields<'_>,
    names: &mut Names,
    shelf: &Shelf,
) -> Option<Criterion> {
    if fields.has("use") { borrowed(fields, names, shelf) } else { own(fields, names) }
}

/// Reads a criterion whose id is its own, and claims that id.
pub(super) fn own(fields: &mut Fields<'_>, names: &mut Names) -> Option<Criterion> {
    let id = claimed(fields, "id", names);
    body(fields, id)
}

fn borrowed(fields: &mut Fields<'_>, names: &mut Names, shelf: &Shelf) -> Option<Criterion> {
    fields.forbid("id", "`use` brings the id of the shared criterion");
    fields.forbid("statements", "`use` brings the statements of the shared criterion");
    let id = claimed(fields, "use", names);
    let base = id.and_then(|id| shelf.criteria.find(&id, "use", fields.at("use"), fields.report));
    if base.is_none() {
        names.set_incomplete();
    }
    let text = fields.if_any("text", |f, key| f.line(key, cap::SENTENCE));
    let advice = fields.if_any("advice", |f, key| f.line(key, cap::PASSAGE));
    let probe = fields.if_any("probe", Fields::spoken);
    let fills = fields.if_any("fills", |f, _| fills(f));
    let base = base?.clone();
    Some(Criterion {
        text: text.unwrap_or(base.text),
        advice: advice.unwrap_or(base.advice),
        probe: probe.unwrap_or(base.probe),
        fills: fills.unwrap_or(base.fills),
        ..base
    })
}

/// The id that `key` gives, claimed for a criterion.
fn claimed(fields: &mut Fields<'_>, key: &'static str, names: &mut Names) -> Option<String> {
    let id = fields.id(key);
    match &id {
        Some(id) => names.claim(id, "criterion", fields.at(key), fields.report),
        None => names.set_incomplete(),
    }
    id
}

fn body(fields: &mut Fields<'_>, id: Option<String>) -> Option<Criterion> {
    let text = fields.line("text", cap::SENTENCE);
    let advice = fields.line("advice", cap::PASSAGE);
    let probe = fields.spoken("probe");
    let fills = fields.if_any("fills", |f, _| fills(f)).unwrap_or(Fills::Detail);
    let statements = statement::of_criterion(fields);
    Some(Criterion { id: id?, text: text?, advice: advice?, probe: probe?, fills, statements })
}

/// What a follow-up is about.
pub(super) fn fills(fields: &mut Fields<'_>) -> Option<Fills> {
    fields.choice("fills", Fills::ALL, Fills::name)
}
