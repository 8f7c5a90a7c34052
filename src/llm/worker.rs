//! The thread that owns the caches and does one job after another.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::domain::Margin;
use crate::engine::{Model, Sampler, SamplerOptions, TextStream};
use crate::prompt::{Prefix, Tail};

use super::frame::{Frame, Framed};
use super::lane::{Halt, Lane};
use super::numbers::{Tree, log_sum_exp};
use super::queue::{Queue, Waiting};
use super::{Branch, Context, DraftRequest, LlmError, Read, Reading, Reply};

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
    Branch { branches: Vec<Branch>, done: Vec<Reading>, reply: Reply<Vec<Reading>> },
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
    frame: Frame,
    judge: Lane,
    interviewer: Lane,
    yes: Vec<u32>,
    no: Vec<u32>,
}

impl Worker {
    pub(super) fn new(model: Model, frame: Frame) -> Result<Self, LlmError> {
        let yes = frame.single_tokens(&YES)?;
        let no = frame.single_tokens(&NO)?;
        if yes.is_empty() || no.is_empty() {
            return Err(LlmError::Failed("it has no token for yes and no".into()));
        }
        let (judge, interviewer) = (Lane::new(&model), Lane::new(&model));
        Ok(Self { model, frame, judge, interviewer, yes, no })
    }

    /// Does jobs until the queue is closed.
    pub(super) fn run(mut self, queue: &Arc<Queue<Job>>) {
        while let Some(waiting) = queue.pop() {
            self.serve(waiting, queue);
        }
    }

    fn serve(&mut self, mut waiting: Waiting<Job>, queue: &Queue<Job>) {
        let priority = waiting.priority;
        let gives_way = || queue.presses(priority);
        match self.attempt(&mut waiting.job, &gives_way) {
            Ok(outcome) => waiting.job.task.answer(outcome),
            Err(Halt::Failed(error)) => waiting.job.fail(error),
            Err(Halt::Stopped) if waiting.job.task.is_cancelled() => {
                waiting.job.fail(LlmError::Cancelled);
            }
            Err(Halt::Stopped) => queue.put_back(waiting),
        }
    }

    fn attempt(&mut self, job: &mut Job, gives_way: &dyn Fn() -> bool) -> Result<Outcome, Halt> {
        let framed = self.frame.prefix(&job.prefix)?;
        let mut at = At { worker: self, context: job.context, framed: &framed };
        match &mut job.task {
            Task::Prefill(reply) => {
                at.begin(&|| reply.is_cancelled() || gives_way())?;
                Ok(Outcome::Tokens(framed.prefix.len()))
            }
            Task::Branch { branches, done, reply } => {
                let stop = || reply.is_cancelled() || gives_way();
                // What was read before a stop need not be read again.
                for branch in &branches[done.len()..] {
                    done.push(at.read(branch, &stop)?);
                }
                Ok(Outcome::Readings(std::mem::take(done)))
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
    Readings(Vec<Reading>),
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
struct At<'a> {
    worker: &'a mut Worker,
    context: Context,
    framed: &'a Framed,
}

impl At<'_> {
    fn lane(&mut self) -> (&mut Lane, &Model) {
        let worker = &mut *self.worker;
        let lane = match self.context {
            Context::Judge => &mut worker.judge,
            Context::Interviewer => &mut worker.interviewer,
        };
        (lane, &worker.model)
    }

    /// Brings the cache to the prefix.
    fn begin(&mut self, stop: &dyn Fn() -> bool) -> Result<(), Halt> {
        let prefix = &self.framed.prefix;
        let (lane, model) = self.lane();
        lane.become_(model, prefix, stop)
    }

    /// Brings the cache to the prefix and a tail, and gives the logits after them.
    fn open(
        &mut self,
        tail: &Tail,
        more: usize,
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<f32>, Halt> {
        let tail = self.worker.frame.tail(self.framed, tail)?;
        let tokens = self.framed.prefix.len() + tail.len() + more;
        let limit = self.worker.model.info().context_length;
        if tokens > limit {
            return Err(LlmError::TooLong { tokens, limit }.into());
        }
        self.begin(stop)?;
        let (lane, model) = self.lane();
        lane.push(model, &tail, stop)
    }

    fn read(&mut self, branch: &Branch, stop: &dyn Fn() -> bool) -> Result<Reading, Halt> {
        match branch.read {
            Read::YesNo => {
                let logits = self.open(&branch.tail, 0, stop)?;
                let mass = |ids: &[u32]| log_sum_exp(ids.iter().map(|&id| logits[id as usize]));
                let margin = mass(&self.worker.yes) - mass(&self.worker.no);
                Ok(Reading::YesNo(Margin(margin)))
            }
            Read::Number { upto } => {
                let paths: Vec<Vec<u32>> = (1..=upto)
                    .map(|n| self.worker.frame.plain(&format!("{n}]")))
                    .collect::<Result<_, _>>()?;
                let longest = paths.iter().map(Vec::len).max().unwrap_or(0);
                let logits = self.open(&branch.tail, longest, stop)?;
                let (lane, model) = self.lane();
                let base = lane.len();
                let numbers = Tree::new(&paths).read(&logits, |path| {
                    lane.truncate(base);
                    lane.push(model, path, stop)
                })?;
                Ok(Reading::Numbers(numbers))
            }
        }
    }

    fn draft(
        &mut self,
        request: &DraftRequest,
        stream: Option<&mpsc::UnboundedSender<String>>,
        stop: &dyn Fn() -> bool,
    ) -> Result<String, Halt> {
        let mut logits = self.open(&request.tail, request.max_tokens, stop)?;
        let mut sampler = Sampler::new(sampler_options(request));
        let mut decoded = TextStream::new(request.stop.iter().cloned());
        let (mut text, mut written) = (String::new(), Vec::new());
        let mut emit = |piece: Option<String>| {
            let Some(piece) = piece else { return };
            if let Some(stream) = stream {
                // Nobody listening any more is seen by `stop`.
                let _ = stream.send(piece.clone());
            }
            text.push_str(&piece);
        };
        for _ in 0..request.max_tokens {
            let token = sampler.sample(&logits, &written);
            if self.worker.frame.tokenizer().is_end(token) {
                break;
            }
            written.push(token);
            emit(decoded.push(self.worker.frame.tokenizer().token_bytes(token)));
            if decoded.stopped() {
                break;
            }
            let (lane, model) = self.lane();
            logits = lane.push(model, &[token], stop)?;
        }
        emit(decoded.finish());
        Ok(text)
    }
}

fn sampler_options(request: &DraftRequest) -> SamplerOptions {
    let sampling = request.sampling;
    SamplerOptions {
        temperature: sampling.temperature,
        top_p: sampling.top_p,
        min_p: sampling.min_p,
        repetition_penalty: sampling.repetition_penalty,
        seed: sampling.seed.0,
        ..SamplerOptions::default()
    }
}
