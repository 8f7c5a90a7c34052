//! The machine, driven by lists of events.

use super::{Effect, Event, Judgement, Opening, Options, Phase, State, Target};
use crate::domain::{
    Criterion, Evidence, Fills, Finding, Framework, Gate, GateVerdict, Group, Level,
    MistakeFinding, ModelCard, Probe, Purpose, Question, QuestionKind, Seed, Statement,
    StatementKind, Step, Verdict,
};

fn criterion(id: &str, fills: Fills) -> Criterion {
    Criterion {
        id: id.into(),
        text: format!("shows {id}"),
        advice: format!("show {id}"),
        probe: format!("What about {id}?"),
        fills,
        statements: vec![Statement {
            kind: StatementKind::Action,
            wordings: vec![format!("You show {id}.")],
            terms: vec![],
        }],
    }
}

fn probe(fills: Fills, say: &str) -> Probe {
    Probe { fills, say: say.into(), criterion: None }
}

fn question(id: &str) -> Question {
    Question {
        id: id.into(),
        say: format!("Tell me about {id}."),
        kind: QuestionKind::Behavioural,
        competencies: vec!["craft".into()],
        level: Level::Senior,
        minutes: 5,
        framework: Framework {
            id: "star".into(),
            name: "STAR".into(),
            when: String::new(),
            heard: String::new(),
            steps: vec![Step {
                name: "Result".into(),
                criterion: criterion("result", Fills::Detail),
            }],
        },
        terms: vec![],
        outline: vec![],
        looks_for: vec![
            criterion("cause", Fills::Validation),
            criterion("cost", Fills::TradeOff),
            criterion("gain", Fills::Metric),
        ],
        key_points: vec![criterion("cache", Fills::Detail)],
        mistakes: vec![],
        probes: vec![probe(Fills::Scale, "What at ten times the load?")],
        example: vec![],
        anchors: vec![],
        parts: vec![],
    }
}

fn started(question: Question, followups: u32) -> Event {
    Event::Started(Box::new(Opening {
        question,
        seed: Seed(7),
        options: Options { followups, minutes: None },
        model: ModelCard { name: "none".into(), sha256: String::new(), calibrated: false },
        bank: "b".into(),
    }))
}

fn answered() -> Event {
    Event::Answered { text: "I did it.".into() }
}

fn finding(group: Group, id: &str, verdict: Verdict) -> Finding {
    let quote = Evidence { turn: 2, start: 0, end: 9, quote: "I did it.".into() };
    let evidence = if verdict == Verdict::Met { vec![quote] } else { vec![] };
    Finding { group, criterion: id.into(), verdict, probability: 0.5, evidence }
}

fn judged(findings: Vec<Finding>) -> Event {
    Event::Judged(Judgement { gate: Gate::answer(), findings })
}

fn worded(text: &str) -> Event {
    Event::Worded { text: text.into(), by_model: true }
}

fn reviewed() -> Event {
    Event::Reviewed { findings: vec![], mistakes: vec![] }
}

/// Handles every event; the effects of the last one.
fn run(state: &mut State, events: impl IntoIterator<Item = Event>) -> Vec<Effect> {
    let mut effects = Vec::new();
    for event in events {
        effects = state.handle(event).expect("an event in its place");
    }
    effects
}

fn probe_of(effects: &[Effect]) -> &Probe {
    match effects {
        [Effect::Word { probe, .. }] => probe,
        other => panic!("expected a follow-up, got {other:?}"),
    }
}

#[test]
fn a_whole_interview() {
    let mut state = State::new();
    let effects = run(&mut state, [started(question("q"), 1)]);
    assert!(
        matches!(&effects[..], [Effect::Say(t), Effect::Listen] if t.purpose == Some(Purpose::Question))
    );

    let effects = run(&mut state, [answered()]);
    let Effect::Judge { item: 0, open } = &effects[0] else { panic!("{effects:?}") };
    assert_eq!(open.len(), 5, "everything is open at first");

    let effects = run(&mut state, [judged(vec![finding(Group::LooksFor, "cause", Verdict::Met)])]);
    assert_eq!(probe_of(&effects).say, "What about cost?");

    let effects = run(&mut state, [worded("And what did it cost you?"), answered()]);
    let Effect::Judge { open, .. } = &effects[0] else { panic!("{effects:?}") };
    assert!(!open.contains(&(Group::LooksFor, "cause".into())), "what is met is not judged again");

    let effects = run(&mut state, [judged(vec![])]);
    assert_eq!(effects, [Effect::Review { item: 0 }]);
    let effects = run(&mut state, [reviewed()]);
    assert!(matches!(&effects[..], [Effect::Say(_), Effect::Finish]));
    assert_eq!(state.phase(), &Phase::Done);
    let numbers: Vec<u32> = state.transcript().turns().iter().map(|t| t.n).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
}

