//! The port itself: requests, answers, tickets.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{mpsc, oneshot};

use crate::domain::{Insight, ModelCard, Seed, Tap};
use crate::prompt::{Prefix, Tail};

/// Which conversation a request belongs to; each has a cache of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// Neutral system text, question, transcript; statements as branches.
    Judge,
    /// Persona, question, transcript; drafts of what to say next.
    Interviewer,
    /// A question without its answer; single sentences of one as branches, or statements about none.
    Sentence,
}

/// What goes first when several requests wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Work ahead of need; gives way to everything, between layers.
    Ahead,
    /// Somebody waits for it.
    Interactive,
}

/// What to read at the end of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// The log-odds of "yes" over "no": [`Insight::Margin`].
    YesNo,
    /// What the model holds of the last words that are not ours: [`Insight::Inside`].
    Inside(Tap),
}

/// One short continuation of a prefix, and what to read at its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// What follows the prefix.
    pub tail: Tail,
    /// What to read.
    pub read: Read,
}

/// How drafts are sampled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// 0 is greedy.
    pub temperature: f32,
    /// Nucleus: the smallest set of tokens with this much probability.
    pub top_p: f32,
    /// Tokens less likely than this share of the likeliest are left out.
    pub min_p: f32,
    /// Above 1 makes tokens already written less likely.
    pub repetition_penalty: f32,
    /// Where the chance comes from.
    pub seed: Seed,
}

/// A request for text.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftRequest {
    /// What follows the prefix.
    pub tail: Tail,
    /// How to choose tokens.
    pub sampling: Sampling,
    /// No more tokens than these.
    pub max_tokens: usize,
    /// Text that ends the draft; never part of it.
    pub stop: Vec<String>,
}

/// Why a model gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LlmError {
    /// It was cancelled.
    #[error("the request was cancelled")]
    Cancelled,
    /// The prompt is longer than the model's context.
    #[error(
        "the conversation is {tokens} tokens long and the model takes {limit}; end the interview \
         with /end, or choose a model with a longer context"
    )]
    TooLong {
        /// Tokens of the prompt with what would be generated.
        tokens: usize,
        /// Tokens of the model's context.
        limit: usize,
    },
    /// The model failed.
    #[error("the model failed: {0}")]
    Failed(String),
    /// The engine has stopped.
    #[error("the model's thread has ended")]
    Gone,
}

/// A model that interviews and judges can be held with.
pub trait Llm: Send + Sync {
    /// What reports call it.
    fn card(&self) -> &ModelCard;

    /// Brings the cache of `context` up to `prefix`, so that what follows comes sooner.
    /// The answer is the number of tokens of the prefix.
    fn prefill(&self, context: Context, prefix: Prefix, priority: Priority) -> Ticket<usize>;

    /// Reads off each branch of one prefix, in order. A reading depends on its own prefix and
    /// branch alone.
    fn branch(
        &self,
        context: Context,
        prefix: Prefix,
        branches: Vec<Branch>,
        priority: Priority,
    ) -> Ticket<Vec<Insight>>;

    /// Writes text after a prefix. The answer is the whole text; where `stream` is given, its
    /// pieces go there as they are ready, each whole characters.
    fn draft(
        &self,
        context: Context,
        prefix: Prefix,
        request: DraftRequest,
        stream: Option<mpsc::UnboundedSender<String>>,
        priority: Priority,
    ) -> Ticket<String>;
}

/// A request under way. Dropping it cancels the request.
#[derive(Debug)]
pub struct Ticket<T> {
    answer: oneshot::Receiver<Result<T, LlmError>>,
    cancelled: Arc<AtomicBool>,
}

/// The other end of a [`Ticket`]: where the answer goes, and whether it is still wanted.
#[derive(Debug)]
pub struct Reply<T> {
    answer: oneshot::Sender<Result<T, LlmError>>,
    cancelled: Arc<AtomicBool>,
}

impl<T> Ticket<T> {
    /// A ticket and the end that answers it.
    pub fn new() -> (Self, Reply<T>) {
        let (sender, receiver) = oneshot::channel();
        let cancelled = Arc::new(AtomicBool::new(false));
        let reply = Reply { answer: sender, cancelled: Arc::clone(&cancelled) };
        (Self { answer: receiver, cancelled }, reply)
    }

    /// A ticket that is answered already.
    pub fn ready(value: T) -> Self {
        let (ticket, reply) = Self::new();
        reply.send(Ok(value));
        ticket
    }

    /// Waits for the answer.
    pub async fn wait(mut self) -> Result<T, LlmError> {
        // Awaited by reference: `self` has to live, since its drop cancels.
        (&mut self.answer).await.unwrap_or(Err(LlmError::Gone))
    }

    /// Waits for the answer without a runtime.
    pub fn wait_blocking(mut self) -> Result<T, LlmError> {
        loop {
            match self.answer.try_recv() {
                Ok(answer) => return answer,
                Err(oneshot::error::TryRecvError::Closed) => return Err(LlmError::Gone),
                Err(oneshot::error::TryRecvError::Empty) => {
                    std::thread::sleep(std::time::Duration::from_millis(1));
                }
            }
        }
    }
}

impl<T> Drop for Ticket<T> {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

impl<T> Reply<T> {
    /// The flag that says that nobody waits any more; looked at between layers.
    pub fn cancelled(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.cancelled)
    }

    /// Whether nobody waits any more.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Answers. Nobody may be there to hear it, which is no error.
    pub fn send(self, answer: Result<T, LlmError>) {
        let _ = self.answer.send(answer);
    }
}
