//! One small example, and the rules that made its view; its renderings are in [`formats`].

mod formats;

use super::*;
use crate::domain::{
    Criterion, Delivery, Evidence, Fills, Finding, Framework, Gate, GateVerdict, Group, Level,
    Mistake, MistakeFinding, MistakeForm, Question, QuestionKind, Step, Target,
};

const SAID: &str = "Our pool of connections ran dry every Monday. A profiler showed the waits, so I \
                    split the pool. It was ops' fault, really.";

fn criterion(id: &str, text: &str, advice: &str) -> Criterion {
    Criterion {
        id: id.into(),
        text: text.into(),
        advice: advice.into(),
        probe: "How?".into(),
        fills: Fills::Detail,
        statements: Vec::new(),
    }
}

fn step(name: &str, text: &str, advice: &str) -> Step {
    Step { name: name.into(), criterion: criterion(&name.to_lowercase(), text, advice) }
}

fn mistake(id: &str, form: MistakeForm, text: &str, advice: &str) -> Mistake {
    Mistake {
        id: id.into(),
        form,
        text: text.into(),
        advice: advice.into(),
        statements: Vec::new(),
        negates: None,
    }
}

fn question() -> Question {
    Question {
        id: "scaling-regret".into(),
        say: "Tell me about a design decision that came back to bite you.".into(),
        kind: QuestionKind::Behavioural,
        competencies: vec!["diagnosis".into()],
        level: Level::Senior,
        minutes: 6,
        framework: Framework {
            id: "star".into(),
            name: "STAR".into(),
            when: String::new(),
            heard: String::new(),
            steps: vec![
                step("Situation", "Where it happened.", "Set the scene."),
                step("Result", "How it ended.", "Say how it ended."),
            ],
        },
        terms: Vec::new(),
        outline: Vec::new(),
        looks_for: vec![
            criterion(
                "diagnosis",
                "Found the cause by evidence.",
                "Name the graph that settled it.",
            ),
            criterion(
                "outcome",
                "Puts a number on the outcome.",
                "Give one value before and one after, with the unit.",
            ),
            criterion(
                "rationale",
                "Gives the reason behind a choice.",
                "After each choice say 'because'.",
            ),
        ],
        key_points: vec![criterion(
            "pool",
            "Explains the pool's size.",
            "Say how many connections, and why.",
        )],
        mistakes: vec![
            mistake(
                "blame",
                MistakeForm::Said,
                "Blames others.",
                "Say what you could have caught.",
            ),
            mistake(
                "no-numbers",
                MistakeForm::Omitted,
                "Leaves the damage without a figure.",
                "Give one figure.",
            ),
            mistake("hype", MistakeForm::Said, "Boasts.", "Let the figures speak."),
        ],
        probes: Vec::new(),
        example: Vec::new(),
        anchors: Vec::new(),
        parts: Vec::new(),
    }
}

fn quoted(start: usize, end: usize) -> Vec<Evidence> {
    vec![Evidence { turn: 2, start, end, quote: SAID[start..end].into() }]
}

fn finding(group: Group, id: &str, verdict: Verdict) -> Finding {
    let (probability, evidence) = match verdict {
        Verdict::Met => (0.931_4, quoted(46, 95)),
        Verdict::Partly => (0.55, quoted(0, 45)),
        Verdict::Missing => (0.104_9, Vec::new()),
        Verdict::Unsure => (0.5, Vec::new()),
    };
    Finding { group, criterion: id.into(), verdict, probability, evidence }
}

fn findings() -> Vec<Finding> {
    vec![
        finding(Group::Structure, "situation", Verdict::Partly),
        finding(Group::Structure, "result", Verdict::Missing),
        finding(Group::LooksFor, "diagnosis", Verdict::Met),
        finding(Group::LooksFor, "outcome", Verdict::Missing),
        finding(Group::LooksFor, "rationale", Verdict::Unsure),
        finding(Group::KeyPoints, "pool", Verdict::Missing),
    ]
}

fn mistake_finding(id: &str, flagged: bool, evidence: Vec<Evidence>) -> MistakeFinding {
    let probability = if flagged { 0.875 } else { 0.125 };
    MistakeFinding { mistake: id.into(), flagged, probability, evidence }
}

