//! The shape of a model, held to sizes that make sense.

use std::ops::RangeInclusive;

use candle_transformers::models::bert::Config;

use super::error::SentencesFault;
use crate::engine::gguf::shown;

/// Reads `config.json`.
pub(super) fn read(bytes: &[u8]) -> Result<Config, SentencesFault> {
    let config: Config = serde_json::from_slice(bytes).map_err(SentencesFault::damaged)?;
    if let Some(other) = config.model_type.as_deref().filter(|kind| *kind != "bert") {
        let what = format!("a model of type \"{}\"", shown(other));
        return Err(SentencesFault::Unsupported(what));
    }
    for (name, size, allowed) in sizes(&config) {
        if !allowed.contains(&size) {
            let (least, most) = allowed.into_inner();
            let what = format!("{name} is {size}, and {least} to {most} make sense");
            return Err(SentencesFault::Damaged(what));
        }
    }
    match contradiction(&config) {
        Some(what) => Err(SentencesFault::Damaged(what)),
        None => Ok(config),
    }
}

type Size = (&'static str, usize, RangeInclusive<usize>);

fn sizes(config: &Config) -> [Size; 7] {
    [
        // Two marks around a text and one word.
        ("vocab_size", config.vocab_size, 3..=1_000_000),
        ("hidden_size", config.hidden_size, 1..=8_192),
        ("num_hidden_layers", config.num_hidden_layers, 1..=128),
        ("num_attention_heads", config.num_attention_heads, 1..=256),
        ("intermediate_size", config.intermediate_size, 1..=65_536),
        ("max_position_embeddings", config.max_position_embeddings, 3..=65_536),
        ("type_vocab_size", config.type_vocab_size, 1..=16),
    ]
}

fn contradiction(config: &Config) -> Option<String> {
    let (width, heads) = (config.hidden_size, config.num_attention_heads);
    if !width.is_multiple_of(heads) {
        return Some(format!("a hidden_size of {width} cannot be split among {heads} heads"));
    }
    let epsilon = config.layer_norm_eps;
    let fine = epsilon > 0.0 && epsilon <= 0.1;
    (!fine).then(|| format!("layer_norm_eps is {epsilon}, and 0 to 0.1 make sense"))
}
