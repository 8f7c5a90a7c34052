//! The judge from plan to verdict, with a model made of a list.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    Criterion, Fills, Finding, Framework, GateVerdict, Group, Inside, Insight, Level, Margin,
    Mistake, MistakeFinding, MistakeForm, Question, QuestionKind, Statement, StatementKind, Target,
    Transcript, Verdict,
};

const SAID: &str =
    "The pool ran dry. A profiler showed it. We cut p95 to 180 ms. It was ops' fault.";

fn statement(kind: StatementKind, terms: &[&str]) -> Statement {
    let wordings = vec!["You say it.".into(), "You tell it.".into()];
    Statement { kind, wordings, terms: terms.iter().map(|&term| term.into()).collect() }
}

fn criterion(id: &str, statements: Vec<Statement>) -> Criterion {
    Criterion {
        id: id.into(),
        text: "Says it.".into(),
        advice: "Say it.".into(),
        probe: "What is it?".into(),
        fills: Fills::Detail,
        statements,
    }
}

fn diagnosis() -> Criterion {
    let means = statement(StatementKind::NamesMeans, &["profil"]);
    criterion("diagnosis", vec![means, statement(StatementKind::CausalLink, &[])])
}

fn outcome() -> Criterion {
    criterion("outcome", vec![statement(StatementKind::Metric, &[])])
}

fn blame(form: MistakeForm) -> Mistake {
    Mistake {
        id: "blame".into(),
        form,
        text: "Blames.".into(),
        advice: "Own it.".into(),
        statements: vec![statement(StatementKind::Blames, &[])],
        negates: None,
    }
}

fn answer(said: &str) -> Answer {
    let mut transcript = Transcript::default();
    transcript.candidate(0, said);
    Answer::new(transcript.answers(0))
}

fn whole_plan(wordings: usize) -> Plan {
    let (diagnosis, outcome) = (diagnosis(), outcome());
    let criteria = [(Group::LooksFor, &diagnosis), (Group::KeyPoints, &outcome)];
    let policy = Policy { wordings, ..Policy::default() };
    plan(&criteria, &[&blame(MistakeForm::Said), &blame(MistakeForm::Omitted)], &policy)
}

fn insights(margins: &[f32]) -> Vec<Insight> {
    margins.iter().map(|margin| Insight::Margin(Margin(*margin))).collect()
}

fn judged(said: &str, margins: [f32; 4]) -> (Vec<Finding>, Vec<MistakeFinding>) {
    let answer = answer(said);
    let decisions = decide(&whole_plan(1), &insights(&margins), &answer);
    conclude(&decisions, &answer)
}

#[test]
fn a_plan_asks_each_statement_in_as_many_wordings_as_wanted() {
    let once = whole_plan(1);
    assert_eq!(once.asked.len(), 4);
    assert_eq!(
        once.asked[1].subject,
        Target::Criterion { group: Group::LooksFor, id: "diagnosis".into() }
    );
    assert_eq!((once.asked[1].statement, once.asked[1].kind), (1, StatementKind::CausalLink));
    assert_eq!(once.asked[3].subject, Target::Mistake { id: "blame".into() });
    assert_eq!(whole_plan(2).asked.len(), 8);
    assert_eq!(whole_plan(9).asked.len(), 8);
    assert_eq!(whole_plan(0).asked.len(), 4, "at least one");
}

#[test]
fn what_holds_is_met_with_the_candidates_words() {
    let (findings, mistakes) = judged(SAID, [3.0, 3.0, 3.0, -3.0]);
    let verdicts: Vec<Verdict> = findings.iter().map(|f| f.verdict).collect();
    assert_eq!(verdicts, [Verdict::Met, Verdict::Met]);
    let quotes: Vec<&str> = findings[0].evidence.iter().map(|e| e.quote.as_str()).collect();
    assert_eq!(
        quotes,
        ["The pool ran dry.", "A profiler showed it.", "We cut p95 to 180 ms."],
        "the longest two where words tell nothing, and the one named by a term"
    );
    assert_eq!(findings[1].evidence[0].quote, "We cut p95 to 180 ms.");
    assert!(!mistakes[0].flagged);
}

#[test]
fn some_is_partly_and_none_is_missing() {
    let (findings, _) = judged(SAID, [3.0, -5.0, -3.0, 0.0]);
    assert_eq!((findings[0].verdict, findings[1].verdict), (Verdict::Partly, Verdict::Missing));
    assert!(findings[0].probability < 0.1, "as likely met as its weakest statement");
}

