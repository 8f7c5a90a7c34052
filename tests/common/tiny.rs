//! Models of a few thousand random weights, as files.

#![allow(dead_code, reason = "not every test that includes this file uses all of it")]

use std::fs::File;
use std::path::{Path, PathBuf};

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use tempfile::TempDir;
use vivavoce::engine::{Architecture, BackendKind, LoadOptions, Model};

pub(crate) const ARCHITECTURES: [Architecture; 5] = [
    Architecture::Llama,
    Architecture::Qwen2,
    Architecture::Qwen3,
    Architecture::Gemma3,
    Architecture::Phi3,
];
pub(crate) const BACKENDS: [BackendKind; 2] = [BackendKind::Tensor, BackendKind::Slices];

/// Every quantisation that a file may have.
pub(crate) const KINDS: [GgmlDType; 13] = [
    GgmlDType::F32,
    GgmlDType::F16,
    GgmlDType::BF16,
    GgmlDType::Q4_0,
    GgmlDType::Q4_1,
    GgmlDType::Q5_0,
    GgmlDType::Q5_1,
    GgmlDType::Q8_0,
    GgmlDType::Q2K,
    GgmlDType::Q3K,
    GgmlDType::Q4K,
    GgmlDType::Q5K,
    GgmlDType::Q6K,
];

pub(crate) const LAYERS: usize = 3;
pub(crate) const VOCABULARY: usize = 48;
pub(crate) const CONTEXT: usize = 640;
const HEADS: usize = 4;
const HEAD_DIM: usize = 32;
/// As many positions as every second layer of Gemma sees.
const WINDOW: usize = 7;
/// The context up to which Phi rotates by its short factors.
const ORIGINAL_CONTEXT: usize = 320;

/// A model that can still be changed for the worse.
pub(crate) struct Tiny {
    pub(crate) architecture: Architecture,
    pub(crate) metadata: Vec<(String, Value)>,
    pub(crate) tensors: Vec<(String, QTensor)>,
    random: Random,
}

/// Numbers from -1 to 1 that are the same on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    }
}

impl Tiny {
    /// Two heads of the query share one of keys and values; matrices are of type `kind`.
    pub(crate) fn new(architecture: Architecture, kind: GgmlDType) -> Self {
        Self::with_kv_heads(architecture, kind, 2)
    }

    pub(crate) fn with_kv_heads(
        architecture: Architecture,
        kind: GgmlDType,
        kv_heads: usize,
    ) -> Self {
        // Whole blocks; and heads that are wider together than the activation, where the
        // architecture allows for it.
        let width = if kind.block_size() > 32 { 256 } else { 64 };
        let head_dim = match architecture {
            Architecture::Llama | Architecture::Qwen2 | Architecture::Phi3 => width / HEADS,
            Architecture::Qwen3 | Architecture::Gemma3 => HEAD_DIM.max(width / HEADS),
        };
        let mut tiny =
            Self { architecture, metadata: Vec::new(), tensors: Vec::new(), random: Random(42) };
        tiny.describe(width, head_dim, kv_heads);
        tiny.matrix("token_embd.weight", kind, VOCABULARY, width);
        for layer in 0..LAYERS {
            tiny.layer(layer, kind, width, head_dim, kv_heads);
        }
        tiny.vector("output_norm.weight", width);
        tiny.describe_positions(head_dim);
        tiny
    }

    /// How far layers see, and how positions turn, where an architecture has its own way.
    fn describe_positions(&mut self, head_dim: usize) {
        let name = self.architecture.name();
        let key = |part: &str| format!("{name}.{part}");
        match self.architecture {
            Architecture::Llama | Architecture::Qwen2 | Architecture::Qwen3 => {}
            Architecture::Gemma3 => {
                self.set(&key("attention.sliding_window"), Value::U32(WINDOW as u32));
                self.set(&key("attention.sliding_window_pattern"), Value::U32(2));
                self.set(&key("rope.freq_base"), Value::F32(50_000.0));
                self.set(&key("rope.scaling.type"), Value::String("linear".to_owned()));
                self.set(&key("rope.scaling.factor"), Value::F32(8.0));
            }
            Architecture::Phi3 => {
                let turning = head_dim * 3 / 4;
                self.set(&key("rope.dimension_count"), Value::U32(turning as u32));
                let original = key("rope.scaling.original_context_length");
                self.set(&original, Value::U32(ORIGINAL_CONTEXT as u32));
                self.set(&key("rope.scaling.attn_factor"), Value::F32(1.2));
                self.vector("rope_factors_short.weight", turning / 2);
                self.vector("rope_factors_long.weight", turning / 2);
            }
        }
    }

