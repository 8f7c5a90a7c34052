//! What to do next.

use crate::domain::{MistakeForm, QuestionKind, Verdict};

use super::view::{Entry, View};

/// Things to do next, at most: more are not done.
const MOST: usize = 3;
/// Shorter than this share of the question's minutes is much too short.
const SHORT: f32 = 0.4;
/// Longer than this share of the question's minutes is much too long.
const LONG: f32 = 1.5;
/// Below this share of "I", a story about oneself is about somebody else.
const FEW_I: f32 = 0.4;

/// What the choice is made from.
pub(super) struct Material<'a> {
    view: &'a View,
    kind: QuestionKind,
}

impl<'a> Material<'a> {
    pub(super) fn of(view: &'a View, kind: QuestionKind) -> Self {
        Self { view, kind }
    }
}

/// The three most useful pieces of advice, each once: what interviewers look for and missed, then
/// missing steps, mistakes that were said, what was partly there, missing key points, delivery.
/// What is unsure gives no advice here; figures are not asked for beyond what a reference answer
/// has. Behind a closed gate there is one: to try again.
pub(super) fn next(material: &Material) -> Vec<String> {
    let view = material.view;
    if let Some(advice) = without_verdicts(view) {
        return advice;
    }
    let said = view.flagged().filter(|mistake| mistake.form == MistakeForm::Said);
    let partly = [&view.looks_for, &view.structure, &view.key_points];
    let mut next = Vec::new();
    let all = with(&view.looks_for, Verdict::Missing)
        .chain(with(&view.structure, Verdict::Missing))
        .chain(said.filter_map(|mistake| mistake.advice.clone()))
        .chain(partly.into_iter().flat_map(|entries| with(entries, Verdict::Partly)))
        .chain(with(&view.key_points, Verdict::Missing))
        .chain(delivery(material));
    for advice in all {
        if !next.contains(&advice) && next.len() < MOST {
            next.push(advice);
        }
    }
    next
}

fn without_verdicts(view: &View) -> Option<Vec<String>> {
    if !view.gate.open() {
        let own = "answer in your own words.";
        return Some(vec![if view.question.is_empty() {
            format!("Take a minute to think, then {own}")
        } else {
            format!("Read the outline with `viva questions show {}`, then {own}", view.question)
        }]);
    }
    (!view.judged).then(Vec::new)
}

fn with(entries: &[Entry], verdict: Verdict) -> impl Iterator<Item = String> {
    entries.iter().filter(move |e| e.verdict == verdict).filter_map(|e| e.advice.clone())
}

fn delivery(material: &Material) -> Vec<String> {
    let Material { view, kind } = material;
    let (spoken, minutes) = (view.delivery.spoken_minutes, view.minutes);
    let share = spoken / minutes.max(1) as f32;
    let mut advice = Vec::new();
    if minutes > 0 && !(SHORT..=LONG).contains(&share) {
        advice.push(format!("Aim for about {minutes} minutes: this was about {spoken:.1}."));
    }
    if view.delivery.numbers == 0 && !view.reference {
        advice.push("Give at least one number: how many, how long, how much.".to_owned());
    }
    let few = view.delivery.i_share.filter(|&share| share < FEW_I);
    if let (QuestionKind::Behavioural, Some(few)) = (kind, few) {
        let per_cent = few * 100.0;
        advice
            .push(format!("Say “I” for what you did: {per_cent:.0}% of your “I” and “we” is “I”."));
    }
    advice
}
