//! The loop: effects are carried out one by one, and what comes of them is fed back.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::{Group, Probe, Seed, Target};
use crate::feedback::{Style, terminal};
use crate::interview::{Effect, Event, Phase};
use crate::judge::Policy;
use crate::llm::{Llm, LlmError, Meanings};

use super::judging::Case;
use super::known::Known;
use super::report::{Report, reports};
use super::session::{Session, SessionError};
use super::wording::{Errand, Words};
use super::{Face, Input, Prompts, Show};

/// What an interview is held with.
pub struct Setup {
    /// The model; none interviews in the bank's words.
    pub llm: Option<Arc<dyn Llm>>,
    /// What compares sentences in meaning; without it, words alone find them.
    pub meanings: Option<Arc<Meanings>>,
    /// What is said to it.
    pub prompts: Arc<Prompts>,
    /// How the judge decides.
    pub policy: Policy,
    /// What the model was asked before.
    pub known: Arc<Known>,
    /// How feedback looks.
    pub style: Style,
}

/// How an interview ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With feedback.
    Finished,
    /// The candidate left before that.
    Left,
    /// It was interrupted from outside.
    Interrupted,
}

/// An interview under way.
pub struct Interview {
    session: Session,
    setup: Setup,
    face: Face,
    deadline: Option<Instant>,
    outcome: Outcome,
}

/// What became of work that inputs can break into.
enum Worked<T> {
    Done(T),
    /// An input made the work pointless; these effects come instead.
    Instead(Vec<Effect>),
}

impl Interview {
    /// An interview over a session that has begun.
    pub fn new(session: Session, setup: Setup, face: Face) -> Self {
        let minutes = session.state().opening().and_then(|o| o.options.minutes);
        let deadline = minutes.map(|m| Instant::now() + Duration::from_secs(u64::from(m) * 60));
        Self { session, setup, face, deadline, outcome: Outcome::Finished }
    }

    /// Carries out `effects` and whatever follows from them, to the end.
    pub async fn run(mut self, effects: Vec<Effect>) -> Result<(Session, Outcome), SessionError> {
        let mut queue = VecDeque::from(effects);
        while let Some(effect) = queue.pop_front() {
            queue.extend(self.carry_out(effect).await?);
        }
        Ok((self.session, self.outcome))
    }

    async fn carry_out(&mut self, effect: Effect) -> Result<Vec<Effect>, SessionError> {
        match effect {
            Effect::Say(turn) => {
                self.show(Show::Say(turn));
                Ok(Vec::new())
            }
            Effect::Listen => self.listen().await,
            Effect::Judge { item, open } => self.judge(item, open).await,
            Effect::Word { item, probe } => {
                let errand = self.errand(item, probe);
                self.word(errand).await
            }
            Effect::Review { item } => self.review(item).await,
            Effect::Finish => Ok(self.finish()),
            Effect::Leave => Ok(Vec::new()),
        }
    }

    // What is shown to a face that has gone is seen by nobody; its closed input ends the session.
    fn show(&self, show: Show) {
        let _ = self.face.show.send(show);
    }

    fn notice(&self, text: impl Into<String>) {
        self.show(Show::Notice(text.into()));
    }

    async fn listen(&mut self) -> Result<Vec<Effect>, SessionError> {
        self.show(Show::Listen);
        // Dropped when the candidate has spoken, which cancels what is not done by then.
        let _ahead = self.case(self.session.state().current()).read_ahead();
        let input = loop {
            match self.input_or_time().await {
                Some(input) => break input,
                None => self.time_up()?,
            }
        };
        self.take(input)
    }