#[test]
fn a_review_has_the_last_word() {
    let mut state = State::new();
    let met = vec![finding(Group::LooksFor, "cause", Verdict::Met)];
    run(&mut state, [started(question("q"), 0), answered(), judged(met)]);
    let not_quite = finding(Group::LooksFor, "cause", Verdict::Unsure);
    run(&mut state, [Event::Reviewed { findings: vec![not_quite.clone()], mistakes: vec![] }]);
    assert_eq!(state.items()[0].findings, [not_quite]);
}

#[test]
fn the_ladder_takes_trade_off_then_figure_then_the_rest_and_never_the_same_twice() {
    let mut state = State::new();
    run(&mut state, [started(question("q"), 99)]);
    let mut asked = Vec::new();
    loop {
        let effects = run(&mut state, [answered(), judged(vec![])]);
        if effects == [Effect::Review { item: 0 }] {
            break;
        }
        let probe = probe_of(&effects).clone();
        asked.push(probe.say.clone());
        run(&mut state, [worded(&probe.say)]);
    }
    assert_eq!(
        asked,
        [
            "What about cost?",
            "What about gain?",
            "What about cause?",
            "What about result?",
            "What about cache?",
            "What at ten times the load?",
        ]
    );
}

#[test]
fn two_follow_ups_in_a_row_are_not_about_the_same_thing_if_it_can_be_helped() {
    let mut with_two_costs = question("q");
    with_two_costs.looks_for.insert(0, criterion("price", Fills::TradeOff));
    let mut state = State::new();
    let effects = run(&mut state, [started(with_two_costs, 3), answered(), judged(vec![])]);
    assert_eq!(probe_of(&effects).say, "What about price?");
    let effects = run(&mut state, [worded("What about price?"), answered(), judged(vec![])]);
    assert_eq!(probe_of(&effects).say, "What about gain?");
}

#[test]
fn what_is_partly_met_comes_after_what_is_missing() {
    let mut state = State::new();
    let verdicts = vec![
        finding(Group::LooksFor, "cost", Verdict::Partly),
        finding(Group::LooksFor, "gain", Verdict::Unsure),
    ];
    let effects = run(&mut state, [started(question("q"), 3), answered(), judged(verdicts)]);
    assert_eq!(probe_of(&effects).say, "What about cause?");
}

#[test]
fn a_met_criterion_closes_the_probes_that_invite_it() {
    let mut q = question("q");
    q.probes[0].criterion = Some("gain".into());
    let all: Vec<Finding> =
        q.criteria().map(|(group, c)| finding(group, &c.id, Verdict::Met)).collect();
    let effects = run(&mut State::new(), [started(q, 3), answered(), judged(all)]);
    assert_eq!(effects, [Effect::Review { item: 0 }]);
}

#[test]
fn a_round_asks_its_parts_in_turn() {
    let mut round = question("round");
    round.parts = vec![question("first"), question("second")];
    let mut state = State::new();
    let effects = run(&mut state, [started(round, 0)]);
    assert!(
        matches!(&effects[..], [Effect::Say(open), Effect::Say(_), Effect::Listen] if open.purpose == Some(Purpose::Opening))
    );
    let effects = run(&mut state, [answered(), judged(vec![]), reviewed()]);
    assert!(
        matches!(&effects[0], Effect::Say(t) if t.text == "Tell me about second." && t.item == 1)
    );
    let effects = run(&mut state, [answered(), judged(vec![]), reviewed()]);
    assert_eq!(effects.last(), Some(&Effect::Finish));
    assert_eq!(state.answered().count(), 2);
}

#[test]
fn skipping_an_unanswered_question_goes_on_without_a_review() {
    let mut round = question("round");
    round.parts = vec![question("first"), question("second")];
    let mut state = State::new();
    let effects = run(&mut state, [started(round, 3), Event::Skipped]);
    assert!(matches!(&effects[0], Effect::Say(t) if t.item == 1));
    let effects = run(&mut state, [Event::Skipped]);
    assert_eq!(effects.last(), Some(&Effect::Finish));
    assert_eq!(state.answered().count(), 0);
}

#[test]
fn skipping_a_follow_up_asks_another() {
    let mut state = State::new();
    run(&mut state, [started(question("q"), 3), answered(), judged(vec![]), worded("Cost?")]);
    let effects = run(&mut state, [Event::Skipped]);
    assert_eq!(probe_of(&effects).say, "What about gain?");
}

