//! Each guard, by a draft that it alone rejects.

use super::{Heard, Rejection, alike, check, choose};
use crate::domain::{Framework, Level, Question, QuestionKind};

fn question() -> Question {
    Question {
        id: "q".into(),
        say: "Tell me about a system that broke.".into(),
        kind: QuestionKind::Behavioural,
        competencies: vec![],
        level: Level::Senior,
        minutes: 5,
        framework: Framework {
            id: "star".into(),
            name: "STAR".into(),
            when: String::new(),
            heard: String::new(),
            steps: vec![],
        },
        terms: vec!["connection pool".into(), "back-pressure".into()],
        outline: vec![],
        looks_for: vec![],
        key_points: vec![],
        mistakes: vec![],
        probes: vec![],
        example: vec![],
        anchors: vec![],
        parts: vec![],
    }
}

const PROBE: &str = "What did you have to give up?";
const SAID: &str = "I moved the mails to a queue. Jaeger showed 900 ms in checkout.";
const ASKED: &str = "Tell me about a system that broke.";

fn checked(draft: &str) -> Result<String, Rejection> {
    let question = question();
    check(draft, &Heard { question: &question, probe: PROBE, asked: &[ASKED], said: &[SAID] })
}

#[test]
fn a_good_draft_is_said() {
    for draft in [
        "What did you give up by moving the mails to a queue?",
        "You moved the mails to a queue. What did you give up by that?",
        "By changing it that way, what did you have to give up at checkout?",
        "After Jaeger showed 900 ms, what did you give up to change it?",
    ] {
        assert_eq!(checked(draft), Ok(draft.to_owned()));
    }
}

#[test]
fn what_models_wrap_around_a_question_is_taken_off() {
    let said = "What did you give up by moving it?";
    for draft in [
        "\"What did you give up by moving it?\"",
        "Follow-up: What did you give up by moving it?",
        "  What did you\ngive up by moving it? ",
        "**Question: “What did you give up by moving it?”**",
    ] {
        assert_eq!(checked(draft), Ok(said.to_owned()), "{draft}");
    }
}

#[test]
fn each_guard_rejects_its_own() {
    use Rejection::*;
    for (draft, why) in [
        ("You gave something up by changing it.", NotOneQuestion),
        ("What did you give up? And why that way?", NotOneQuestion),
        ("I see. That is good. What did you give up by changing it?", NotOneQuestion),
        ("Give up what?", Length),
        ("What did the candidate give up by changing it?", ThirdPerson),
        ("What did you give up by changing my checkout?", ThirdPerson),
        ("Can you tell me about a system that broke?", Repeats),
        ("How many people were on the team?", OffProbe),
        ("What did you give up by changing the connection pool?", GivesAway),
        ("What did you give up by changing to Kafka?", NobodySaid),
        ("What did you give up by changing it 40 times?", NobodySaid),
        ("What limitations and potential issues did you give up by changing it?", NobodySaid),
        ("What did you give up by changing <b>it</b> that way?", NotSpeech),
    ] {
        assert_eq!(checked(draft), Err(why), "{draft}");
    }
    let long = format!("What did you give up by changing it {}?", "and that ".repeat(14));
    assert_eq!(checked(&long), Err(Length));
}

#[test]
fn the_first_that_passes_is_taken_and_none_if_none_does() {
    let question = question();
    let heard = Heard { question: &question, probe: PROBE, asked: &[ASKED], said: &[SAID] };
    let drafts = ["No question.", "What did you give up by the change?", "What did you give up?"];
    assert_eq!(choose(drafts, &heard).as_deref(), Some(drafts[1]));
    assert_eq!(choose(["", "?", "\u{1b}[2J what did you give up?"], &heard), None);
}

#[test]
fn questions_are_alike_by_what_they_ask() {
    assert!(alike("What did you give up by that?", "And what did you have to give up?"));
    assert!(!alike("What did you give up by that?", "How did you measure the gain?"));
}
