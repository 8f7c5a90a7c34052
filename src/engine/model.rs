//! A model and its caches, whichever back end they are on.

use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::architecture::Architecture;
use super::backend::{AnyBackend, Opened, Slices, Tensors};
use super::config::Config;
use super::decoder::{Cache, Decoder};
use super::device::{Device, DeviceChoice};
use super::error::{ForwardError, LoadError, LoadFault};
use super::gguf::{Metadata, TensorSource, Texts, read_header};
use super::tap::{Tap, Tapped, TappedRun};
use super::threads::fastest_threads;
use super::weights::Loader;

/// How numbers are held and multiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BackendKind {
    /// candle's tensors: the reference, and the way to GPUs.
    Tensor,
    /// Our own kernels, on the CPU alone.
    #[default]
    Slices,
}

/// How to load a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LoadOptions {
    /// Where to compute.
    pub device: DeviceChoice,
    /// How the CPU computes. A GPU has candle's tensors alone.
    pub backend: BackendKind,
    /// Threads of our own kernels; those of [`fastest_threads`] where it is not said.
    pub threads: Option<NonZeroUsize>,
    /// Tokens that caches are wanted to hold; as many as the model takes where nobody says. Phi-3
    /// reads short texts better where it is not told to expect long ones.
    pub context: Option<usize>,
}

impl LoadOptions {
    /// Threads that our own kernels use.
    pub fn threads(self) -> NonZeroUsize {
        self.threads.unwrap_or_else(fastest_threads)
    }
}

/// What a model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelInfo {
    /// What it calls itself, if it does.
    pub name: Option<String>,
    /// Its architecture.
    pub architecture: Architecture,
    /// Layers.
    pub layers: usize,
    /// Heads of the query.
    pub heads: usize,
    /// Heads of keys and values.
    pub kv_heads: usize,
    /// Components of a head.
    pub head_dim: usize,
    /// Tokens that it knows, from 0.
    pub vocabulary: usize,
    /// Tokens that a cache may hold.
    pub context_length: usize,
    /// Length of its file.
    pub file_bytes: u64,
    /// Bytes of weights in it that computing one token reads.
    pub token_bytes: u64,
    /// Where it computes.
    pub device: Device,
}

/// A model: weights that never change, and so can be shared between threads.
pub struct Model {
    pub(super) engine: Engine,
    info: Arc<ModelInfo>,
    metadata: Metadata,
}

pub(super) enum Engine {
    Tensor(Decoder<Tensors>),
    Slices(Decoder<Slices>),
}

/// What a model has seen so far.
pub struct KvCache {
    // Also tells whose cache it is: compared by address.
    pub(super) model: Arc<ModelInfo>,
    pub(super) state: CacheState,
}

#[derive(Clone)]
pub(super) enum CacheState {
    Tensor(Cache<Tensors>),
    Slices(Cache<Slices>),
}

/// A decoder and one of its caches.
enum Pair<'a> {
    Tensor(&'a Decoder<Tensors>, &'a mut Cache<Tensors>),
    Slices(&'a Decoder<Slices>, &'a mut Cache<Slices>),
}

/// Has the weights of a file loaded.
type Weights<'a> = Box<dyn FnOnce() -> Result<Engine, LoadFault> + 'a>;

impl Model {
    /// Loads a GGUF file.
    pub fn open(path: &Path, options: &LoadOptions) -> Result<Self, LoadError> {
        let alone = |_: &Metadata, weights: Weights<'_>| Ok((weights()?, ()));
        Self::load(path, *options, alone).map(|(model, ())| model)
    }

    /// Loads a GGUF file and does `work` with its key/values at the same time, on a thread of its
    /// own: a tokenizer is made of them, which takes a while.
    pub fn open_with<T: Send>(
        path: &Path,
        options: &LoadOptions,
        work: impl FnOnce(&Metadata) -> T + Send,
    ) -> Result<(Self, T), LoadError> {
        Self::load(path, *options, |metadata, weights| both(weights, || work(metadata)))
    }

