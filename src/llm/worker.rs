//! The thread that owns the caches and does one job after another.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::domain::Insight;
use crate::engine::Model;
use crate::prompt::{Prefix, Tail};

use super::frame::{Frame, Framed, FramedTail};
use super::kept::Kept;
use super::lane::{Halt, Lane};
use super::queue::{Queue, Waiting};
use super::reading::Readings;
use super::{Branch, Context, DraftRequest, LlmError, Reply};

/// Spellings of the two answers; those that are one token of the model's count.
const YES: [&str; 6] = ["yes", "Yes", "YES", " yes", " Yes", " YES"];
const NO: [&str; 6] = ["no", "No", "NO", " no", " No", " NO"];

/// A request as the queue holds it.
pub(super) struct Job {
    pub(super) context: Context,
    pub(super) prefix: Prefix,
    pub(super) task: Task,
}

/// What to do after the prefix.
pub(super) enum Task {
    Prefill(Reply<usize>),
    /// What was read before a stop need not be read again, so it is kept here.
    Branch {
        branches: Vec<Branch>,
        readings: Option<Readings>,
        reply: Reply<Vec<Insight>>,
    },
    Draft(Box<DraftTask>),
}

pub(super) struct DraftTask {
    pub(super) request: DraftRequest,
    pub(super) stream: Option<mpsc::UnboundedSender<String>>,
    pub(super) reply: Reply<String>,
}

impl Task {
    fn is_cancelled(&self) -> bool {
        match self {
            Self::Prefill(reply) => reply.is_cancelled(),
            Self::Branch { reply, .. } => reply.is_cancelled(),
            Self::Draft(task) => task.reply.is_cancelled(),
        }
    }

    fn fail(self, error: LlmError) {
        match self {
            Self::Prefill(reply) => reply.send(Err(error)),
            Self::Branch { reply, .. } => reply.send(Err(error)),
            Self::Draft(task) => task.reply.send(Err(error)),
        }
    }
}

impl Job {
    pub(super) fn fail(self, error: LlmError) {
        self.task.fail(error);
    }
}

/// The engine's side of the port.
pub(super) struct Worker {
    model: Model,
    pub(super) frame: Frame,
    judge: Lane,
    interviewer: Lane,
    sentence: Lane,
    /// Prefixes of earlier processes, where they may be kept.
    kept: Option<Kept>,
    pub(super) yes: Vec<u32>,
    pub(super) no: Vec<u32>,
}

impl Worker {
    pub(super) fn new(model: Model, frame: Frame, kept: Option<Kept>) -> Result<Self, LlmError> {
        let yes = frame.single_tokens(&YES)?;
        let no = frame.single_tokens(&NO)?;
        if yes.is_empty() || no.is_empty() {
            return Err(LlmError::Failed("it has no token for yes and no".into()));
        }
        let [judge, interviewer, sentence] = std::array::from_fn(|_| Lane::new(&model));
        Ok(Self { model, frame, judge, interviewer, sentence, kept, yes, no })
    }

    /// Does jobs until the queue is closed.
    pub(super) fn run(mut self, queue: &Arc<Queue<Job>>) {
        while let Some(waiting) = queue.pop() {
            self.serve(waiting, queue);
        }
    }

    fn serve(&mut self, waiting: Waiting<Job>, queue: &Queue<Job>) {
        match self.frame.prefix(&waiting.job.prefix) {
            Ok(framed) => self.serve_framed(waiting, &framed, queue),
            Err(error) => waiting.job.fail(error),
        }
    }

    fn serve_framed(&mut self, mut waiting: Waiting<Job>, framed: &Framed, queue: &Queue<Job>) {
        let priority = waiting.priority;
        let gives_way = || queue.presses(priority);
        match self.attempt(&mut waiting.job, framed, &gives_way) {
            Ok(outcome) => {
                let context = waiting.job.context;
                waiting.job.task.answer(outcome);
                At { worker: self, context, framed }.keep();
            }
            Err(Halt::Failed(error)) => waiting.job.fail(error),
            Err(Halt::Stopped) if waiting.job.task.is_cancelled() => {
                waiting.job.fail(LlmError::Cancelled);
            }
            Err(Halt::Stopped) => queue.put_back(waiting),
        }
    }