#[test]
fn the_end_comes_at_once_or_after_what_is_under_way() {
    let mut state = State::new();
    let effects = run(&mut state, [started(question("q"), 3), Event::Ended]);
    assert_eq!(effects.last(), Some(&Effect::Finish), "nothing was said, nothing to review");

    let mut state = State::new();
    let effects = run(&mut state, [started(question("q"), 3), answered(), Event::Ended]);
    assert_eq!(effects, [], "the verdict is still coming");
    let effects = run(&mut state, [judged(vec![])]);
    assert_eq!(effects, [Effect::Review { item: 0 }], "and then no follow-up");

    let mut state = State::new();
    run(&mut state, [started(question("q"), 3), answered(), judged(vec![])]);
    assert_eq!(run(&mut state, [Event::Ended]), [Effect::Review { item: 0 }]);
}

#[test]
fn when_the_time_is_up_no_follow_up_is_asked() {
    let mut state = State::new();
    run(&mut state, [started(question("q"), 3), Event::TimeUp]);
    assert_eq!(run(&mut state, [answered(), judged(vec![])]), [Effect::Review { item: 0 }]);
}

#[test]
fn a_closed_gate_is_reopened_by_an_answer_and_never_closed_again() {
    let closed = Gate {
        verdict: GateVerdict::NoAnswer,
        reason: "nothing was said".into(),
        aside: Vec::new(),
    };
    let mut state = State::new();
    let shut = Event::Judged(Judgement { gate: closed, findings: vec![] });
    run(&mut state, [started(question("q"), 3), answered(), shut.clone()]);
    assert!(!state.items()[0].gate.as_ref().unwrap().open());
    run(&mut state, [worded("Cost?"), answered(), judged(vec![])]);
    run(&mut state, [worded("Gain?"), answered(), shut]);
    assert!(state.items()[0].gate.as_ref().unwrap().open());
}

#[test]
fn hints_tell_the_shape_and_then_what_is_listened_for() {
    let mut state = State::new();
    run(&mut state, [started(question("q"), 3)]);
    let said = |effects: Vec<Effect>| match effects.into_iter().next() {
        Some(Effect::Say(turn)) => turn.text,
        other => panic!("{other:?}"),
    };
    assert!(said(run(&mut state, [Event::HintAsked])).contains("STAR: Result."));
    assert!(said(run(&mut state, [Event::HintAsked])).contains("shows cause"));
    run(&mut state, [Event::HintAsked, Event::HintAsked]);
    assert!(said(run(&mut state, [Event::HintAsked])).contains("no further hint"));
}

#[test]
fn only_a_verdict_that_was_given_can_be_disputed() {
    let mut state = State::new();
    let mistake = MistakeFinding {
        mistake: "blame".into(),
        flagged: true,
        probability: 0.9,
        evidence: vec![],
    };
    run(
        &mut state,
        [
            started(question("q"), 0),
            answered(),
            judged(vec![finding(Group::LooksFor, "gain", Verdict::Missing)]),
            Event::Reviewed { findings: vec![], mistakes: vec![mistake] },
        ],
    );
    let gain = Target::Criterion { group: Group::LooksFor, id: "gain".into() };
    let blame = Target::Mistake { id: "blame".into() };
    for target in [&gain, &gain, &blame] {
        run(&mut state, [Event::Disputed { item: 0, target: target.clone() }]);
    }
    assert_eq!(state.items()[0].disputed, [gain, blame]);
    let unknown = Target::Mistake { id: "other".into() };
    assert!(state.handle(Event::Disputed { item: 0, target: unknown }).is_err());
}

#[test]
fn a_misplaced_event_is_an_error_and_changes_nothing() {
    let mut state = State::new();
    assert!(state.handle(answered()).is_err());
    run(&mut state, [started(question("q"), 3)]);
    let before = state.clone();
    for event in [judged(vec![]), worded("x?"), reviewed(), started(question("q"), 1)] {
        let error = state.handle(event.clone()).unwrap_err();
        assert!(error.to_string().contains(event.name()), "{error}");
        assert_eq!(state, before);
    }
    run(&mut state, [Event::Left]);
    assert!(state.handle(answered()).is_err());
}

#[test]
fn a_session_is_its_events() {
    let events = [
        started(question("q"), 2),
        answered(),
        judged(vec![finding(Group::LooksFor, "cause", Verdict::Met)]),
        worded("Cost?"),
        Event::HintAsked,
        answered(),
        Event::Left,
    ];
    let mut live = State::new();
    run(&mut live, events.clone());
    let stored: Vec<String> = events.iter().map(|e| serde_json::to_string(e).unwrap()).collect();
    let read = stored.iter().map(|e| serde_json::from_str(e).unwrap());
    assert_eq!(State::replay(read).unwrap(), live);
}