    fn describe(&mut self, width: usize, head_dim: usize, kv_heads: usize) {
        let name = self.architecture.name();
        self.set("general.architecture", Value::String(name.to_owned()));
        // candle's Qwen3 computes rotations in f16 where this is not said.
        self.set("general.dtype", Value::U32(0));
        for (key, number) in [
            ("block_count", LAYERS),
            ("context_length", CONTEXT),
            ("embedding_length", width),
            ("feed_forward_length", 2 * width),
            ("attention.head_count", HEADS),
            ("attention.head_count_kv", kv_heads),
            ("attention.key_length", head_dim),
            ("attention.value_length", head_dim),
            ("rope.dimension_count", head_dim),
            ("vocab_size", VOCABULARY),
        ] {
            self.set(&format!("{name}.{key}"), Value::U32(number as u32));
        }
        self.set(&format!("{name}.rope.freq_base"), Value::F32(10_000.0));
        self.set(&format!("{name}.attention.layer_norm_rms_epsilon"), Value::F32(1e-6));
        let tokens = (0..VOCABULARY).map(|n| Value::String(format!("<{n}>"))).collect();
        self.set("tokenizer.ggml.tokens", Value::Array(tokens));
        // llama.cpp asks for the kind of tokenizer, and takes none for an answer.
        self.set("tokenizer.ggml.model", Value::String("none".to_owned()));
    }

    fn layer(
        &mut self,
        layer: usize,
        kind: GgmlDType,
        width: usize,
        head_dim: usize,
        kv_heads: usize,
    ) {
        let at = |part: &str| format!("blk.{layer}.{part}");
        let (query, kv) = (HEADS * head_dim, kv_heads * head_dim);
        self.vector(&at("attn_norm.weight"), width);
        self.vector(&at("ffn_norm.weight"), width);
        let fused = self.architecture == Architecture::Phi3;
        let matrices = if fused {
            &[("attn_qkv", query + 2 * kv, width), ("ffn_up", 4 * width, width)][..]
        } else {
            &[
                ("attn_q", query, width),
                ("attn_k", kv, width),
                ("attn_v", kv, width),
                ("ffn_gate", 2 * width, width),
                ("ffn_up", 2 * width, width),
            ]
        };
        for (part, rows, columns) in matrices {
            self.matrix(&at(&format!("{part}.weight")), kind, *rows, *columns);
        }
        self.matrix(&at("attn_output.weight"), kind, width, query);
        self.matrix(&at("ffn_down.weight"), kind, width, 2 * width);
        let vectors = match self.architecture {
            Architecture::Llama | Architecture::Phi3 => &[][..],
            Architecture::Qwen2 => {
                &[("attn_q.bias", query), ("attn_k.bias", kv), ("attn_v.bias", kv)]
            }
            Architecture::Qwen3 => {
                &[("attn_q_norm.weight", head_dim), ("attn_k_norm.weight", head_dim)]
            }
            Architecture::Gemma3 => &[
                ("attn_q_norm.weight", head_dim),
                ("attn_k_norm.weight", head_dim),
                ("post_attention_norm.weight", width),
                ("post_ffw_norm.weight", width),
            ],
        };
        for (part, length) in vectors {
            self.vector(&at(part), *length);
        }
    }

