//! Model files that are broken, or made to break: each is refused with what is wrong and what to
//! do, and none panics or allocates what it claims.

#[path = "common/tiny.rs"]
mod tiny;

use std::path::{Path, PathBuf};

use candle_core::quantized::GgmlDType;
use candle_core::quantized::gguf_file::Value;
use vivavoce::engine::{Architecture, LoadFault, LoadOptions, Model, Sampler, SamplerOptions};

use tiny::{BACKENDS, Tiny, VOCABULARY};

/// A file of these bytes, for as long as the folder lives.
struct Bytes {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

fn file(bytes: &[u8]) -> Bytes {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.gguf");
    std::fs::write(&path, bytes).unwrap();
    Bytes { path, _folder: folder }
}

/// Why a file is refused, after checks that hold for every refusal.
fn refused(path: &Path) -> String {
    for backend in BACKENDS {
        let Err(error) = Model::open(path, &LoadOptions { backend, ..LoadOptions::default() })
        else {
            panic!("{} was loaded", path.display());
        };
        let said = error.to_string();
        assert!(said.starts_with(&path.display().to_string()), "names the file: {said}");
        assert!(!said.chars().any(char::is_control), "no control characters: {said:?}");
        let to_do = ["viva models", "give the path"].iter().any(|what| said.contains(what))
            || matches!(error.fault, LoadFault::Io(_) | LoadFault::Quantisation { .. });
        assert!(to_do, "says what to do: {said}");
        if backend == BACKENDS[1] {
            return said;
        }
    }
    unreachable!("there are two back ends")
}

fn refused_bytes(bytes: &[u8]) -> String {
    refused(&file(bytes).path)
}

fn refused_tiny(change: impl FnOnce(&mut Tiny)) -> String {
    let mut tiny = Tiny::new(Architecture::Qwen2, GgmlDType::F32);
    change(&mut tiny);
    refused(&tiny.saved().path)
}

fn assert_says(said: &str, what: &str) {
    assert!(said.contains(what), "\"{what}\" in: {said}");
}

/// A header written by hand: version 3, counts, then whatever follows.
fn header(tensors: u64, pairs: u64, rest: &[&[u8]]) -> Vec<u8> {
    let mut bytes = b"GGUF".to_vec();
    bytes.extend(3_u32.to_le_bytes());
    bytes.extend(tensors.to_le_bytes());
    bytes.extend(pairs.to_le_bytes());
    for part in rest {
        bytes.extend(*part);
    }
    bytes.extend([0; 64]);
    bytes
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes(), text.as_bytes()].concat()
}

fn number(kind: u32) -> [u8; 4] {
    kind.to_le_bytes()
}

#[test]
fn what_is_no_model_file_is_said_to_be_none() {
    assert_says(&refused_bytes(b"Hello, this is text."), "it starts with \"Hell\"");
    assert_says(&refused_bytes(b"\x1b[2J boo"), "it starts with \"\\u{1b}[2J\"");
    assert_says(&refused_bytes(b""), "is not a GGUF file");
    assert_says(&refused_bytes(b"GG"), "it starts with \"GG\"");
    let folder = tempfile::tempdir().unwrap();
    assert_says(&refused(folder.path()), "is not a file");
    assert_says(&refused(&folder.path().join("nothing.gguf")), "cannot be read");
}

#[test]
fn other_versions_and_byte_orders_are_named() {
    assert_says(&refused_bytes(b"GGUF\x01\0\0\0"), "GGUF version 1");
    assert_says(&refused_bytes(b"GGUF\0\0\0\x03\0\0\0\0"), "GGUF version 50331648");
}

#[test]
fn counts_that_claim_terabytes_reserve_nothing() {
    let key = text("k");
    assert_says(&refused_bytes(&header(1 << 62, 0, &[])), "4611686018427387904 tensors");
    assert_says(&refused_bytes(&header(0, u64::MAX, &[])), "metadata entries");
    assert_says(&refused_bytes(&header(50_000, 0, &[])), "is cut off: tensors");
    let long = (1_u64 << 40).to_le_bytes();
    assert_says(&refused_bytes(&header(0, 1, &[&long])), "bytes of a string");
    assert_says(&refused_bytes(&header(0, 1, &[&key, &number(8), &long])), "bytes of a string");
    let array = [&key[..], &number(9), &number(4), &long].concat();
    assert_says(&refused_bytes(&header(0, 1, &[&array])), "elements of an array");
    let some = [&key[..], &number(9), &number(8), &10_000_u64.to_le_bytes()].concat();
    assert_says(&refused_bytes(&header(0, 1, &[&some])), "is cut off");
    let tensor = [&text("t")[..], &number(u32::MAX)].concat();
    assert_says(&refused_bytes(&header(1, 0, &[&tensor])), "4294967295 dimensions");
}

