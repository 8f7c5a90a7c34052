//! Interviews with a model that follows a script, one that fails and one that never answers.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;

use super::stand_in::StandIn;
use super::{Face, Input, Inputs, Interview, Outcome, Prompts, Session, Setup, Show, reports};
use crate::domain::{Insight, Margin, ModelCard, Purpose, Seed, Speaker, Verdict};
use crate::feedback::Style;
use crate::interview::{Opening, Options, Phase, State};
use crate::judge::Policy;
use crate::knowledge::{Bank, builtin};
use crate::llm::{
    Branch, Context, DraftRequest, Llm, LlmError, Priority, Reply, Script, Scripted, Ticket,
};
use crate::prompt::Prefix;
use crate::store::Store;

/// A model whose every reply is `answer`; without one it never replies.
struct Odd {
    card: ModelCard,
    answer: Option<LlmError>,
}

impl Odd {
    fn replying(answer: Option<LlmError>) -> Arc<dyn Llm> {
        let card = ModelCard { name: "odd".into(), sha256: String::new(), calibrated: false };
        Arc::new(Self { card, answer })
    }

    fn ticket<T: Send + 'static>(&self) -> Ticket<T> {
        let (ticket, reply): (_, Reply<T>) = Ticket::new();
        match &self.answer {
            Some(error) => reply.send(Err(error.clone())),
            // A reply that is dropped would be an answer too.
            None => std::mem::forget(reply),
        }
        ticket
    }
}

impl Llm for Odd {
    fn card(&self) -> &ModelCard {
        &self.card
    }

    fn prefill(&self, _: Context, _: Prefix, _: Priority) -> Ticket<usize> {
        self.ticket()
    }

    fn branch(&self, _: Context, _: Prefix, _: Vec<Branch>, _: Priority) -> Ticket<Vec<Insight>> {
        self.ticket()
    }

    fn draft(
        &self,
        _: Context,
        _: Prefix,
        _: DraftRequest,
        _: Option<mpsc::UnboundedSender<String>>,
        _: Priority,
    ) -> Ticket<String> {
        self.ticket()
    }
}

/// An interview that is over.
struct Held {
    outcome: Outcome,
    state: State,
    shown: Vec<Show>,
}

impl Held {
    fn asked(&self, purpose: Purpose) -> usize {
        self.state.transcript().turns().iter().filter(|t| t.purpose == Some(purpose)).count()
    }

    fn answers(&self) -> usize {
        let turns = self.state.transcript().turns().iter();
        turns.filter(|t| t.speaker == Speaker::Candidate).count()
    }

    fn notices<'a>(&'a self) -> Vec<&'a str> {
        let text = |shown: &'a Show| match shown {
            Show::Notice(text) => Some(text.as_str()),
            Show::Say(_) | Show::Listen | Show::Busy(_) | Show::Feedback { .. } => None,
        };
        self.shown.iter().filter_map(text).collect()
    }
}

fn opening() -> Opening {
    let bank = Bank::load(&builtin()).unwrap();
    Opening {
        question: bank.question("scaling-regret").unwrap().clone(),
        seed: Seed(7),
        options: Options { followups: 2, minutes: None },
        model: ModelCard { name: "odd".into(), sha256: String::new(), calibrated: false },
        bank: String::new(),
    }
}

fn scripted() -> Arc<dyn Llm> {
    Arc::new(Scripted::new(Script { otherwise: 5.0, ..Script::default() }))
}

fn answer(text: &str) -> Input {
    Input::Answer(text.to_owned())
}

/// Gives `inputs` one list after another: the first part each time the candidate has the word,
/// the second while the program is busy after that. Goes away when there are no more.
async fn held(llm: Option<Arc<dyn Llm>>, stays: bool, inputs: Vec<Vec<Input>>) -> Held {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("viva.db")).unwrap();
    let (session, effects) = Session::begin(&store, opening()).unwrap();
    let (show, mut shows) = mpsc::unbounded_channel();
    let (send, sent) = mpsc::unbounded_channel();
    let prompts = Arc::new(Prompts::load(|_| None).unwrap());
    let style = Style { color: false, width: 88 };
    let setup = Setup {
        llm,
        meanings: None,
        prompts,
        policy: Policy::default(),
        known: Arc::default(),
        style,
    };
    let face = Face { show, input: Inputs::new(sent), stays };
    let talk = async move {
        let (mut shown, mut inputs, mut send) = (Vec::new(), inputs.into_iter(), Some(send));
        while let Some(next) = shows.recv().await {
            if next == Show::Listen {
                match (inputs.next(), &send) {
                    (Some(inputs), Some(send)) => drop(send.send(inputs)),
                    (None, _) | (_, None) => send = None,
                }
            }
            shown.push(next);
        }
        shown
    };
    let (ended, shown) = tokio::join!(Interview::new(session, setup, face).run(effects), talk);
    let (session, outcome) = ended.unwrap();
    Held { outcome, state: session.state().clone(), shown }
}

