//! The decoder on real weights, against candle's own models.
//!
//! Quantised kernels round activations to eight bits, so that the last bit of a sum grows over
//! thirty layers to a percent of a logit, and the order of sums differs between back ends and
//! between one row and several. Hence two comparisons: with the layers' weights as floats, where
//! every logit and every choice has to agree; and as quantised, where they have to agree on the
//! whole.

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod models;
}

use std::fs::File;
use std::path::Path;
use std::sync::Mutex;

use candle_core::quantized::gguf_file::{self, Content};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use candle_transformers::models::{quantized_llama, quantized_qwen2};
use common::models;
use vivavoce::engine::{Architecture, BackendKind, LoadOptions, Model};

/// Words and signs that every byte-pair vocabulary here has as one token each.
const PROMPT: &str = "The Ġquick Ġbrown Ġfox Ġjumps Ġover Ġthe Ġlazy Ġdog . Ċ Ċ \
    In Ġa Ġlarge Ġsystem Ġthe Ġfirst Ġthing Ġto Ġmeasure Ġis Ġwhere Ġthe Ġtime Ġgoes , Ġand Ġthe \
    Ġsecond Ġis Ġhow Ġmuch Ġof Ġit Ġcan Ġbe Ġsaved .";

/// Tokens written after it. Fewer where candle has no fast kernels for the quantisation.
const FURTHER_AS_FLOATS: usize = 64;
const FURTHER_QUANTISED: usize = 16;

/// Two models at once would have their threads wait for each other, and take twice the memory.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn open(path: &Path, backend: BackendKind) -> Model {
    Model::open(path, &LoadOptions { backend, ..LoadOptions::default() }).unwrap()
}

fn prompt(model: &Model) -> Vec<u32> {
    let known = model.metadata().texts("tokenizer.ggml.tokens").unwrap();
    let id = |word: &str| known.iter().position(|token| token == word).unwrap() as u32;
    PROMPT.split_whitespace().map(id).collect()
}

/// What candle's model says at each position of the prompt and of its own greedy continuation.
struct Expected {
    /// The prompt with what follows it.
    tokens: Vec<u32>,
    logits: Vec<Vec<f32>>,
}

fn expected(path: &Path, model: &Model, further: usize) -> Expected {
    let mut reference = Reference::open(path, model.info().architecture);
    let mut tokens = prompt(model);
    let mut logits = Vec::new();
    for at in 0..tokens.len() + further {
        logits.push(reference.feed(tokens[at], at));
        if at + 1 == tokens.len() {
            tokens.push(best(&logits[at]));
        }
    }
    tokens.truncate(logits.len());
    Expected { tokens, logits }
}

/// candle's model of a file, which gives the logits of the last position alone.
enum Reference {
    Llama(quantized_llama::ModelWeights),
    Qwen2(quantized_qwen2::ModelWeights),
}

impl Reference {
    fn open(path: &Path, architecture: Architecture) -> Self {
        let mut file = File::open(path).unwrap();
        let content = Content::read(&mut file).unwrap();
        let cpu = Device::Cpu;
        match architecture {
            Architecture::Llama => Self::Llama(
                quantized_llama::ModelWeights::from_gguf(content, &mut file, &cpu).unwrap(),
            ),
            Architecture::Qwen2 => Self::Qwen2(
                quantized_qwen2::ModelWeights::from_gguf(content, &mut file, &cpu).unwrap(),
            ),
            Architecture::Qwen3 => panic!("no real model of it is at hand"),
        }
    }

    fn feed(&mut self, token: u32, at: usize) -> Vec<f32> {
        let input = Tensor::new(&[[token]], &Device::Cpu).unwrap();
        let logits = match self {
            Self::Llama(model) => model.forward(&input, at),
            Self::Qwen2(model) => model.forward(&input, at),
        };
        logits.unwrap().flatten_all().unwrap().to_vec1().unwrap()
    }
}

/// The logits of every position of `tokens`.
fn logits(model: &Model, tokens: &[u32]) -> Vec<Vec<f32>> {
    let all: Vec<usize> = (0..tokens.len()).collect();
    model.forward(tokens, &mut model.cache(), &all, &|| false).unwrap()
}

fn best(logits: &[f32]) -> u32 {
    (0..).zip(logits).max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0
}

