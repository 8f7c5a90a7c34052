//! The decoder on real weights, against candle's own models.

#[path = "common/models.rs"]
mod models;

use std::fs::File;
use std::path::Path;

use candle_core::quantized::gguf_file::Content;
use candle_core::{Device, Tensor};
use candle_transformers::models::{quantized_llama, quantized_qwen2};
use vivavoce::engine::{Architecture, BackendKind, LoadOptions, Model};

/// Words and signs that every byte-pair vocabulary here has as one token each.
const PROMPT: &str = "The Ġquick Ġbrown Ġfox Ġjumps Ġover Ġthe Ġlazy Ġdog . Ċ Ċ \
    In Ġa Ġlarge Ġsystem Ġthe Ġfirst Ġthing Ġto Ġmeasure Ġis Ġwhere Ġthe Ġtime Ġgoes , Ġand Ġthe \
    Ġsecond Ġis Ġhow Ġmuch Ġof Ġit Ġcan Ġbe Ġsaved .";

const GREEDY_TOKENS: usize = 64;

fn tokens(model: &Model) -> Vec<u32> {
    let known = model.metadata().texts("tokenizer.ggml.tokens").unwrap();
    let id = |word: &str| known.iter().position(|token| token == word).unwrap() as u32;
    PROMPT.split_whitespace().map(id).collect()
}

/// candle's model of the same file, which gives the logits of the last position alone.
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

/// What the reference says of the prompt, and how it goes on.
struct Expected {
    logits: Vec<Vec<f32>>,
    greedy: Vec<u32>,
}

fn expected(path: &Path, architecture: Architecture, prompt: &[u32]) -> Expected {
    let mut reference = Reference::open(path, architecture);
    let logits: Vec<_> = (0..).zip(prompt).map(|(at, &t)| reference.feed(t, at)).collect();
    let mut greedy = vec![best(logits.last().unwrap())];
    for at in prompt.len()..prompt.len() + GREEDY_TOKENS - 1 {
        let next = reference.feed(*greedy.last().unwrap(), at);
        greedy.push(best(&next));
    }
    Expected { logits, greedy }
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

fn greedy(model: &Model, prompt: &[u32]) -> Vec<u32> {
    let mut cache = model.cache();
    let mut feed = |tokens: &[u32]| {
        let logits = model.forward(tokens, &mut cache, &[tokens.len() - 1], &|| false).unwrap();
        best(&logits[0])
    };
    let mut written = vec![feed(prompt)];
    while written.len() < GREEDY_TOKENS {
        let next = feed(&written[written.len() - 1..]);
        written.push(next);
    }
    written
}

fn compare(path: &Path, kind: BackendKind, expected: &mut Option<Expected>) {
    let model = Model::open(path, &LoadOptions { backend: kind }).unwrap();
    let prompt = tokens(&model);
    let expected =
        expected.get_or_insert_with(|| self::expected(path, model.info().architecture, &prompt));
    let all: Vec<usize> = (0..prompt.len()).collect();
    let logits = model.forward(&prompt, &mut model.cache(), &all, &|| false).unwrap();
    for (at, (ours, theirs)) in logits.iter().zip(&expected.logits).enumerate() {
        let cosine = cosine(ours, theirs);
        assert!(cosine > 0.9999, "{kind:?} at position {at}: cosine {cosine}");
    }
    assert_eq!(greedy(&model, &prompt), expected.greedy, "{kind:?}");
}

fn compare_both(path: &Path) {
    let mut expected = None;
    compare(path, BackendKind::Tensor, &mut expected);
    compare(path, BackendKind::Slices, &mut expected);
}

#[test]
fn smollm2_135m_is_as_candle_computes_it() {
    compare_both(&models::small_model());
}

#[test]
fn qwen2_5_coder_0_5b_is_as_candle_computes_it() {
    if let Some(path) = models::larger_model("qwen2.5-coder-0.5b") {
        compare_both(&path);
    }
}

#[test]
fn what_a_real_file_says_of_itself() {
    let model = Model::open(&models::small_model(), &LoadOptions::default()).unwrap();
    let info = model.info();
    assert_eq!(info.architecture, Architecture::Llama);
    assert_eq!((info.layers, info.heads, info.kv_heads, info.head_dim), (30, 9, 3, 64));
    assert_eq!((info.vocabulary, info.context_length), (49_152, 8192));
}