#[tokio::test]
async fn an_interview_goes_from_the_question_to_the_feedback() {
    let inputs = ["It was mine.", "I saw it.", "It went well."].map(|text| vec![answer(text)]);
    let held = held(Some(scripted()), false, inputs.into()).await;
    assert_eq!((held.outcome, held.state.phase()), (Outcome::Finished, &Phase::Done));
    assert_eq!((held.answers(), held.asked(Purpose::Probe)), (3, 2));
    let Some(Show::Feedback { text, verdicts }) = held.shown.last() else { panic!() };
    let numbered: usize = reports(&held.state).iter().map(|r| r.view.numbered().len()).sum();
    assert!(*verdicts == numbered && text.contains("“It was mine.”"), "{text}");
}

#[tokio::test]
async fn an_end_that_comes_with_an_answer_comes_before_any_follow_up() {
    for _ in 0..50 {
        let inputs = vec![vec![answer("It was mine."), Input::End]];
        let held = held(Some(scripted()), false, inputs).await;
        assert_eq!((held.outcome, held.state.phase()), (Outcome::Finished, &Phase::Done));
        assert_eq!((held.answers(), held.asked(Purpose::Probe)), (1, 0));
    }
}

#[tokio::test]
async fn what_was_met_early_is_judged_again_by_everything() {
    let seen = Mutex::new(BTreeSet::new());
    let says_yes_once = StandIn::new(move |context, text| {
        let statement = text.split("Statement:").last().unwrap_or_default().to_owned();
        let first = context == Context::Judge && seen.lock().unwrap().insert(statement);
        let leaning = context == Context::Sentence;
        Insight::Margin(Margin(if leaning {
            0.0
        } else if first {
            9.0
        } else {
            -9.0
        }))
    });
    let inputs = ["It was mine.", "It was not.", "It went on."].map(|text| vec![answer(text)]);
    let held = held(Some(Arc::new(says_yes_once)), false, inputs.into()).await;
    assert_eq!((held.outcome, held.notices()), (Outcome::Finished, vec![]));
    assert!(held.answers() > 1);
    let item = &held.state.items()[0];
    assert!(item.findings.len() > 5);
    assert!(item.findings.iter().all(|f| f.verdict == Verdict::Missing), "{:?}", item.findings);
    // What follows from verdicts follows from the last ones.
    assert!(item.mistakes.iter().any(|mistake| mistake.flagged), "{:?}", item.mistakes);
}

#[tokio::test]
async fn who_goes_away_has_left() {
    let held = held(Some(scripted()), true, vec![vec![answer("It was mine.")]]).await;
    assert_eq!((held.outcome, held.state.phase()), (Outcome::Left, &Phase::Left));
    assert_eq!(held.answers(), 1);
}

#[tokio::test]
async fn leaving_breaks_into_work_that_never_ends() {
    for (input, outcome) in
        [(Input::Leave, Outcome::Left), (Input::Interrupt, Outcome::Interrupted)]
    {
        let inputs = vec![vec![answer("It was mine."), answer("unheard"), input]];
        let held = held(Some(Odd::replying(None)), true, inputs).await;
        assert_eq!((held.outcome, held.state.phase()), (outcome, &Phase::Left));
        assert_eq!(held.answers(), 1, "nobody listens while the program is busy");
    }
}

#[tokio::test]
async fn a_model_that_fails_is_given_up_and_the_interview_goes_on() {
    let inputs = ["It was mine.", "I saw it.", "It went well."].map(|text| vec![answer(text)]);
    let held = held(Some(Odd::replying(Some(LlmError::Gone))), false, inputs.into()).await;
    assert_eq!(held.outcome, Outcome::Finished);
    assert_eq!((held.answers(), held.asked(Purpose::Probe)), (3, 2));
    assert_eq!(held.notices().len(), 1, "{:?}", held.notices());
    assert!(held.notices()[0].contains("the bank's own words"), "{:?}", held.notices());
}

#[tokio::test]
async fn what_is_no_answer_is_not_put_to_the_model() {
    let llm = Odd::replying(Some(LlmError::Gone));
    let held = held(Some(llm), false, vec![vec![answer("asdf jkl asdf"), Input::End]]).await;
    assert_eq!((held.outcome, held.notices()), (Outcome::Finished, vec![]));
}

#[tokio::test]
async fn verdicts_are_disputed_once_they_are_given() {
    let inputs = vec![
        vec![Input::Dispute(1)],
        vec![answer("It was mine."), Input::End],
        vec![Input::Dispute(999)],
        vec![Input::Dispute(0)],
        vec![Input::Dispute(2)],
        vec![answer("But I said so.")],
        vec![Input::Leave],
    ];
    let held = held(Some(scripted()), true, inputs).await;
    assert_eq!((held.outcome, held.answers()), (Outcome::Finished, 1));
    assert_eq!(held.state.items()[0].disputed.len(), 1);
    let words: Vec<_> = held.notices().iter().filter_map(|n| n.split(' ').next()).collect();
    assert_eq!(words, ["There", "There", "There", "Noted:", "The"]);
}