#[test]
fn values_that_make_no_sense_are_named() {
    let key = text("k\x07");
    let said = refused_bytes(&header(0, 1, &[&key, &number(77)]));
    assert_says(&said, "a value of unknown type 77 at key `k\\u{7}`");
    let nested = [&key[..], &number(9), &number(9), &1_u64.to_le_bytes()].concat();
    assert_says(&refused_bytes(&header(0, 1, &[&nested])), "an array of arrays");
    let pair = [&text("k")[..], &number(0), &[1]].concat();
    assert_says(&refused_bytes(&header(0, 2, &[&pair, &pair])), "a metadata key twice");
    for alignment in [0_u32, 3, 1 << 30] {
        let pair = [&text("general.alignment")[..], &number(4), &number(alignment)].concat();
        assert_says(&refused_bytes(&header(0, 1, &[&pair])), "its alignment is");
    }
}

/// One tensor of this description.
fn tensor(dimensions: &[u64], kind: u32, offset: u64) -> Vec<u8> {
    let mut bytes = text("a\x1bb");
    bytes.extend((dimensions.len() as u32).to_le_bytes());
    for size in dimensions {
        bytes.extend(size.to_le_bytes());
    }
    bytes.extend(kind.to_le_bytes());
    bytes.extend(offset.to_le_bytes());
    bytes
}

#[test]
fn tensors_outside_of_the_file_are_named() {
    let refused = |dimensions: &[u64], kind, offset| {
        refused_bytes(&header(1, 0, &[&tensor(dimensions, kind, offset)]))
    };
    assert_says(&refused(&[1 << 30, 1 << 30], 0, 0), "should reach byte 46116860184273");
    assert_says(&refused(&[u64::MAX, u64::MAX], 0, 0), "impossible shape");
    assert_says(&refused(&[0, 3], 0, 0), "impossible shape");
    assert_says(&refused(&[], 0, 0), "impossible shape");
    assert_says(&refused(&[5], 12, 0), "impossible shape");
    assert_says(&refused(&[8], 0, 64), "is cut off: tensor `a\\u{1b}b`");
    assert_says(&refused(&[8], 0, !31), "is cut off: tensor");
    assert_says(&refused(&[8], 0, 5), "is not aligned");
    assert_says(&refused(&[256], 23, 0), "quantised as IQ4_XS (type 23)");
    assert_says(&refused(&[256], 9999, 0), "an unknown type (type 9999)");
}

