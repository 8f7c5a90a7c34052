//! The machine itself.

use super::ladder::{self, Asked};
use super::{Effect, Event, Judgement, Opening, Target, hint};
use crate::domain::{
    Finding, Gate, Group, MistakeFinding, Probe, Purpose, Question, Transcript, Verdict,
};

/// Where a session stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// Nothing has happened.
    New,
    /// The candidate has the word.
    Listening,
    /// The answers to the current item are being judged.
    Judging,
    /// A follow-up is being worded.
    Wording(Probe),
    /// The mistakes of the current item are being judged.
    Reviewing,
    /// Everything was asked and judged.
    Done,
    /// The candidate left before that.
    Left,
}

impl Phase {
    /// Whether an event can happen here.
    const fn admits(&self, event: &Event) -> bool {
        match event {
            Event::Started(_) => matches!(self, Self::New),
            Event::Answered { .. } | Event::Skipped | Event::HintAsked => {
                matches!(self, Self::Listening)
            }
            Event::Judged(_) => matches!(self, Self::Judging),
            Event::Worded { .. } => matches!(self, Self::Wording(_)),
            Event::Reviewed { .. } => matches!(self, Self::Reviewing),
            Event::Ended => !matches!(self, Self::New | Self::Done | Self::Left),
            Event::TimeUp | Event::Left => !matches!(self, Self::New | Self::Left),
            Event::Disputed { .. } => !matches!(self, Self::New),
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::New => "before the start",
            Self::Listening => "while the candidate has the word",
            Self::Judging => "while judging",
            Self::Wording(_) => "while wording a follow-up",
            Self::Reviewing => "while reviewing",
            Self::Done => "after the end",
            Self::Left => "after the candidate left",
        }
    }
}

/// An event that cannot happen where the session stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event {event} cannot happen {phase}")]
pub struct Misplaced {
    /// The event's name.
    pub event: &'static str,
    /// Where the session stands.
    pub phase: &'static str,
}

/// One question of the session, and how it went.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The question.
    pub question: Question,
    /// Whether there was an answer to judge; none until the judge has looked.
    pub gate: Option<Gate>,
    /// Verdicts so far, in the order of the question's criteria.
    pub findings: Vec<Finding>,
    /// Judgements on mistakes; empty until the item was reviewed.
    pub mistakes: Vec<MistakeFinding>,
    /// Verdicts that the candidate disputes.
    pub disputed: Vec<Target>,
    asked: Asked,
    followups: u32,
    hints: usize,
}

impl Item {
    fn new(question: Question) -> Self {
        Self {
            question,
            gate: None,
            findings: Vec::new(),
            mistakes: Vec::new(),
            disputed: Vec::new(),
            asked: Asked::default(),
            followups: 0,
            hints: 0,
        }
    }

    /// The criteria that are not met yet, by group and id.
    fn open(&self) -> Vec<(Group, String)> {
        let met = |group, id: &str| {
            self.findings
                .iter()
                .any(|f| f.group == group && f.criterion == id && f.verdict == Verdict::Met)
        };
        self.question
            .criteria()
            .filter(|(group, c)| !met(*group, &c.id))
            .map(|(group, c)| (group, c.id.clone()))
            .collect()
    }

    /// Takes new verdicts over the old ones and keeps the question's order.
    fn merge(&mut self, new: Vec<Finding>) {
        self.findings.retain(|old| !new.iter().any(|f| f.is_about_the_same(old)));
        self.findings.extend(new);
        let order: Vec<(Group, &str)> =
            self.question.criteria().map(|(g, c)| (g, c.id.as_str())).collect();
        self.findings
            .sort_by_key(|f| order.iter().position(|(g, id)| *g == f.group && *id == f.criterion));
    }

    fn knows(&self, target: &Target) -> bool {
        match target {
            Target::Criterion { group, id } => {
                self.findings.iter().any(|f| f.group == *group && f.criterion == *id)
            }
            Target::Mistake { id } => self.mistakes.iter().any(|m| m.mistake == *id),
        }
    }
}