#[test]
fn without_a_number_no_margin_makes_a_figure() {
    let (findings, _) = judged("It got very much faster. I was glad.", [-3.0, -3.0, 9.0, -3.0]);
    assert_eq!(findings[1].verdict, Verdict::Missing);
}

#[test]
fn what_holds_without_a_sentence_is_unsure() {
    let answer = answer("");
    let (findings, mistakes) =
        conclude(&decide(&whole_plan(1), &insights(&[9.0; 4]), &answer), &answer);
    assert!(findings.iter().all(|f| f.verdict != Verdict::Met && f.evidence.is_empty()));
    assert!(mistakes.iter().all(|m| !m.flagged));
}

#[test]
fn to_accuse_takes_more_than_to_praise() {
    let (_, doubtful) = judged(SAID, [0.0, 0.0, 0.0, 1.0]);
    assert!(!doubtful[0].flagged && doubtful[0].probability > 0.6);
    let (_, certain) = judged(SAID, [0.0, 0.0, 0.0, 4.0]);
    assert!(certain[0].flagged);
    assert_eq!(certain[0].evidence[0].quote, "It was ops' fault.");
}

#[test]
fn wordings_are_averaged() {
    let answer = answer(SAID);
    let margins = insights(&[2.0, 4.0, 9.0, -9.0, 1.0, -4.0, 0.0, 0.0]);
    let decisions = decide(&whole_plan(2), &margins, &answer);
    assert_eq!(decisions.statements().len(), 4);
    let even = insights(&[2.0, 4.0, 0.0, 0.0, 1.0, -4.0, 0.0, 0.0]);
    let even = decide(&whole_plan(2), &even, &answer);
    let [apart, even] = [&decisions, &even].map(|d| d.statements()[1].probability);
    assert!((apart - even).abs() < 1e-6, "9 and -9 are 0 on average");
}

#[test]
fn a_judge_cut_short_leaves_the_rest_unsure() {
    let answer = answer(SAID);
    let decisions = decide(&whole_plan(2), &insights(&[-9.0; 3]), &answer);
    let (findings, mistakes) = conclude(&decisions, &answer);
    let verdicts: Vec<Verdict> = findings.iter().map(|f| f.verdict).collect();
    assert_eq!(verdicts, [Verdict::Unsure, Verdict::Unsure]);
    assert!(!mistakes[0].flagged);
}

#[test]
fn without_a_model_words_show_and_never_disprove() {
    let (diagnosis, outcome) = (diagnosis(), outcome());
    let queue = criterion("queue", vec![statement(StatementKind::Mentions, &["queue"])]);
    let silent = criterion("silent", vec![statement(StatementKind::Action, &[])]);
    let criteria =
        [&diagnosis, &outcome, &queue, &silent].map(|criterion| (Group::LooksFor, criterion));
    let findings = heard(&criteria, &answer(SAID));
    let verdicts: Vec<Verdict> = findings.iter().map(|f| f.verdict).collect();
    assert_eq!(verdicts, [Verdict::Partly, Verdict::Met, Verdict::Unsure, Verdict::Unsure]);
    assert_eq!(findings[0].evidence[0].quote, "A profiler showed it.");
    let probabilities: Vec<f32> = findings.iter().map(|f| f.probability).collect();
    assert_eq!(probabilities, [0.5, 0.6, 0.4, 0.5]);
}

proptest! {
    #[test]
    fn shown_means_quoted_and_one_statement_is_never_partly(
        margins in prop::collection::vec(prop::num::f32::ANY, 0..6),
    ) {
        let answer = answer(SAID);
        let margins = insights(&margins);
        let decisions = decide(&whole_plan(1), &margins, &answer);
        let (findings, mistakes) = conclude(&decisions, &answer);
        prop_assert_eq!((findings.len(), mistakes.len()), (2, 1));
        for finding in &findings {
            let shown = matches!(finding.verdict, Verdict::Met | Verdict::Partly);
            prop_assert_eq!(shown, !finding.evidence.is_empty());
            prop_assert!((0.0..=1.0).contains(&finding.probability));
            prop_assert!(finding.evidence.iter().all(|e| SAID[e.start..e.end] == e.quote));
        }
        prop_assert_ne!(findings[1].verdict, Verdict::Partly);
        prop_assert_eq!(mistakes[0].flagged, !mistakes[0].evidence.is_empty());
    }
}

#[test]
fn likeness_joins_what_code_can_tell_and_changes_no_other_row() {
    let (plain, answer) = (whole_plan(1), answer(SAID));
    let compared = plain.clone().compared(vec![vec![0.2, 0.9, 0.1, 0.0]]);
    let margins = insights(&[0.0; 4]);
    let (before, after) = (decide(&plain, &margins, &answer), decide(&compared, &margins, &answer));
    assert!((after.statements()[0].signals.similar - 0.9).abs() < 1e-6);
    assert!(after.statements()[0].signals.suits > before.statements()[0].signals.suits);
    assert_eq!(after.statements()[1..], before.statements()[1..]);
}

