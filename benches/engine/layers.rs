//! Layers as wide as those of a model of 1.5 billion weights, for each quantisation that files
//! come in: what kernels take, with what is around them.

use std::fs::File;
use std::path::Path;

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use vivavoce::engine::{KvCache, LoadOptions, Model};

/// Enough that no usual cache holds their weights.
const LAYERS: usize = 4;
const WIDTH: usize = 1536;
const FEED: usize = 8960;
const HEADS: usize = 12;
const KV_HEADS: usize = 2;
/// Few, for the output is not what is measured.
const VOCABULARY: usize = 256;
/// Tokens of a prompt, and of what is in the cache when one more is computed.
const PROMPT: usize = 256;

const KINDS: [GgmlDType; 9] = [
    GgmlDType::Q4K,
    GgmlDType::Q5K,
    GgmlDType::Q6K,
    GgmlDType::Q8_0,
    GgmlDType::Q4_0,
    GgmlDType::Q4_1,
    GgmlDType::Q5_0,
    GgmlDType::Q5_1,
    GgmlDType::F16,
];

/// Bytes of weights a second: decoding is as fast as they can be read.
#[divan::bench(args = KINDS, sample_count = 20)]
fn one_token(bencher: Bencher<'_, '_>, kind: GgmlDType) {
    let model = model(kind);
    let mut cache = model.cache();
    forward(&model, &tokens(PROMPT), &mut cache);
    bencher.counter(BytesCount::new(model.info().token_bytes)).bench_local(|| {
        forward(&model, &[7], &mut cache);
        cache.truncate(PROMPT);
    });
}

/// Tokens a second.
#[divan::bench(args = KINDS, sample_count = 5)]
fn prompt(bencher: Bencher<'_, '_>, kind: GgmlDType) {
    let (model, tokens) = (model(kind), tokens(PROMPT));
    let fresh = || model.cache();
    bencher
        .counter(ItemsCount::new(PROMPT))
        .with_inputs(fresh)
        .bench_local_refs(|cache| forward(&model, &tokens, cache));
}

fn forward(model: &Model, tokens: &[u32], cache: &mut KvCache) {
    model.forward(tokens, cache, &[tokens.len() - 1], &|| false).unwrap();
}

fn tokens(count: usize) -> Vec<u32> {
    (0..count).map(|n| (n * 7 % VOCABULARY) as u32).collect()
}

fn model(kind: GgmlDType) -> Model {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("layers.gguf");
    write(&path, kind);
    Model::open(&path, &LoadOptions::default()).unwrap()
}

/// Every layer has the same weights: quantising them takes longer than computing with them.
fn write(path: &Path, kind: GgmlDType) {
    let shared = [
        ("attn_norm", vector()),
        ("ffn_norm", vector()),
        ("attn_q", matrix(kind, WIDTH, WIDTH)),
        ("attn_k", matrix(kind, WIDTH / HEADS * KV_HEADS, WIDTH)),
        ("attn_v", matrix(kind, WIDTH / HEADS * KV_HEADS, WIDTH)),
        ("attn_output", matrix(kind, WIDTH, WIDTH)),
        ("ffn_gate", matrix(kind, FEED, WIDTH)),
        ("ffn_up", matrix(kind, FEED, WIDTH)),
        ("ffn_down", matrix(kind, WIDTH, FEED)),
    ];
    let (table, norm) = (matrix(kind, VOCABULARY, WIDTH), vector());
    let mut tensors =
        vec![("token_embd.weight".to_owned(), &table), ("output_norm.weight".to_owned(), &norm)];
    for layer in 0..LAYERS {
        let named =
            shared.iter().map(|(part, tensor)| (format!("blk.{layer}.{part}.weight"), tensor));
        tensors.extend(named);
    }
    let tensors: Vec<_> = tensors.iter().map(|(name, tensor)| (name.as_str(), *tensor)).collect();
    let metadata = metadata();
    let metadata: Vec<_> = metadata.iter().map(|(key, value)| (*key, value)).collect();
    gguf_file::write(&mut File::create(path).unwrap(), &metadata, &tensors).unwrap();
}

fn metadata() -> [(&'static str, Value); 10] {
    let number = |n: usize| Value::U32(n as u32);
    [
        ("general.architecture", Value::String("llama".to_owned())),
        ("llama.block_count", number(LAYERS)),
        ("llama.context_length", number(2 * PROMPT)),
        ("llama.embedding_length", number(WIDTH)),
        ("llama.feed_forward_length", number(FEED)),
        ("llama.attention.head_count", number(HEADS)),
        ("llama.attention.head_count_kv", number(KV_HEADS)),
        ("llama.rope.dimension_count", number(WIDTH / HEADS)),
        ("llama.rope.freq_base", Value::F32(10_000.0)),
        ("llama.attention.layer_norm_rms_epsilon", Value::F32(1e-6)),
    ]
}

fn matrix(kind: GgmlDType, rows: usize, columns: usize) -> QTensor {
    let scale = 1.0 / (columns as f32).sqrt();
    let values: Vec<f32> = noise(rows * columns).map(|x| x * scale).collect();
    let tensor = Tensor::from_vec(values, (rows, columns), &Device::Cpu).unwrap();
    QTensor::quantize(&tensor, kind).unwrap()
}

fn vector() -> QTensor {
    let ones = Tensor::from_vec(vec![1.0_f32; WIDTH], WIDTH, &Device::Cpu).unwrap();
    QTensor::quantize(&ones, GgmlDType::F32).unwrap()
}

/// Numbers from -1 to 1, the same on every run.
fn noise(count: usize) -> impl Iterator<Item = f32> {
    let mut state = 42_u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    })
    .take(count)
}
