//! The work, and what it took.

use std::path::Path;
use std::time::Instant;

use super::{median, peak_memory, read_bandwidth};
use crate::domain::Seed;
use crate::engine::{
    Device, ForwardError, KvCache, LoadError, LoadOptions, Metadata, Model, ModelInfo, Tokenizer,
    TokenizerError, Vocabulary,
};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Tokens of the prompt that is read.
    pub prefill: usize,
    /// Tokens that follow it, one at a time.
    pub decode: usize,
    /// Short continuations of one prefix.
    pub branches: Branches,
    /// How often all this is done; the median counts.
    pub rounds: usize,
}

/// Short continuations of one prefix, each of which sees the prefix and itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Branches {
    /// How many.
    pub count: usize,
    /// Tokens of each.
    pub tokens_each: usize,
    /// Tokens of the prefix, which are not part of the time.
    pub prefix: usize,
}

impl Default for Work {
    /// What llama.cpp's bench is usually asked for, and a turn's statements after an answer.
    fn default() -> Self {
        let branches = Branches { count: 25, tokens_each: 40, prefix: 600 };
        Self { prefill: 512, decode: 64, branches, rounds: 3 }
    }
}

/// What the work took.
#[derive(Debug, Clone, PartialEq)]
pub struct Speed {
    /// The model.
    pub info: ModelInfo,
    /// Threads that computed.
    pub threads: usize,
    /// Seconds until model and tokenizer were ready.
    pub load: f64,
    /// Seconds until the first token had been computed, loading included: what was put off while
    /// loading shows here.
    pub first: f64,
    /// Tokens a second of the prompt.
    pub prefill: f64,
    /// Tokens a second after it, one at a time.
    pub decode: f64,
    /// Seconds for all branches.
    pub branches: f64,
    /// The most memory held for one prompt and what follows it, in bytes.
    pub peak: Option<u64>,
    /// How fast the memory was read.
    pub read: Read,
}

/// Bytes a second that this machine's memory gave, before and after prompt and decoding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Read {
    /// Before.
    pub before: f64,
    /// After.
    pub after: f64,
}

impl Speed {
    /// The part of the memory's bandwidth that decoding used: 1 would be all of it, if nothing
    /// but weights were read. None on a GPU, which reads a memory of its own.
    pub fn bandwidth_share(&self) -> Option<f64> {
        let given = f64::midpoint(self.read.before, self.read.after);
        let used = self.info.token_bytes as f64 * self.decode;
        (self.info.device == Device::Cpu).then_some(used / given)
    }
}

/// What is being done, for whoever waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The model is loaded.
    Load,
    /// All is done once that is not measured.
    WarmUp,
    /// Memory is read.
    Bandwidth,
    /// A prompt is read and continued.
    Tokens {
        /// The round, from 1.
        round: usize,
    },
    /// Branches are computed.
    Branches {
        /// The round, from 1.
        round: usize,
    },
}

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum SpeedError {
    /// The model cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Its tokenizer cannot be used.
    #[error("{file}: {error}")]
    Tokenizer {
        /// The file.
        file: String,
        /// What is wrong.
        error: TokenizerError,
    },
    /// It computed nothing.
    #[error("the model gave no result: {0}")]
    Forward(#[from] ForwardError),
}

/// Does the work on the model at `path` and tells `watch` of each stage.
///
/// The memory is noted after a first round that is not timed, before anything else could add to
/// it; so it compares with a program that read and wrote the same tokens.
pub fn measure(
    path: &Path,
    options: LoadOptions,
    work: &Work,
    watch: &dyn Fn(Stage),
) -> Result<Speed, SpeedError> {
    let threads = options.threads().get();
    let start = Instant::now();
    watch(Stage::Load);
    let model = load(path, options)?;
    let load = start.elapsed().as_secs_f64();
    let bench = Bench { model: &model, work };
    bench.forward(&bench.tokens(1), &mut model.cache())?;
    let first = start.elapsed().as_secs_f64();
    watch(Stage::WarmUp);
    bench.round()?;
    let peak = peak_memory();
    let read = || {
        watch(Stage::Bandwidth);
        read_bandwidth(threads)
    };
    let before = read();
    let (prefill, decode) = bench.rounds(watch)?;
    let read = Read { before, after: read() };
    let branches = bench.all_branches(watch)?;
    let info = model.info().clone();
    Ok(Speed { info, threads, load, first, prefill, decode, branches, peak, read })
}

/// The model with its tokenizer, which is part of being ready and is not needed here.
fn load(path: &Path, options: LoadOptions) -> Result<Model, SpeedError> {
    let tokenizer = |metadata: &Metadata| {
        Vocabulary::from_metadata(metadata).and_then(|vocabulary| Tokenizer::new(&vocabulary))
    };
    let (model, tokenizer) = Model::open_with(path, &options, tokenizer)?;
    tokenizer.map_err(|error| SpeedError::Tokenizer { file: path.display().to_string(), error })?;
    Ok(model)
}

struct Bench<'a> {
    model: &'a Model,
    work: &'a Work,
}