/// A question of the bank's kind with nothing to judge by but a reference.
fn posed(reference: &str) -> Result<Question, NoPoint> {
    let bank = Question {
        id: String::new(),
        say: "Which lock?".into(),
        kind: QuestionKind::Scenario,
        competencies: Vec::new(),
        level: Level::Mid,
        minutes: 3,
        framework: Framework {
            id: "star".into(),
            name: "STAR".into(),
            when: String::new(),
            heard: String::new(),
            steps: Vec::new(),
        },
        terms: Vec::new(),
        outline: Vec::new(),
        looks_for: vec![diagnosis()],
        key_points: vec![outcome()],
        mistakes: vec![blame(MistakeForm::Said)],
        probes: Vec::new(),
        example: Vec::new(),
        anchors: Vec::new(),
        parts: Vec::new(),
    };
    against(&bank, reference)
}

#[test]
fn a_reference_takes_the_place_of_all_criteria() {
    let question = posed("It locks the row. Others wait for it.").expect("two points");
    let criteria: Vec<(Group, &Criterion)> = question.criteria().collect();
    assert!(criteria.iter().all(|(group, _)| *group == Group::KeyPoints) && criteria.len() == 2);
    assert!(question.mistakes.is_empty() && question.by_reference());
    let plan = plan(&criteria, &[], &Policy::default());
    let answer = answer("The row is locked. Nobody else gets it.");
    let decisions = decide(&plan, &insights(&[5.0, -5.0]), &answer);
    let (findings, _) = conclude(&decisions, &answer);
    let verdicts: Vec<Verdict> = findings.iter().map(|f| f.verdict).collect();
    assert_eq!(verdicts, [Verdict::Met, Verdict::Missing]);
    assert_eq!(findings[0].evidence[0].quote, "The row is locked.");
    assert_eq!(posed("…"), Err(NoPoint));
    assert_eq!(
        gate(&question, "It locks the row. Others wait for it.").verdict,
        GateVerdict::Answer
    );
}

/// Probes that take the first component of a hidden state for what holds, and the one head for the
/// sentence that shows it.
fn probes() -> &'static Probes {
    let probe = LinearProbe { base: 0.0, weights: vec![1.0] };
    let evidence = EvidenceWeights { attention: vec![1.0], nearly: 0.5, ..Default::default() };
    let tap = crate::domain::Tap { layers: 1, heads: vec![[0, 0]] };
    let mistakes = probe.clone();
    let probes = Probes { tap, evidence, criteria: probe, mistakes, ..Default::default() };
    Box::leak(Box::new(probes))
}

#[test]
fn what_is_read_inside_decides_and_what_it_looks_at_proves() {
    let answer = answer(SAID);
    let mut plan = whole_plan(1);
    plan.policy.probes = Some(probes());
    let kinds: Vec<bool> = plan.asked.iter().map(|a| plan.policy.tap(a.kind).is_some()).collect();
    assert_eq!(kinds, [true; 4]);
    assert_eq!(plan.policy.tap(StatementKind::Point), None, "nobody labelled points");
    let inside = |shows: f32, attention: [f32; 4]| {
        let attention = vec![attention.to_vec()];
        Insight::Inside(Inside { hidden: vec![shows], attention })
    };
    let looks = [
        inside(1.0, [0.1, 0.1, 0.05, 0.6]),
        inside(1.0, [0.4, 0.35, 0.1, 0.1]),
        inside(1.0, [0.6, 0.1, 0.1, 0.1]),
        inside(-1.0, [0.1, 0.1, 0.1, 0.6]),
    ];
    let decisions = decide(&plan, &looks, &answer);
    let quoted: Vec<Vec<String>> = decisions
        .statements()
        .iter()
        .map(|decision| quotes(decision, &answer).into_iter().map(|e| e.quote).collect())
        .collect();
    assert_eq!(quoted[0], ["It was ops' fault."]);
    assert_eq!(quoted[1], ["The pool ran dry.", "A profiler showed it."], "nearly as likely");
    assert_eq!(quoted[2], ["We cut p95 to 180 ms."], "a figure takes a number, wherever it looks");
    let said: Vec<f32> = decisions.statements().iter().map(|d| d.said.probe).collect();
    assert_eq!(said, [1.0, 1.0, 1.0, -1.0]);
}
