//! A tiny BERT of random weights, as a folder of files.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde_json::{Value, json};

pub const WIDTH: usize = 8;
const INNER: usize = 16;
const POSITIONS: usize = 12;
const LAYERS: usize = 2;
const VOCABULARY: [&str; 10] =
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "man", "eat", "##s", "pasta", "."];

/// Its files as they are before one is damaged.
pub struct Tiny {
    pub config: Value,
    pub tokenizer: Value,
    pub tensors: HashMap<String, Tensor>,
}

impl Tiny {
    pub fn new() -> Self {
        Self { config: config(), tokenizer: tokenizer(), tensors: tensors() }
    }

    /// Writes the files into a folder that exists.
    pub fn write(&self, folder: &Path) {
        let text = |value: &Value| serde_json::to_vec(value).unwrap();
        fs::write(folder.join("config.json"), text(&self.config)).unwrap();
        fs::write(folder.join("tokenizer.json"), text(&self.tokenizer)).unwrap();
        let file = folder.join("model.safetensors");
        candle_core::safetensors::save(&self.tensors, file).unwrap();
    }
}

fn config() -> Value {
    json!({
        "model_type": "bert",
        "vocab_size": VOCABULARY.len(),
        "hidden_size": WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 2,
        "intermediate_size": INNER,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2,
        "initializer_range": 0.02,
        "layer_norm_eps": 1e-12,
        "pad_token_id": 0,
        "position_embedding_type": "absolute",
    })
}

fn tokenizer() -> Value {
    let vocabulary: HashMap<_, _> = VOCABULARY.iter().zip(0..).collect();
    json!({
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": true,
            "handle_chinese_chars": true,
            "strip_accents": null,
            "lowercase": true,
        },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": vocabulary,
        },
    })
}

fn tensors() -> HashMap<String, Tensor> {
    let mut tensors = HashMap::new();
    let mut put = |name: String, shape: &[usize]| {
        let number = tensors.len() as f32 + 1.0;
        tensors.insert(name, noise(shape, number));
    };
    for (name, rows) in [("word", VOCABULARY.len()), ("position", POSITIONS), ("token_type", 2)] {
        put(format!("embeddings.{name}_embeddings.weight"), &[rows, WIDTH]);
    }
    let mut pair = |name: String, shape: &[usize]| {
        put(format!("{name}.weight"), shape);
        put(format!("{name}.bias"), &shape[..1]);
    };
    pair("embeddings.LayerNorm".into(), &[WIDTH]);
    for n in 0..LAYERS {
        let layer = format!("encoder.layer.{n}");
        for part in ["self.query", "self.key", "self.value", "output.dense"] {
            pair(format!("{layer}.attention.{part}"), &[WIDTH, WIDTH]);
        }
        pair(format!("{layer}.attention.output.LayerNorm"), &[WIDTH]);
        pair(format!("{layer}.intermediate.dense"), &[INNER, WIDTH]);
        pair(format!("{layer}.output.dense"), &[WIDTH, INNER]);
        pair(format!("{layer}.output.LayerNorm"), &[WIDTH]);
    }
    pair("pooler.dense".into(), &[WIDTH, WIDTH]);
    tensors
}

/// Numbers between -1 and 1 without a pattern; others for another seed.
fn noise(shape: &[usize], seed: f32) -> Tensor {
    let count: usize = shape.iter().product();
    let numbers: Vec<f32> = (0..count).map(|n| (n as f32 * 1.7 + seed * 31.3).sin()).collect();
    Tensor::from_vec(numbers, shape, &Device::Cpu).unwrap()
}