impl Bench<'_> {
    /// Tokens a second of prompt and continuation.
    fn rounds(&self, watch: &dyn Fn(Stage)) -> Result<(f64, f64), SpeedError> {
        let (mut prefill, mut decode) = (Vec::new(), Vec::new());
        for round in 1..=self.work.rounds {
            watch(Stage::Tokens { round });
            let (read, written) = self.round()?;
            prefill.push(self.work.prefill as f64 / read);
            decode.push(self.work.decode as f64 / written);
        }
        Ok((median(prefill), median(decode)))
    }

    /// Seconds of a prompt, and of what follows it.
    fn round(&self) -> Result<(f64, f64), SpeedError> {
        let mut cache = self.model.cache();
        let tokens = self.tokens(self.work.prefill + self.work.decode);
        let (prompt, rest) = tokens.split_at(self.work.prefill);
        let read = seconds(|| self.forward(prompt, &mut cache))?;
        let written = seconds(|| rest.chunks(1).try_for_each(|one| self.forward(one, &mut cache)))?;
        Ok((read, written))
    }

    /// Seconds of all branches on a prefix that is in the cache.
    fn all_branches(&self, watch: &dyn Fn(Stage)) -> Result<f64, SpeedError> {
        let Branches { count, tokens_each, prefix } = self.work.branches;
        let tokens = self.tokens(prefix + count * tokens_each);
        let (prefix, rest) = tokens.split_at(prefix);
        let runs: Vec<&[u32]> = rest.chunks(tokens_each).collect();
        let mut cache = self.model.cache();
        self.forward(prefix, &mut cache)?;
        let round = |round| {
            watch(Stage::Branches { round });
            seconds(|| self.model.branches(&mut cache, &runs, &|| false).map(drop))
        };
        let rounds = (1..=self.work.rounds).map(round).collect::<Result<_, _>>()?;
        Ok(median(rounds))
    }

    fn forward(&self, tokens: &[u32], cache: &mut KvCache) -> Result<(), ForwardError> {
        self.model.forward(tokens, cache, &[tokens.len() - 1], &|| false)?;
        Ok(())
    }

    /// Tokens in no order, the same each time; which they are makes no difference to the work.
    fn tokens(&self, count: usize) -> Vec<u32> {
        let vocabulary = self.model.info().vocabulary as u64;
        let mut seed = Seed(0);
        let next = || {
            let drawn;
            (drawn, seed) = seed.next();
            (drawn % vocabulary) as u32
        };
        std::iter::repeat_with(next).take(count).collect()
    }
}

/// How long it took.
fn seconds<E>(work: impl FnOnce() -> Result<(), E>) -> Result<f64, E> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64())
}
