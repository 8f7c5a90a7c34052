//! A model on this machine, on a thread of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::mpsc;

use crate::domain::{Insight, ModelCard};
use crate::engine::{
    ChatTemplate, LoadError, LoadOptions, Metadata, Model, TemplateError, Tokenizer,
    TokenizerError, Vocabulary,
};
use crate::prompt::Prefix;

use super::frame::Frame;
use super::kept::Kept;
use super::queue::Queue;
use super::worker::{DraftTask, Job, Task, Worker};
use super::{Branch, Context, DraftRequest, Llm, LlmError, Priority, Ticket};

/// Why a model file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its weights cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Its vocabulary cannot be used.
    #[error("{file}: {error}")]
    Tokenizer {
        /// The file.
        file: String,
        /// What is wrong.
        error: TokenizerError,
    },
    /// Its chat template cannot be used.
    #[error("{file}: {error}")]
    Template {
        /// The file.
        file: String,
        /// What is wrong.
        error: TemplateError,
    },
    /// It lacks something that judging needs.
    #[error("{file}: {error}")]
    Unfit {
        /// The file.
        file: String,
        /// What is lacking.
        error: LlmError,
    },
    /// The system gave no thread.
    #[error("no thread could be started for the model: {0}")]
    Thread(std::io::Error),
}

/// A model on this machine. Dropping it stops what it is doing and waits for its thread.
pub struct Local {
    card: ModelCard,
    queue: Arc<Queue<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Local {
    /// Loads the GGUF file at `path` and starts its thread. What it computes for prompts of ours
    /// and the bank's is kept in the folder `kept`, where one is given, for later processes.
    pub fn open(
        path: &Path,
        options: &LoadOptions,
        card: ModelCard,
        kept: Option<PathBuf>,
    ) -> Result<Self, OpenError> {
        let file = path.display().to_string();
        let (mut model, words) =
            Model::open_with(path, options, |metadata| words(&file, metadata))?;
        let (tokenizer, template) = words?;
        model.forget_metadata();
        let kept = kept.and_then(|folder| Kept::open(folder, path, &card.sha256, &model));
        let worker = Worker::new(model, Frame::new(tokenizer, template), kept)
            .map_err(|error| OpenError::Unfit { file, error })?;
        Self::start(worker, card).map_err(OpenError::Thread)
    }

    fn start(worker: Worker, card: ModelCard) -> std::io::Result<Self> {
        let queue = Arc::new(Queue::new());
        let jobs = Arc::clone(&queue);
        let thread = std::thread::Builder::new().name("viva-engine".into()).spawn(move || {
            // A panic in the engine must not leave anybody waiting: the queue is closed, and
            // the replies that it drops answer `Gone`.
            let _close = Close(Arc::clone(&jobs));
            worker.run(&jobs);
        })?;
        Ok(Self { card, queue, thread: Some(thread) })
    }

    fn submit(&self, priority: Priority, context: Context, prefix: Prefix, task: Task) {
        if let Err(job) = self.queue.push(priority, Job { context, prefix, task }) {
            job.fail(LlmError::Gone);
        }
    }
}

/// How the model's file reads and frames text.
fn words(file: &str, metadata: &Metadata) -> Result<(Tokenizer, ChatTemplate), OpenError> {
    let unreadable = |error| OpenError::Tokenizer { file: file.to_owned(), error };
    let vocabulary = Vocabulary::from_metadata(metadata).map_err(unreadable)?;
    let tokenizer = Tokenizer::new(&vocabulary).map_err(unreadable)?;
    let template = ChatTemplate::from_vocabulary(&vocabulary)
        .map_err(|error| OpenError::Template { file: file.to_owned(), error })?;
    Ok((tokenizer, template))
}

struct Close(Arc<Queue<Job>>);

impl Drop for Close {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            // It ended by itself or by a panic that its tickets have told of.
            let _ = thread.join();
        }
    }
}

impl Llm for Local {
    fn card(&self) -> &ModelCard {
        &self.card
    }

    fn prefill(&self, context: Context, prefix: Prefix, priority: Priority) -> Ticket<usize> {
        let (ticket, reply) = Ticket::new();
        self.submit(priority, context, prefix, Task::Prefill(reply));
        ticket
    }

    fn branch(
        &self,
        context: Context,
        prefix: Prefix,
        branches: Vec<Branch>,
        priority: Priority,
    ) -> Ticket<Vec<Insight>> {
        let (ticket, reply) = Ticket::new();
        let task = Task::Branch { branches, readings: None, reply };
        self.submit(priority, context, prefix, task);
        ticket
    }

    fn draft(
        &self,
        context: Context,
        prefix: Prefix,
        request: DraftRequest,
        stream: Option<mpsc::UnboundedSender<String>>,
        priority: Priority,
    ) -> Ticket<String> {
        let (ticket, reply) = Ticket::new();
        let task = Task::Draft(Box::new(DraftTask { request, stream, reply }));
        self.submit(priority, context, prefix, task);
        ticket
    }
}