    /// The next input; none when the time agreed on has run out first.
    async fn input_or_time(&mut self) -> Option<Input> {
        let deadline = self.deadline;
        let alarm = async move {
            match deadline {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            input = self.face.input.next() => Some(input),
            () = alarm => None,
        }
    }

    fn time_up(&mut self) -> Result<(), SessionError> {
        self.deadline = None;
        self.session.commit(Event::TimeUp)?;
        self.notice("The time is up. Finish your answer; there will be no further question.");
        Ok(())
    }

    fn take(&mut self, input: Input) -> Result<Vec<Effect>, SessionError> {
        let done = *self.session.state().phase() == Phase::Done;
        match input {
            Input::Answer(_) | Input::Skip | Input::Hint if done => {
                self.notice("The interview is over. /dispute N contests a verdict, /quit leaves.");
                Ok(vec![Effect::Listen])
            }
            Input::End if done => Ok(Vec::new()),
            Input::Answer(text) => self.session.commit(Event::Answered { text }),
            Input::Skip => self.session.commit(Event::Skipped),
            Input::Hint => self.session.commit(Event::HintAsked),
            Input::End => self.session.commit(Event::Ended),
            Input::Leave => self.leave(Outcome::Left),
            Input::Interrupt => self.leave(Outcome::Interrupted),
            Input::Dispute(n) => self.dispute(n),
        }
    }

    fn leave(&mut self, how: Outcome) -> Result<Vec<Effect>, SessionError> {
        if *self.session.state().phase() == Phase::Done {
            return Ok(Vec::new());
        }
        self.outcome = how;
        self.session.commit(Event::Left)
    }

    fn dispute(&mut self, n: usize) -> Result<Vec<Effect>, SessionError> {
        match self.numbered(n) {
            Some((item, target)) => {
                self.session.commit(Event::Disputed { item, target })?;
                self.notice(format!(
                    "Noted: you dispute verdict {n}. It is kept with the session."
                ));
            }
            None => self.notice(format!("There is no verdict {n} to dispute yet.")),
        }
        Ok(vec![Effect::Listen])
    }

    /// The verdict that the feedback numbers `n`.
    fn numbered(&self, n: usize) -> Option<(usize, Target)> {
        if *self.session.state().phase() != Phase::Done {
            return None;
        }
        super::report::numbered(self.session.state(), n)
    }

    /// Does work while inputs may break into it.
    async fn work<T>(
        &mut self,
        busy: &str,
        work: impl Future<Output = T>,
    ) -> Result<Worked<T>, SessionError> {
        self.show(Show::Busy(busy.to_owned()));
        let mut work = std::pin::pin!(work);
        let worked = loop {
            tokio::select! {
                // An input that is here counts, even where the work is done at the same time:
                // which of them comes first must not be left to chance.
                biased;
                input = self.face.input.next() => {
                    if let Some(effects) = self.interject(&input)? {
                        break Worked::Instead(effects);
                    }
                }
                done = &mut work => break Worked::Done(done),
            }
        };
        self.show(Show::Busy(String::new()));
        Ok(worked)
    }

    /// An input while the candidate does not have the word: only the end and leaving count.
    fn interject(&mut self, input: &Input) -> Result<Option<Vec<Effect>>, SessionError> {
        match input {
            Input::End => {
                let effects = self.session.commit(Event::Ended)?;
                Ok((!effects.is_empty()).then_some(effects))
            }
            Input::Leave => self.leave(Outcome::Left).map(Some),
            Input::Interrupt => self.leave(Outcome::Interrupted).map(Some),
            Input::Answer(_) | Input::Skip | Input::Hint | Input::Dispute(_) => Ok(None),
        }
    }

    async fn judge(
        &mut self,
        item: usize,
        open: Vec<(Group, String)>,
    ) -> Result<Vec<Effect>, SessionError> {
        let case = self.case(item);
        let work = case.judge(&open);
        let judgement = match self.work("going over your answer", work).await? {
            Worked::Instead(effects) => return Ok(effects),
            Worked::Done(Ok(judgement)) => judgement,
            Worked::Done(Err(error)) => {
                self.give_up_model(&error);
                case.judge_by_words(&open)
            }
        };
        self.session.commit(Event::Judged(judgement))
    }

    async fn review(&mut self, item: usize) -> Result<Vec<Effect>, SessionError> {
        let before = self.session.state().items()[item].findings.clone();
        let case = self.case(item);
        let work = case.judge_again_and_review(&before);
        let (findings, mistakes) = match self.work("putting the feedback together", work).await? {
            Worked::Instead(effects) => return Ok(effects),
            Worked::Done(Ok(reviewed)) => reviewed,
            Worked::Done(Err(error)) => {
                self.give_up_model(&error);
                (Vec::new(), case.review_by_findings(&before))
            }
        };
        self.session.commit(Event::Reviewed { findings, mistakes })
    }

    async fn word(&mut self, errand: Errand) -> Result<Vec<Effect>, SessionError> {
        let words = match self.work("thinking of a follow-up", errand.word()).await? {
            Worked::Instead(effects) => return Ok(effects),
            Worked::Done(Ok(words)) => words,
            Worked::Done(Err(error)) => {
                self.give_up_model(&error);
                errand.bank()
            }
        };
        let Words { text, by_model } = words;
        self.session.commit(Event::Worded { text, by_model })
    }

    /// A model that failed once is not asked again: the interview goes on without it.
    fn give_up_model(&mut self, error: &LlmError) {
        self.setup.llm = None;
        self.notice(format!("{error}. The interview goes on in the bank's own words."));
    }

    fn case(&self, item: usize) -> Case {
        let state = self.session.state();
        Case {
            llm: self.setup.llm.clone(),
            meanings: self.setup.meanings.clone(),
            prompts: Arc::clone(&self.setup.prompts),
            policy: self.setup.policy,
            known: Arc::clone(&self.setup.known),
            question: state.items()[item].question.clone(),
            transcript: state.transcript().clone(),
            item,
        }
    }

    fn errand(&self, item: usize, probe: Probe) -> Errand {
        let state = self.session.state();
        Errand {
            llm: self.setup.llm.clone(),
            prompts: Arc::clone(&self.setup.prompts),
            question: state.items()[item].question.clone(),
            transcript: state.transcript().clone(),
            item,
            probe,
            seed: state.opening().map_or(Seed(0), |o| o.seed),
        }
    }

    fn feedback(&self, reports: &[Report]) -> String {
        if reports.is_empty() {
            return "Nothing was answered, so there is nothing to give feedback on.".to_owned();
        }
        let texts = reports.iter().map(|r| terminal::render(&r.view, self.setup.style));
        texts.collect::<Vec<_>>().join("\n")
    }

    fn finish(&mut self) -> Vec<Effect> {
        let reports = reports(self.session.state());
        let verdicts = reports.iter().map(|r| r.view.numbered().len()).sum();
        let text = self.feedback(&reports);
        self.show(Show::Feedback { text, verdicts });
        if self.face.stays { vec![Effect::Listen] } else { Vec::new() }
    }
}