    fn attempt(
        &mut self,
        job: &mut Job,
        framed: &Framed,
        gives_way: &dyn Fn() -> bool,
    ) -> Result<Outcome, Halt> {
        let mut at = At { worker: self, context: job.context, framed };
        match &mut job.task {
            Task::Prefill(reply) => {
                at.prefill(&|| reply.is_cancelled() || gives_way())?;
                Ok(Outcome::Tokens(framed.prefix.len()))
            }
            Task::Branch { branches, readings, reply } => {
                let stop = || reply.is_cancelled() || gives_way();
                let begun = match readings.take() {
                    Some(begun) => begun,
                    None => at.readings(branches)?,
                };
                at.read(readings.insert(begun), &stop)?;
                Ok(Outcome::Readings(readings.take().map_or_else(Vec::new, Readings::done)))
            }
            Task::Draft(task) => {
                // Text that was streamed cannot be taken back, so a draft never gives way.
                let stop = || task.reply.is_cancelled();
                Ok(Outcome::Text(at.draft(&task.request, task.stream.as_ref(), &stop)?))
            }
        }
    }
}

enum Outcome {
    Tokens(usize),
    Readings(Vec<Insight>),
    Text(String),
}

impl Task {
    fn answer(self, outcome: Outcome) {
        match (self, outcome) {
            (Self::Prefill(reply), Outcome::Tokens(tokens)) => reply.send(Ok(tokens)),
            (Self::Branch { reply, .. }, Outcome::Readings(readings)) => reply.send(Ok(readings)),
            (Self::Draft(task), Outcome::Text(text)) => task.reply.send(Ok(text)),
            (task, Outcome::Tokens(_) | Outcome::Readings(_) | Outcome::Text(_)) => {
                task.fail(LlmError::Failed("an answer of another kind".into()));
            }
        }
    }
}

/// A place in one of the conversations.
pub(super) struct At<'a> {
    pub(super) worker: &'a mut Worker,
    context: Context,
    pub(super) framed: &'a Framed,
}

impl At<'_> {
    pub(super) fn lane(&mut self) -> (&mut Lane, &Model) {
        let (lane, model, _) = self.parts();
        (lane, model)
    }

    fn parts(&mut self) -> (&mut Lane, &Model, Option<&mut Kept>) {
        let worker = &mut *self.worker;
        let lane = match self.context {
            Context::Judge => &mut worker.judge,
            Context::Interviewer => &mut worker.interviewer,
            Context::Sentence => &mut worker.sentence,
        };
        (lane, &worker.model, worker.kept.as_mut())
    }

    /// Brings the cache to the prefix, by what an earlier process left of it if that is more than
    /// there is here.
    pub(super) fn begin(&mut self, stop: &dyn Fn() -> bool) -> Result<(), Halt> {
        let Framed { prefix, stable, .. } = self.framed;
        let (lane, model, kept) = self.parts();
        if let Some(kept) = kept
            && let Some(cache) = kept.find(model, prefix, stable, lane.common(prefix))
        {
            lane.adopt(cache, prefix);
        }
        lane.become_(model, prefix, stop)
    }

    /// Brings the cache to hold the prefix. What it holds beyond that is left: a request that was
    /// overtaken must not cost what was computed since.
    fn prefill(&mut self, stop: &dyn Fn() -> bool) -> Result<(), Halt> {
        let prefix = &self.framed.prefix;
        let (lane, _) = self.lane();
        if lane.common(prefix) == prefix.len() { Ok(()) } else { self.begin(stop) }
    }

    /// Leaves the stable part of the prefix to later processes. Nobody waits for it.
    fn keep(&mut self) {
        let Framed { prefix, stable, .. } = self.framed;
        let (lane, model, kept) = self.parts();
        if let Some(kept) = kept {
            kept.keep(model, lane.cache(), prefix, stable);
        }
    }

    /// The tokens of a tail, if they and `more` have room in the model's context.
    pub(super) fn tail(&self, tail: &Tail, more: usize) -> Result<FramedTail, LlmError> {
        let tail = self.worker.frame.tail(self.framed, tail)?;
        let tokens = self.framed.prefix.len() + tail.tokens.len() + more;
        let limit = self.worker.model.info().context_length;
        if tokens > limit {
            return Err(LlmError::TooLong { tokens, limit });
        }
        Ok(tail)
    }
}