    fn matrix(&mut self, name: &str, kind: GgmlDType, rows: usize, columns: usize) {
        // Keeps a sum over a row at about the size of what is summed.
        let scale = 2.0 / (columns as f32).sqrt();
        let values: Vec<f32> = (0..rows * columns).map(|_| self.random.next() * scale).collect();
        self.add(name, kind, &values, &[rows, columns]);
    }

    fn vector(&mut self, name: &str, length: usize) {
        let values: Vec<f32> = (0..length).map(|_| 1.0 + 0.5 * self.random.next()).collect();
        self.add(name, GgmlDType::F32, &values, &[length]);
    }

    /// A tensor of these values, in place of one of that name.
    pub(crate) fn add(&mut self, name: &str, kind: GgmlDType, values: &[f32], shape: &[usize]) {
        self.remove(name);
        let tensor = Tensor::from_slice(values, shape, &Device::Cpu).unwrap();
        self.tensors.push((name.to_owned(), QTensor::quantize(&tensor, kind).unwrap()));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.tensors.retain(|(known, _)| known != name);
    }

    /// A key's value, in place of the one it had.
    pub(crate) fn set(&mut self, key: &str, value: Value) {
        self.metadata.retain(|(known, _)| known != key);
        self.metadata.push((key.to_owned(), value));
    }

    pub(crate) fn write(&self, path: &Path) {
        let metadata: Vec<_> = self.metadata.iter().map(|(k, v)| (k.as_str(), v)).collect();
        let tensors: Vec<_> = self.tensors.iter().map(|(k, v)| (k.as_str(), v)).collect();
        gguf_file::write(&mut File::create(path).unwrap(), &metadata, &tensors).unwrap();
    }

    pub(crate) fn saved(&self) -> Saved {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tiny.gguf");
        self.write(&path);
        Saved { path, _folder: folder }
    }

    pub(crate) fn open(&self, backend: BackendKind) -> Model {
        open(&self.saved().path, backend)
    }
}

/// A model's file, for as long as this lives.
pub(crate) struct Saved {
    pub(crate) path: PathBuf,
    _folder: TempDir,
}

pub(crate) fn open(path: &Path, backend: BackendKind) -> Model {
    Model::open(path, &LoadOptions { backend, ..LoadOptions::default() }).unwrap()
}

/// Tokens that repeat only after a while.
pub(crate) fn tokens(count: usize) -> Vec<u32> {
    (0..count as u32).map(|n| (n * n * 7 + n * 3 + 1) % VOCABULARY as u32).collect()
}

pub(crate) fn never() -> bool {
    false
}

/// The logits of every one of `tokens`, fed to a fresh cache at once.
pub(crate) fn logits(model: &Model, tokens: &[u32]) -> Vec<Vec<f32>> {
    let all: Vec<usize> = (0..tokens.len()).collect();
    model.forward(tokens, &mut model.cache(), &all, &never).unwrap()
}

pub(crate) fn cosine(x: &[f32], y: &[f32]) -> f64 {
    let dot = |x: &[f32], y: &[f32]| -> f64 {
        x.iter().zip(y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
    };
    dot(x, y) / (dot(x, x) * dot(y, y)).sqrt()
}

/// The same but for the rounding of sums.
pub(crate) fn assert_same(x: &[f32], y: &[f32], what: &str) {
    assert_near(x, y, 1e-4, what);
}

/// How far a back end may be from exact arithmetic on weights that are floats, as a share of the
/// largest number: the one of slices keeps keys and values in 16 bits, 11 of them for the digits.
pub(crate) fn exactness(backend: BackendKind) -> f32 {
    match backend {
        BackendKind::Tensor => 1e-4,
        BackendKind::Slices => 2e-3,
    }
}

/// The same within a share of the largest number.
pub(crate) fn assert_near(x: &[f32], y: &[f32], share: f32, what: &str) {
    assert_eq!(x.len(), y.len(), "{what}");
    let size = x.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    assert!(size > 0.0, "{what}: all zero");
    for (x, y) in x.iter().zip(y) {
        assert!((x - y).abs() <= share * size, "{what}: {x} and {y}");
    }
}