    /// Loads a file; `how` has the weights loaded, and does what else there is to do.
    fn load<T>(
        path: &Path,
        options: LoadOptions,
        how: impl FnOnce(&Metadata, Weights<'_>) -> Result<(Engine, T), LoadFault>,
    ) -> Result<(Self, T), LoadError> {
        let load = || {
            let (file, bytes) = open_file(path)?;
            let reader = BufReader::with_capacity(READ_AHEAD, &file);
            let (metadata, table) = read_header(reader, bytes)?;
            let config = Config::read(&metadata, options.context)?;
            let sizes = (bytes, table.bytes_a_token());
            let source = TensorSource::new(file, table);
            let Opened { device, backend } = Opened::new(options)?;
            let weights =
                || Engine::load(backend, &config, source).map_err(|fault| fault.on(device));
            let (engine, done) = how(&metadata, Box::new(weights))?;
            let vocabulary = engine.vocabulary();
            check_vocabulary(&metadata, vocabulary)?;
            let info = Arc::new(info(&config, &metadata, vocabulary, sizes, device)?);
            Ok((Self { engine, info, metadata }, done))
        };
        load().map_err(|fault| LoadError { path: path.to_owned(), fault })
    }

    /// What the model is.
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// What its caches know it by.
    pub(super) fn shared_info(&self) -> &Arc<ModelInfo> {
        &self.info
    }

    /// The key/values of its file: tokens, merges, chat template.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Drops these: they take megabytes, and a model has no use for them once its tokenizer is
    /// made. There are none from then on.
    pub fn forget_metadata(&mut self) {
        self.metadata = Metadata::default();
    }

    /// An empty cache.
    pub fn cache(&self) -> KvCache {
        let state = match &self.engine {
            Engine::Tensor(decoder) => CacheState::Tensor(decoder.cache()),
            Engine::Slices(decoder) => CacheState::Slices(decoder.cache()),
        };
        KvCache { model: Arc::clone(&self.info), state }
    }

    /// Appends `tokens` to the cache and returns the logits at the `wanted` positions, each as
    /// many as there are tokens in the vocabulary. A position is an index into `tokens`.
    ///
    /// `stop` is asked before each layer. Whatever the error, the cache is as it was before.
    /// The scores of attention take memory by the number of `tokens` times all tokens so far:
    /// feed a long prompt in pieces of a few hundred.
    pub fn forward(
        &self,
        tokens: &[u32],
        cache: &mut KvCache,
        wanted: &[usize],
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, ForwardError> {
        match self.with(cache)? {
            Pair::Tensor(decoder, cache) => decoder.forward(tokens, cache, wanted, stop),
            Pair::Slices(decoder, cache) => decoder.forward(tokens, cache, wanted, stop),
        }
    }

    /// Continues the cache by each of `runs`, all in one pass: each sees what is in the cache and
    /// itself. Returns the logits after the last token of each, the same as if it were appended
    /// alone, and leaves the cache's tokens as they are.
    ///
    /// `stop` is asked before each layer. Memory goes with the number of tokens in all runs: some
    /// hundreds are a good measure.
    pub fn branches(
        &self,
        cache: &mut KvCache,
        runs: &[&[u32]],
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Vec<f32>>, ForwardError> {
        match self.with(cache)? {
            Pair::Tensor(decoder, cache) => decoder.branches(runs, cache, stop),
            Pair::Slices(decoder, cache) => decoder.branches(runs, cache, stop),
        }
    }

    /// Continues the cache by each of `runs` as [`Self::branches`] does, and listens inside: no
    /// logits are computed, and no more layers than `tap` says. `within` are the positions of the
    /// cache over which attention is told.
    pub fn tap(
        &self,
        cache: &mut KvCache,
        runs: &[TappedRun<'_>],
        tap: &Tap,
        within: Range<usize>,
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Tapped>, ForwardError> {
        match self.with(cache)? {
            Pair::Tensor(decoder, cache) => decoder.tap(runs, cache, (tap, within), stop),
            Pair::Slices(decoder, cache) => decoder.tap(runs, cache, (tap, within), stop),
        }
    }

    /// The decoder and a cache of its.
    fn with<'a>(&'a self, cache: &'a mut KvCache) -> Result<Pair<'a>, ForwardError> {
        if !Arc::ptr_eq(&self.info, &cache.model) {
            return Err(ForwardError::ForeignCache);
        }
        match (&self.engine, &mut cache.state) {
            (Engine::Tensor(decoder), CacheState::Tensor(cache)) => {
                Ok(Pair::Tensor(decoder, cache))
            }
            (Engine::Slices(decoder), CacheState::Slices(cache)) => {
                Ok(Pair::Slices(decoder, cache))
            }
            (Engine::Tensor(_), CacheState::Slices(_))
            | (Engine::Slices(_), CacheState::Tensor(_)) => Err(ForwardError::ForeignCache),
        }
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").field("info", &self.info).finish_non_exhaustive()
    }
}

impl fmt::Debug for KvCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KvCache").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl Engine {
    fn load(backend: AnyBackend, config: &Config, source: TensorSource) -> Result<Self, LoadFault> {
        match backend {
            AnyBackend::Tensors(backend) => {
                Ok(Self::Tensor(Loader { backend, config, source }.decoder()?))
            }
            AnyBackend::Slices(backend) => {
                Ok(Self::Slices(Loader { backend, config, source }.decoder()?))
            }
        }
    }

    fn vocabulary(&self) -> usize {
        match self {
            Self::Tensor(decoder) => decoder.vocabulary,
            Self::Slices(decoder) => decoder.vocabulary,
        }
    }
}

impl KvCache {
    /// How many tokens it holds.
    pub fn len(&self) -> usize {
        match &self.state {
            CacheState::Tensor(cache) => cache.length,
            CacheState::Slices(cache) => cache.length,
        }
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets all but the first `length` tokens. Costs nothing.
    pub fn truncate(&mut self, length: usize) {
        let kept = match &mut self.state {
            CacheState::Tensor(cache) => &mut cache.length,
            CacheState::Slices(cache) => &mut cache.length,
        };
        *kept = length.min(*kept);
    }

    /// A second cache with the same tokens. Neither sees what is appended to the other. Costs
    /// nothing until one of them is appended to: that one then copies.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { model: Arc::clone(&self.model), state: self.state.clone() }
    }
}

/// The key/values of a GGUF file, without loading its weights.
pub fn read_metadata(path: &Path) -> Result<Metadata, LoadError> {
    let read = || {
        let (file, bytes) = open_file(path)?;
        Ok(read_header(BufReader::with_capacity(READ_AHEAD, &file), bytes)?.0)
    };
    read().map_err(|fault| LoadError { path: path.to_owned(), fault })
}

/// A header may be of megabytes, all of it strings of a few bytes.
const READ_AHEAD: usize = 1 << 16;

/// The file and its length.
fn open_file(path: &Path) -> Result<(File, u64), LoadFault> {
    // Asked before opening: opening a pipe would wait for its other end.
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        return Err(LoadFault::NotAFile);
    }
    Ok((File::open(path)?, about.len()))
}

/// What two pieces of work give that are done at the same time, the second on a new thread.
fn both<A, B: Send>(
    here: impl FnOnce() -> Result<A, LoadFault>,
    there: impl FnOnce() -> B + Send,
) -> Result<(A, B), LoadFault> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("viva-load".into());
        let there = thread.spawn_scoped(scope, there)?;
        let here = here();
        let there = there.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok((here?, there))
    })
}

/// A tokenizer with more or fewer tokens than the weights would give unknown ones or miss some.
fn check_vocabulary(metadata: &Metadata, vocabulary: usize) -> Result<(), LoadFault> {
    let tokens = Metadata::optional(metadata.texts("tokenizer.ggml.tokens"))?;
    match tokens.map(Texts::len) {
        Some(named) if named != vocabulary => Err(LoadFault::damaged(format!(
            "it names {named} tokens and has weights for {vocabulary}"
        ))),
        Some(_) | None => Ok(()),
    }
}

fn info(
    config: &Config,
    metadata: &Metadata,
    vocabulary: usize,
    (file_bytes, token_bytes): (u64, u64),
    device: Device,
) -> Result<ModelInfo, LoadFault> {
    let name = Metadata::optional(metadata.text("general.name"))?;
    Ok(ModelInfo {
        name: name.map(str::to_owned),
        architecture: config.architecture,
        layers: config.layers,
        heads: config.heads.query,
        kv_heads: config.heads.kv,
        head_dim: config.heads.dim,
        vocabulary,
        context_length: config.context,
        file_bytes,
        token_bytes,
        device,
    })
}