/// A session: what was agreed, what was said, what was found, and what comes next.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    opening: Option<Opening>,
    transcript: Transcript,
    items: Vec<Item>,
    current: usize,
    phase: Phase,
    time_up: bool,
    ending: bool,
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// A session in which nothing has happened.
    pub fn new() -> Self {
        Self {
            opening: None,
            transcript: Transcript::default(),
            items: Vec::new(),
            current: 0,
            phase: Phase::New,
            time_up: false,
            ending: false,
        }
    }

    /// The session that a list of events makes.
    pub fn replay(events: impl IntoIterator<Item = Event>) -> Result<Self, Misplaced> {
        let mut state = Self::new();
        for event in events {
            state.handle(event)?;
        }
        Ok(state)
    }

    /// What was agreed, once the session has started.
    pub fn opening(&self) -> Option<&Opening> {
        self.opening.as_ref()
    }

    /// What was said.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// The questions of the session, asked or not.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The questions that were answered, with their positions.
    pub fn answered(&self) -> impl Iterator<Item = (usize, &Item)> {
        let answered = |i: usize| self.transcript.answers(i).next().is_some();
        self.items.iter().enumerate().filter(move |(i, _)| answered(*i))
    }

    /// The position of the question being talked about.
    pub fn current(&self) -> usize {
        self.current
    }

    /// Where the session stands.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// Takes an event and says what is to be done. A misplaced event changes nothing.
    pub fn handle(&mut self, event: Event) -> Result<Vec<Effect>, Misplaced> {
        if !self.phase.admits(&event) {
            return Err(Misplaced { event: event.name(), phase: self.phase.name() });
        }
        match event {
            Event::Started(opening) => Ok(self.start(*opening)),
            Event::Answered { text } => Ok(self.answered_with(text)),
            Event::Judged(judgement) => Ok(self.judged(judgement)),
            Event::Worded { text, by_model: _ } => Ok(self.worded(&text)),
            Event::Reviewed { findings, mistakes } => Ok(self.reviewed(findings, mistakes)),
            Event::Skipped => Ok(self.skip()),
            Event::HintAsked => Ok(self.hint()),
            Event::TimeUp => {
                self.time_up = true;
                Ok(Vec::new())
            }
            Event::Ended => Ok(self.end()),
            Event::Left => Ok(self.leave()),
            Event::Disputed { item, target } => self.dispute(item, target),
        }
    }

    fn start(&mut self, opening: Opening) -> Vec<Effect> {
        self.items = opening.question.asked().into_iter().cloned().map(Item::new).collect();
        let mut effects = Vec::new();
        if !opening.question.parts.is_empty() {
            let say = opening.question.say.clone();
            effects
                .push(Effect::Say(self.transcript.interviewer(0, Purpose::Opening, say).clone()));
        }
        self.opening = Some(opening);
        effects.extend(self.ask());
        effects
    }

    fn ask(&mut self) -> Vec<Effect> {
        let say = self.items[self.current].question.say.clone();
        self.say_and_listen(Purpose::Question, say)
    }

    fn say_and_listen(&mut self, purpose: Purpose, text: String) -> Vec<Effect> {
        self.phase = Phase::Listening;
        let turn = self.transcript.interviewer(self.current, purpose, text).clone();
        vec![Effect::Say(turn), Effect::Listen]
    }

    fn answered_with(&mut self, text: String) -> Vec<Effect> {
        self.transcript.candidate(self.current, text);
        self.phase = Phase::Judging;
        let item = self.current;
        vec![Effect::Judge { item, open: self.items[item].open() }]
    }

    fn judged(&mut self, judgement: Judgement) -> Vec<Effect> {
        let item = &mut self.items[self.current];
        // What was an answer once stays one, whatever a later turn brings.
        if judgement.gate.open() || !item.gate.as_ref().is_some_and(Gate::open) {
            item.gate = Some(judgement.gate);
        }
        item.merge(judgement.findings);
        self.follow_up()
    }

    /// The next follow-up, or the review of the item if there is none.
    fn follow_up(&mut self) -> Vec<Effect> {
        let limit = self.opening.as_ref().map_or(0, |o| o.options.followups);
        let item = &self.items[self.current];
        let may_ask = !self.ending && !self.time_up && item.followups < limit;
        let probe = may_ask.then(|| ladder::choose(&item.question, &item.findings, &item.asked));
        match probe.flatten() {
            Some(probe) => {
                self.phase = Phase::Wording(probe.clone());
                vec![Effect::Word { item: self.current, probe }]
            }
            None => self.review(),
        }
    }

    fn worded(&mut self, text: &str) -> Vec<Effect> {
        if let Phase::Wording(probe) = &self.phase {
            let item = &mut self.items[self.current];
            item.asked.note(probe, Some(text));
            item.followups += 1;
        }
        self.say_and_listen(Purpose::Probe, text.to_owned())
    }

    fn review(&mut self) -> Vec<Effect> {
        self.phase = Phase::Reviewing;
        vec![Effect::Review { item: self.current }]
    }

    fn reviewed(&mut self, findings: Vec<Finding>, mistakes: Vec<MistakeFinding>) -> Vec<Effect> {
        let item = &mut self.items[self.current];
        item.merge(findings);
        item.mistakes = mistakes;
        self.next_item()
    }

    fn next_item(&mut self) -> Vec<Effect> {
        if self.ending || self.time_up || self.current + 1 == self.items.len() {
            return self.close();
        }
        self.current += 1;
        self.ask()
    }

    fn close(&mut self) -> Vec<Effect> {
        self.phase = Phase::Done;
        let closing = match self.answered().count() {
            0 => "That is all for now.",
            _ => "Thank you. That is all I wanted to ask.",
        };
        let turn = self.transcript.interviewer(self.current, Purpose::Closing, closing).clone();
        vec![Effect::Say(turn), Effect::Finish]
    }

    fn skip(&mut self) -> Vec<Effect> {
        if self.has_answer() { self.follow_up() } else { self.next_item() }
    }

    fn hint(&mut self) -> Vec<Effect> {
        let item = &mut self.items[self.current];
        let text = hint::nth(&item.question, &item.findings, item.hints);
        item.hints += 1;
        self.say_and_listen(Purpose::Hint, text)
    }

    fn end(&mut self) -> Vec<Effect> {
        self.ending = true;
        match self.phase {
            // The verdict or the review under way leads to the end by itself.
            Phase::Judging | Phase::Reviewing => Vec::new(),
            Phase::Listening | Phase::Wording(_) if self.has_answer() => self.review(),
            Phase::Listening | Phase::Wording(_) | Phase::New | Phase::Done | Phase::Left => {
                self.close()
            }
        }
    }

    fn leave(&mut self) -> Vec<Effect> {
        // A session that was finished stays so.
        if self.phase != Phase::Done {
            self.phase = Phase::Left;
        }
        vec![Effect::Leave]
    }

    fn dispute(&mut self, item: usize, target: Target) -> Result<Vec<Effect>, Misplaced> {
        let known = self.items.get(item).is_some_and(|i| i.knows(&target));
        if !known {
            let event = "disputed, of a verdict that was not given,";
            return Err(Misplaced { event, phase: self.phase.name() });
        }
        let disputed = &mut self.items[item].disputed;
        if !disputed.contains(&target) {
            disputed.push(target);
        }
        Ok(Vec::new())
    }

    fn has_answer(&self) -> bool {
        self.transcript.answers(self.current).next().is_some()
    }
}
