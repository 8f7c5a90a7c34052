//! A GPU held to the CPU: tiny models of every make, then the small model's logits and branches.
//!
//! `cargo test --features cuda --test engine_gpu`, on a machine that has one; or `metal`.

#![cfg(any(feature = "cuda", feature = "metal"))]

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod models;
}
#[path = "common/tiny.rs"]
mod tiny;

use std::path::Path;

use candle_core::quantized::GgmlDType;
use common::models::small_model;
use vivavoce::engine::{
    Device, DeviceChoice, KvCache, LoadOptions, Model, Special, Tokenizer, Vocabulary,
};

use tiny::{ARCHITECTURES, KINDS, Tiny, cosine, logits, never, tokens};

const TEXT: &str = "We moved the sending behind a queue, since one slow partner held up every \
                    sign-up. The p95 fell from five seconds to four hundred milliseconds.";

const STATEMENTS: [&str; 4] = [
    " The outcome is given as a number.",
    " Nobody is blamed.",
    " A queue is mentioned, and why it was needed.",
    " The capital of France is",
];

const GPU: Device = if cfg!(feature = "cuda") { Device::Cuda(0) } else { Device::Metal };

/// The same file on the GPU and on the CPU.
fn both(path: &Path) -> [Model; 2] {
    [GPU, Device::Cpu].map(|device| {
        let device = DeviceChoice::Only(device);
        Model::open(path, &LoadOptions { device, ..LoadOptions::default() }).unwrap()
    })
}

/// Both round the activations to eight bits, in blocks of other lengths.
#[track_caller]
fn assert_alike(gpu: &[Vec<f32>], cpu: &[Vec<f32>], what: &str) {
    assert_eq!(gpu.len(), cpu.len(), "{what}");
    for (at, (gpu, cpu)) in gpu.iter().zip(cpu).enumerate() {
        let cosine = cosine(gpu, cpu);
        assert!(cosine > 0.997, "{what} at {at}: cosine {cosine}");
    }
}

fn feed(model: &Model, tokens: &[u32], pieces: usize) -> KvCache {
    let mut cache = model.cache();
    for piece in tokens.chunks(pieces) {
        model.forward(piece, &mut cache, &[], &never).unwrap();
    }
    cache
}

#[test]
fn a_model_says_where_it_computes() {
    let saved = Tiny::new(ARCHITECTURES[0], GgmlDType::F32).saved();
    assert_eq!(both(&saved.path).map(|model| model.info().device), [GPU, Device::Cpu]);
    let auto = LoadOptions { device: DeviceChoice::Auto, ..LoadOptions::default() };
    assert_eq!(Model::open(&saved.path, &auto).unwrap().info().device, GPU);
}

#[test]
fn every_architecture_and_quantisation_is_computed_alike() {
    for architecture in ARCHITECTURES {
        for kind in KINDS {
            let saved = Tiny::new(architecture, kind).saved();
            // One token, some, and more than the kernels for few rows take.
            for count in [1, 7, 40] {
                let [gpu, cpu] = both(&saved.path).map(|model| logits(&model, &tokens(count)));
                assert_alike(&gpu, &cpu, &format!("{architecture:?} {kind:?} of {count}"));
            }
        }
    }
}

#[test]
fn a_model_loaded_on_one_thread_computes_on_another() {
    let saved = Tiny::new(ARCHITECTURES[0], GgmlDType::Q8_0).saved();
    let [gpu, cpu] = both(&saved.path)
        .map(|model| std::thread::spawn(move || logits(&model, &tokens(9))).join().unwrap());
    assert_alike(&gpu, &cpu, "another thread");
}

#[test]
fn the_small_model_reads_and_branches_alike() {
    let [gpu, cpu] = both(&small_model());
    let tokenizer = Tokenizer::new(&Vocabulary::from_metadata(cpu.metadata()).unwrap()).unwrap();
    let prefix = tokenizer.encode(TEXT, Special::Plain).unwrap();
    assert_alike(&logits(&gpu, &prefix), &logits(&cpu, &prefix), "every position");

    let runs = STATEMENTS.map(|text| tokenizer.encode(text, Special::Plain).unwrap());
    let runs: Vec<&[u32]> = runs.iter().map(Vec::as_slice).collect();
    let [gpu, cpu] = [&gpu, &cpu]
        .map(|model| model.branches(&mut feed(model, &prefix, 16), &runs, &never).unwrap());
    assert_alike(&gpu, &cpu, "branches");
    let likeliest =
        |logits: &Vec<f32>| (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
    assert_eq!(likeliest(&gpu[3]), likeliest(&cpu[3]), "what follows the capital of France");
}
