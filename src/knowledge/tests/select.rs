//! Which questions pass a filter, and which one is asked.

use std::collections::BTreeSet;

use super::sound;
use crate::domain::{Level, QuestionKind, Seed};
use crate::knowledge::{Bank, Filter};

fn ids(filter: &Filter) -> Vec<String> {
    let bank = Bank::load(&sound()).expect("a sound bank");
    bank.select(filter).iter().map(|question| question.id.clone()).collect()
}

#[test]
fn every_part_of_a_filter_has_to_hold() {
    assert_eq!(ids(&Filter::default()), ["both", "first", "second"]);
    let kind = Some(QuestionKind::Behavioural);
    assert_eq!(ids(&Filter { kind, ..Filter::default() }), ["first", "second"]);
    let level = Some(Level::Staff);
    assert_eq!(ids(&Filter { level, ..Filter::default() }), ["both"]);
    assert!(ids(&Filter { kind, level, ..Filter::default() }).is_empty());
    let competency = Some("diagnosis".to_owned());
    assert_eq!(ids(&Filter { competency, ..Filter::default() }), ["first", "second"]);
}

#[test]
fn text_is_words_in_any_case_and_order() {
    let text = |text: &str| ids(&Filter { text: text.into(), ..Filter::default() });
    assert_eq!(text("RUNBOOK took"), ["first", "second"]);
    assert_eq!(text("second"), ["second"]);
    assert!(text("runbook zebra").is_empty());
}

#[test]
fn a_seed_picks_the_same_question_and_seeds_pick_them_all() {
    let bank = Bank::load(&sound()).expect("a sound bank");
    let pick = |seed| bank.pick(Seed(seed), &Filter::default()).map(|question| question.id.clone());
    assert_eq!(pick(7), pick(7));
    let picked: BTreeSet<_> = (0..40).filter_map(pick).collect();
    assert_eq!(picked.len(), 3, "{picked:?}");
    let none = Filter { text: "zebra".into(), ..Filter::default() };
    assert_eq!(bank.pick(Seed(7), &none), None);
}
