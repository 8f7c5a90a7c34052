//! The forward pass on tiny random models, against candle's own models and between back ends.

#[path = "common/tiny.rs"]
mod tiny;

use std::fs::File;
use std::path::Path;

use candle_core::quantized::GgmlDType;
use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::{Device, Tensor};
use candle_transformers::models::{
    quantized_llama, quantized_phi3, quantized_qwen2, quantized_qwen3,
};
use vivavoce::engine::Architecture;

use tiny::{
    ARCHITECTURES, BACKENDS, KINDS, Tiny, assert_near, assert_same, cosine, exactness, logits,
    open, tokens,
};

/// The logits of the last of `tokens` by candle's model of the file. Its caches are not used:
/// `quantized_qwen3` loses tokens in its own. Nor is its Gemma 3: that has `SiLU` for GELU, and a
/// window of one position more. llama.cpp is the reference for it, in `engine_reference.rs`.
fn reference(path: &Path, architecture: Architecture, tokens: &[u32]) -> Vec<f32> {
    let mut file = File::open(path).unwrap();
    let content = Content::read(&mut file).unwrap();
    let cpu = Device::Cpu;
    let input = Tensor::new(tokens, &cpu).unwrap().unsqueeze(0).unwrap();
    let logits = match architecture {
        Architecture::Llama => quantized_llama::ModelWeights::from_gguf(content, &mut file, &cpu)
            .and_then(|mut model| model.forward(&input, 0)),
        Architecture::Qwen2 => quantized_qwen2::ModelWeights::from_gguf(content, &mut file, &cpu)
            .and_then(|mut model| model.forward(&input, 0)),
        Architecture::Qwen3 => quantized_qwen3::ModelWeights::from_gguf(content, &mut file, &cpu)
            .and_then(|mut model| model.forward(&input, 0)),
        Architecture::Phi3 => {
            quantized_phi3::ModelWeights::from_gguf(false, content, &mut file, &cpu)
                .and_then(|mut model| model.forward(&input, 0))
        }
        Architecture::Gemma3 => panic!("candle's model of it is another"),
    };
    logits.unwrap().flatten_all().unwrap().to_vec1().unwrap()
}

/// What candle has of Phi-3: whole heads turn, at one speed whatever the context, and the output
/// matrix is one of its own.
fn plain_phi() -> Tiny {
    let mut tiny = Tiny::new(Architecture::Phi3, GgmlDType::F32);
    tiny.set("phi3.rope.dimension_count", Value::U32(16));
    tiny.set("phi3.rope.scaling.attn_factor", Value::F32(1.0));
    tiny.remove("rope_factors_short.weight");
    tiny.remove("rope_factors_long.weight");
    let rows: Vec<f32> = (0..tiny::VOCABULARY * 64).map(|n| (n as f32).sin()).collect();
    tiny.add("output.weight", GgmlDType::F32, &rows, &[tiny::VOCABULARY, 64]);
    tiny
}

#[test]
fn every_position_is_what_candle_computes() {
    let plain = |architecture| Tiny::new(architecture, GgmlDType::F32);
    for tiny in [
        plain(Architecture::Llama),
        plain(Architecture::Qwen2),
        plain(Architecture::Qwen3),
        plain_phi(),
    ] {
        let (architecture, saved) = (tiny.architecture, tiny.saved());
        let tokens = tokens(12);
        for backend in BACKENDS {
            let ours = logits(&open(&saved.path, backend), &tokens);
            for (at, ours) in ours.iter().enumerate() {
                let theirs = reference(&saved.path, architecture, &tokens[..=at]);
                let what = format!("{architecture:?} {backend:?} at {at}");
                assert_near(ours, &theirs, exactness(backend), &what);
            }
        }
    }
}