fn cosine(x: &[f32], y: &[f32]) -> f64 {
    let dot = |x: &[f32], y: &[f32]| -> f64 {
        x.iter().zip(y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
    };
    dot(x, y) / (dot(x, x) * dot(y, y)).sqrt()
}

/// How far the likeliest token is ahead of the next.
fn lead(logits: &[f32]) -> f32 {
    let mut sorted = logits.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted[sorted.len() - 1] - sorted[sorted.len() - 2]
}

/// Every position as candle has it, and the same choices.
fn assert_same(ours: &[Vec<f32>], expected: &Expected) {
    assert_eq!(ours.len(), expected.logits.len());
    for (at, (ours, theirs)) in ours.iter().zip(&expected.logits).enumerate() {
        let cosine = cosine(ours, theirs);
        assert!(cosine > 0.9999, "cosine {cosine} at position {at}");
        assert_eq!(best(ours), best(theirs), "the choice at position {at}");
    }
}

/// About as candle has it, and the same choices where they are clear.
fn assert_near(ours: &[Vec<f32>], expected: &Expected) {
    const CLEAR: f32 = 1.0;
    assert_eq!(ours.len(), expected.logits.len());
    let pairs = || ours.iter().zip(&expected.logits);
    let mean = pairs().map(|(ours, theirs)| cosine(ours, theirs)).sum::<f64>() / ours.len() as f64;
    assert!(mean > 0.999, "mean cosine {mean}");
    for (at, (ours, theirs)) in pairs().enumerate() {
        let same = best(ours) == best(theirs);
        assert!(same || lead(theirs) < CLEAR, "the choice at position {at}");
    }
}

/// The same model, cut off after some layers, with their matrices as floats.
fn as_floats(path: &Path, floats: &Path, layers: u32) {
    let mut file = File::open(path).unwrap();
    let content = Content::read(&mut file).unwrap();
    let kept = |name: &&String| match name.split('.').nth(1).map(str::parse::<u32>) {
        Some(Ok(layer)) => layer < layers,
        Some(Err(_)) | None => true,
    };
    let tensors: Vec<_> = content.tensor_infos.keys().filter(kept).collect();
    let tensors: Vec<_> =
        tensors.iter().map(|name| (name.as_str(), as_float(&content, &mut file, name))).collect();
    let mut metadata = content.metadata.clone();
    for (key, value) in &mut metadata {
        if key.ends_with(".block_count") {
            *value = gguf_file::Value::U32(layers);
        }
    }
    let metadata: Vec<_> = metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
    let tensors: Vec<_> = tensors.iter().map(|(name, tensor)| (*name, tensor)).collect();
    gguf_file::write(&mut File::create(floats).unwrap(), &metadata, &tensors).unwrap();
}

fn as_float(content: &Content, file: &mut File, name: &str) -> QTensor {
    let tensor = content.tensor(file, name, &Device::Cpu).unwrap();
    if name.starts_with("blk.") {
        let floats = tensor.dequantize(&Device::Cpu).unwrap();
        QTensor::quantize(&floats, GgmlDType::F32).unwrap()
    } else {
        // Rounding in the first and the last matrix does not grow, and these are large.
        tensor
    }
}

fn compare_floats(path: &Path, layers: u32) {
    let _alone = ONE_AT_A_TIME.lock();
    let folder = tempfile::tempdir().unwrap();
    let floats = folder.path().join("floats.gguf");
    as_floats(path, &floats, layers);
    let model = open(&floats, BackendKind::Tensor);
    let wanted = expected(&floats, &model, FURTHER_AS_FLOATS);
    assert_same(&logits(&model, &wanted.tokens), &wanted);
    // It keeps keys and values in 16 bits.
    let model = open(&floats, BackendKind::Slices);
    assert_near(&logits(&model, &wanted.tokens), &wanted);
}

fn compare_quantised(path: &Path) {
    let _alone = ONE_AT_A_TIME.lock();
    let model = open(path, BackendKind::Tensor);
    let wanted = expected(path, &model, FURTHER_QUANTISED);
    assert_near(&logits(&model, &wanted.tokens), &wanted);
    let model = open(path, BackendKind::Slices);
    assert_near(&logits(&model, &wanted.tokens), &wanted);
}

#[test]
fn smollm2_135m_as_floats_is_what_candle_computes() {
    compare_floats(&models::small_model(), 30);
}

#[test]
fn smollm2_135m_is_about_what_candle_computes() {
    compare_quantised(&models::small_model());
}

#[test]
fn qwen2_5_coder_0_5b_as_floats_is_what_candle_computes() {
    if let Some(path) = models::larger_model("qwen2.5-coder-0.5b") {
        compare_floats(&path, 4);
    }
}

#[test]
fn qwen2_5_coder_0_5b_is_about_what_candle_computes() {
    if let Some(path) = models::larger_model("qwen2.5-coder-0.5b") {
        compare_quantised(&path);
    }
}

#[test]
fn what_a_real_file_says_of_itself() {
    let model = open(&models::small_model(), BackendKind::default());
    let info = model.info();
    assert_eq!(info.architecture, Architecture::Llama);
    assert_eq!((info.layers, info.heads, info.kv_heads, info.head_dim), (30, 9, 3, 64));
    assert_eq!((info.vocabulary, info.context_length), (49_152, 8192));
}