fn mistake_findings() -> Vec<MistakeFinding> {
    vec![
        mistake_finding("blame", true, quoted(96, SAID.len())),
        mistake_finding("no-numbers", true, Vec::new()),
        mistake_finding("hype", false, Vec::new()),
    ]
}

fn delivery() -> Delivery {
    Delivery { words: 23, spoken_minutes: 0.2, numbers: 0, i_share: Some(0.5), fillers: 0 }
}

fn disputed() -> Target {
    Target::Criterion { group: Group::LooksFor, id: "outcome".into() }
}

fn view() -> View {
    let (gate, findings, mistakes) = (Gate::answer(), findings(), mistake_findings());
    View::new(&question(), None, &gate, &findings, &mistakes, &delivery(), &[disputed()])
}

/// The view of these verdicts on the three things looked for, and nothing else.
fn looking(verdicts: [Verdict; 3]) -> View {
    let ids = ["diagnosis", "outcome", "rationale"];
    let findings: Vec<Finding> = ids
        .into_iter()
        .zip(verdicts)
        .map(|(id, verdict)| finding(Group::LooksFor, id, verdict))
        .collect();
    View::new(&question(), None, &Gate::answer(), &findings, &[], &delivery(), &[])
}

#[test]
fn numbers_name_what_is_shown_in_its_order() {
    let criterion = |group, id: &str| Target::Criterion { group, id: id.into() };
    assert_eq!(
        view().numbered(),
        [
            criterion(Group::LooksFor, "diagnosis"),
            criterion(Group::LooksFor, "outcome"),
            criterion(Group::LooksFor, "rationale"),
            criterion(Group::Structure, "situation"),
            criterion(Group::Structure, "result"),
            criterion(Group::KeyPoints, "pool"),
            Target::Mistake { id: "blame".into() },
            Target::Mistake { id: "no-numbers".into() },
        ]
    );
}

#[test]
fn the_score_goes_from_one_to_five() {
    use Verdict::{Met, Missing, Partly, Unsure};
    for (verdicts, overall) in [
        ([Met, Met, Met], Some(5.0)),
        ([Met, Partly, Missing], Some(3.0)),
        ([Missing, Missing, Missing], Some(1.0)),
        ([Met, Met, Unsure], Some(5.0)),
        ([Met, Unsure, Unsure], None),
    ] {
        assert_eq!(looking(verdicts).score.overall, overall, "{verdicts:?}");
    }
}

#[test]
fn looks_for_counts_twice_and_a_said_mistake_takes_a_quarter() {
    // Half of what is looked for, a quarter of the structure, no key point: 5/16 of four points.
    let view = view();
    assert_eq!(view.score.overall, Some(2.0));
    let (gate, findings) = (Gate::answer(), findings());
    let clean = View::new(&question(), None, &gate, &findings, &[], &delivery(), &[]);
    assert_eq!(clean.score.overall, Some(2.3));
}

#[test]
fn next_is_looked_for_then_steps_then_mistakes_said() {
    assert_eq!(
        view().next,
        [
            "Give one value before and one after, with the unit.",
            "Say how it ended.",
            "Say what you could have caught.",
        ]
    );
}

#[test]
fn delivery_comes_last_and_the_unsure_not_at_all() {
    use Verdict::{Met, Partly, Unsure};
    assert_eq!(
        looking([Met, Partly, Unsure]).next,
        [
            "Give one value before and one after, with the unit.",
            "Aim for about 6 minutes: this was about 0.2.",
            "Give at least one number: how many, how long, how much.",
        ]
    );
}

#[test]
fn advice_is_given_once() {
    let mut question = question();
    question.looks_for[2].advice = question.looks_for[1].advice.clone();
    let missing = ["outcome", "rationale"].map(|id| finding(Group::LooksFor, id, Verdict::Missing));
    let figures = Delivery { numbers: 3, i_share: Some(0.1), spoken_minutes: 6.0, ..delivery() };
    let view = View::new(&question, None, &Gate::answer(), &missing, &[], &figures, &[]);
    assert_eq!(
        view.next,
        [
            "Give one value before and one after, with the unit.",
            "Say “I” for what you did: 10% of your “I” and “we” is “I”.",
        ]
    );
}