#[test]
fn an_output_matrix_of_its_own_is_used() {
    let mut tiny = Tiny::new(Architecture::Qwen2, GgmlDType::F32);
    let tied = logits(&tiny.open(BACKENDS[0]), &[5]);
    let rows: Vec<f32> = (0..tiny::VOCABULARY * 64).map(|n| (n as f32).sin()).collect();
    tiny.add("output.weight", GgmlDType::F32, &rows, &[tiny::VOCABULARY, 64]);
    let saved = tiny.saved();
    let theirs = reference(&saved.path, Architecture::Qwen2, &[5]);
    for backend in BACKENDS {
        let ours = logits(&open(&saved.path, backend), &[5]);
        assert_near(&ours[0], &theirs, exactness(backend), &format!("{backend:?}"));
        assert_ne!(ours, tied);
    }
}

#[test]
fn the_back_ends_agree_on_every_quantisation() {
    for kind in KINDS {
        assert_back_ends_agree(Architecture::Llama, kind);
    }
}

/// With a quantisation whose rows are cut out of fused matrices.
#[test]
fn the_back_ends_agree_on_every_architecture() {
    for architecture in ARCHITECTURES {
        assert_back_ends_agree(architecture, GgmlDType::Q5_0);
    }
}

fn assert_back_ends_agree(architecture: Architecture, kind: GgmlDType) {
    let saved = Tiny::new(architecture, kind).saved();
    let [tensor, slices] = BACKENDS.map(|b| logits(&open(&saved.path, b), &tokens(10)));
    for (at, (tensor, slices)) in tensor.iter().zip(&slices).enumerate() {
        let cosine = cosine(tensor, slices);
        // They round activations to bytes in spans of their own.
        assert!(cosine > 0.997, "{architecture:?} {kind:?} at {at}: cosine {cosine}");
    }
}

#[test]
fn slices_give_a_row_the_same_bits_whatever_else_is_in_the_call() {
    for kind in KINDS {
        let model =
            Tiny::new(Architecture::Qwen3, kind).open(vivavoce::engine::BackendKind::Slices);
        let tokens = tokens(9);
        let whole = logits(&model, &tokens);
        let mut cache = model.cache();
        for (at, token) in tokens.iter().enumerate() {
            let alone = model.forward(&[*token], &mut cache, &[0], &tiny::never).unwrap();
            assert_eq!(alone[0], whole[at], "{kind:?} at {at}");
        }
    }
}

#[test]
fn slowed_rotations_change_later_positions_alone() {
    let plain = Tiny::new(Architecture::Llama, GgmlDType::F32);
    let mut slowed = Tiny::new(Architecture::Llama, GgmlDType::F32);
    slowed.add("rope_freqs.weight", GgmlDType::F32, &[8.0; 8], &[8]);
    let mut unslowed = Tiny::new(Architecture::Llama, GgmlDType::F32);
    unslowed.add("rope_freqs.weight", GgmlDType::F32, &[1.0; 8], &[8]);
    for backend in BACKENDS {
        let [plain, slowed, unslowed] =
            [&plain, &slowed, &unslowed].map(|tiny| logits(&tiny.open(backend), &tokens(4)));
        assert_eq!(plain, unslowed);
        assert_eq!(plain[0], slowed[0]);
        assert_ne!(plain[3], slowed[3]);
    }
}

/// The last layer that has none sees everything, so the window has to be in all of them here.
#[test]
fn what_lies_before_a_window_is_not_seen() {
    let mut tiny = Tiny::new(Architecture::Phi3, GgmlDType::F32);
    tiny.set("phi3.attention.sliding_window", Value::U32(3));
    for backend in BACKENDS {
        let model = tiny.open(backend);
        // Three layers that look back by two positions each reach six positions back.
        let (last, reached) = (tokens(20), 6);
        let mut cache = model.cache();
        let whole = logits(&model, &last).pop().unwrap();
        let mut other = last.clone();
        other[19 - reached - 1] = 0;
        assert_eq!(logits(&model, &other).pop().unwrap(), whole, "{backend:?}");
        other[19 - reached] = 0;
        assert_ne!(logits(&model, &other).pop().unwrap(), whole, "{backend:?}");
        // One token after the others has no mask to share with them.
        model.forward(&last[..19], &mut cache, &[], &tiny::never).unwrap();
        let alone = model.forward(&last[19..], &mut cache, &[0], &tiny::never).unwrap();
        assert_same(&alone[0], &whole, &format!("{backend:?}"));
    }
}