#[test]
fn a_file_that_ends_anywhere_is_refused() {
    let saved = Tiny::new(Architecture::Qwen3, GgmlDType::Q8_0).saved();
    let whole = std::fs::read(&saved.path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.gguf");
    // Every byte of the header, then a few in the data. The last 32 may be padding.
    let ends = (0..4000).chain((4000..whole.len() - 32).step_by(9973));
    for end in ends {
        std::fs::write(&path, &whole[..end]).unwrap();
        let backend = BACKENDS[end % 2];
        let error = Model::open(&path, &LoadOptions { backend, ..LoadOptions::default() })
            .err()
            .unwrap()
            .to_string();
        assert_says(&error, if end < 4 { "is not a GGUF file" } else { "is cut off" });
    }
}

#[test]
fn any_changed_bytes_of_a_header_are_survived() {
    let saved = Tiny::new(Architecture::Llama, GgmlDType::Q4_0).saved();
    let whole = std::fs::read(&saved.path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.gguf");
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % below
    };
    for round in 0..600 {
        let mut bytes = whole.clone();
        for _ in 0..=random(3) {
            let at = 8 + random(3500);
            bytes[at] = [0, 1, 0x7f, 0x80, 0xff, bytes[at] ^ (1 << random(8))][random(6)];
        }
        std::fs::write(&path, &bytes).unwrap();
        let Ok(model) = Model::open(
            &path,
            &LoadOptions { backend: BACKENDS[round % 2], ..LoadOptions::default() },
        ) else {
            continue;
        };
        // Some changes are to values alone; such a model computes something.
        let logits = model.forward(&[1, 2, 3], &mut model.cache(), &[2], &tiny::never);
        assert_eq!(logits.map(|logits| logits[0].len()), Ok(VOCABULARY));
    }
}

#[test]
fn an_unknown_architecture_is_named_with_the_known_ones() {
    let said = refused_tiny(|tiny| {
        tiny.set("general.architecture", Value::String("mamba".to_owned()));
    });
    assert_says(&said, "\"mamba\", and the known ones are llama, qwen2, qwen3");
    assert_says(&said, "viva models list");
}

#[test]
fn tensors_are_held_to_what_the_metadata_say() {
    let said = refused_tiny(|tiny| tiny.set("qwen2.embedding_length", Value::U32(32)));
    assert_says(&said, "`token_embd.weight` has shape [48, 64] where [48, 32] is due");
    let said = refused_tiny(|tiny| tiny.set("qwen2.attention.head_count_kv", Value::U32(1)));
    assert_says(&said, "`blk.0.attn_k.weight` has shape [32, 64] where [16, 64] is due");
    let said = refused_tiny(|tiny| tiny.set("qwen2.block_count", Value::U32(4)));
    assert_says(&said, "has no tensor `blk.3.attn_norm.weight`");
    let said = refused_tiny(|tiny| tiny.set("qwen2.block_count", Value::U32(2)));
    assert_says(&said, "`blk.2.attn_k.bias` that its architecture has no place for");
    let said = refused_tiny(|tiny| tiny.remove("blk.1.attn_q.bias"));
    assert_says(&said, "has no tensor `blk.1.attn_q.bias`");
    let said = refused_tiny(|tiny| {
        tiny.add("token_embd.weight", GgmlDType::F32, &[0.0; 64], &[64]);
    });
    assert_says(&said, "`token_embd.weight` is no matrix");
    let said = refused_tiny(|tiny| {
        tiny.set("tokenizer.ggml.tokens", Value::Array(vec![Value::String("one".to_owned())]));
    });
    assert_says(&said, "names 1 tokens and has weights for 48");
}

#[test]
fn fused_matrices_and_factors_are_held_to_what_the_metadata_say() {
    let refused_phi = |change: &dyn Fn(&mut Tiny)| {
        let mut tiny = Tiny::new(Architecture::Phi3, GgmlDType::F32);
        change(&mut tiny);
        refused(&tiny.saved().path)
    };
    let said = refused_phi(&|tiny| tiny.set("phi3.attention.head_count_kv", Value::U32(1)));
    assert_says(&said, "`blk.0.attn_qkv.weight` has shape [128, 64] where [96, 64] is due");
    let said = refused_phi(&|tiny| tiny.set("phi3.feed_forward_length", Value::U32(64)));
    assert_says(&said, "`blk.0.ffn_up.weight` has shape [256, 64] where [128, 64] is due");
    let said = refused_phi(&|tiny| tiny.set("phi3.rope.dimension_count", Value::U32(8)));
    assert_says(&said, "`rope_factors_long.weight` has shape [6] where [4] is due");
    let said = refused_phi(&|tiny| {
        tiny.add("rope_factors_long.weight", GgmlDType::F32, &[0.0; 6], &[6]);
    });
    assert_says(&said, "`rope_factors_long.weight` holds no positive factors");
}

#[test]
fn weights_that_are_no_numbers_give_logits_that_a_sampler_survives() {
    for kind in [GgmlDType::F32, GgmlDType::Q4K, GgmlDType::Q8_0, GgmlDType::Q4_1] {
        let mut tiny = Tiny::new(Architecture::Qwen2, kind);
        let width = if kind.block_size() > 32 { 256 } else { 64 };
        tiny.add("blk.0.attn_norm.weight", GgmlDType::F32, &vec![f32::NAN; width], &[width]);
        tiny.add("blk.1.ffn_norm.weight", GgmlDType::F32, &vec![f32::INFINITY; width], &[width]);
        for backend in BACKENDS {
            let model = tiny.open(backend);
            let logits = tiny::logits(&model, &[1, 2, 3]);
            let warm = SamplerOptions { temperature: 0.7, ..SamplerOptions::default() };
            let token = Sampler::new(warm).sample(&logits[2], &[1, 2, 3]);
            assert!((token as usize) < VOCABULARY);
        }
    }
}
