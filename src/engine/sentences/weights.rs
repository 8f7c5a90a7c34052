//! The tensors of a model, held to its shape one by one.

use std::collections::HashMap;

use candle_core::safetensors::{Load as _, SliceSafetensors};
use candle_core::{DType, Device, Tensor};
use candle_transformers::models::bert::Config;

use super::error::SentencesFault;
use crate::engine::gguf::shown;

/// Reads `model.safetensors`: each tensor that the shape asks for, of the right sizes, and no
/// other.
pub(super) fn read(
    bytes: &[u8],
    config: &Config,
) -> Result<HashMap<String, Tensor>, SentencesFault> {
    let file = SliceSafetensors::new(bytes).map_err(SentencesFault::damaged)?;
    let mut there: HashMap<String, _> = file.tensors().into_iter().collect();
    let mut read = HashMap::new();
    for (name, wanted) in wanted(config) {
        let Some(view) = there.remove(&name) else { return Err(SentencesFault::NoTensor(name)) };
        let kind = DType::try_from(view.dtype());
        if !matches!(kind, Ok(DType::F32)) || view.shape() != wanted {
            let found = format!("{:?} {:?}", view.dtype(), view.shape());
            return Err(SentencesFault::Shape { name, found, wanted: format!("F32 {wanted:?}") });
        }
        let tensor = view.load(&Device::Cpu).map_err(SentencesFault::damaged)?;
        read.insert(name, tensor);
    }
    match there.into_keys().filter(|name| !is_aside(name)).min() {
        Some(unused) => Err(SentencesFault::Unused(shown(&unused))),
        None => Ok(read),
    }
}

/// What is published along and has no part in a mean over tokens: the numbers of positions, and
/// the head that reads the first token.
fn is_aside(name: &str) -> bool {
    name == "embeddings.position_ids" || name.starts_with("pooler.")
}

/// Names and sizes of the tensors, as candle's BERT asks for them.
fn wanted(config: &Config) -> Vec<(String, Vec<usize>)> {
    let width = config.hidden_size;
    let table = |name: &str, rows| (format!("embeddings.{name}.weight"), vec![rows, width]);
    let mut wanted = vec![
        table("word_embeddings", config.vocab_size),
        table("position_embeddings", config.max_position_embeddings),
        table("token_type_embeddings", config.type_vocab_size),
    ];
    wanted.extend(norm("embeddings.LayerNorm", width));
    for n in 0..config.num_hidden_layers {
        wanted.extend(layer(&format!("encoder.layer.{n}"), width, config.intermediate_size));
    }
    wanted
}

fn layer(layer: &str, width: usize, inner: usize) -> Vec<(String, Vec<usize>)> {
    let linear = |name: &str, to, from| {
        let name = format!("{layer}.{name}");
        [(format!("{name}.weight"), vec![to, from]), (format!("{name}.bias"), vec![to])]
    };
    [
        linear("attention.self.query", width, width),
        linear("attention.self.key", width, width),
        linear("attention.self.value", width, width),
        linear("attention.output.dense", width, width),
        norm(&format!("{layer}.attention.output.LayerNorm"), width),
        linear("intermediate.dense", inner, width),
        linear("output.dense", width, inner),
        norm(&format!("{layer}.output.LayerNorm"), width),
    ]
    .concat()
}

fn norm(name: &str, width: usize) -> [(String, Vec<usize>); 2] {
    ["weight", "bias"].map(|part| (format!("{name}.{part}"), vec![width]))
}
