//! The decoder against llama.cpp, which shares no code with it.
//!
//! The fixtures are made by `scripts/logits_fixtures.py`: every logit of tiny models of random
//! weights, one an architecture and more where it has variants; and for real models the perplexity
//! of a text and the likeliest tokens at some of its positions.

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod models;
}
#[path = "common/tiny.rs"]
mod tiny;
#[path = "common/variants.rs"]
mod variants;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::models;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tiny::{BACKENDS, assert_near, exactness, logits, tokens};
use variants::VARIANTS;
use vivavoce::engine::{Architecture, BackendKind, Model, Special, Tokenizer, Vocabulary};

#[derive(Deserialize)]
struct TinyFixture {
    /// By the variant's name, the logits of each position.
    models: BTreeMap<String, Vec<Vec<f32>>>,
}

#[derive(Deserialize)]
struct Fixture {
    perplexity: f64,
    /// The first of the text, with BOS where the vocabulary asks for it.
    tokens: Vec<u32>,
    places: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    at: usize,
    /// The likeliest tokens with their logits, the likeliest first.
    top: Vec<(u32, f32)>,
    /// Of all logits.
    mean: f32,
    deviation: f32,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reference")
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    let text = std::fs::read_to_string(folder().join(name)).expect("it is in the repository");
    serde_json::from_str(&text).expect("the script writes JSON")
}

/// How far a logit may be off for llama.cpp's sake, as a share of the largest.
fn inexactness(architecture: Architecture) -> f32 {
    match architecture {
        // Its GELU goes through a table of halves.
        Architecture::Gemma3 => 1e-3,
        Architecture::Llama | Architecture::Qwen2 | Architecture::Qwen3 | Architecture::Phi3 => 0.0,
    }
}

#[test]
fn tiny_models_are_what_llama_cpp_computes() {
    let fixture: TinyFixture = read("tiny.json");
    assert_eq!(fixture.models.len(), VARIANTS.len());
    for variant in VARIANTS {
        let theirs = &fixture.models[variant.name()];
        for backend in BACKENDS {
            let model = variant.open(backend);
            let share = exactness(backend) + inexactness(model.info().architecture);
            let ours = logits(&model, &tokens(theirs.len()));
            for (at, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                let what = format!("{} {backend:?} at {at}", variant.name());
                assert_near(ours, theirs, share, &what);
            }
        }
    }
}

/// Keys and values that one process kept are taken up by another only where they would be the same.
#[test]
fn phi_tells_caches_for_a_long_context_from_those_for_a_short_one() {
    let numerics = |name| {
        let variant = VARIANTS.iter().find(|variant| variant.name() == name).unwrap();
        variant.open(BackendKind::Slices).numerics()
    };
    assert_ne!(numerics("phi3@256"), numerics("phi3@512"));
    assert_eq!(numerics("phi3@256"), numerics("llama"));
}

#[test]
#[ignore = "writes the files that scripts/logits_fixtures.py reads"]
fn write_tiny_models() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tiny-models");
    std::fs::create_dir_all(&folder).unwrap();
    for variant in VARIANTS {
        variant.tiny().write(&folder.join(format!("{}.gguf", variant.name())));
    }
}

/// The natural logarithm of the probability of token `id`.
fn log_probability(logits: &[f32], id: u32) -> f64 {
    let most = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    let sum: f64 = logits.iter().map(|x| (f64::from(*x) - most).exp()).sum();
    f64::from(logits[id as usize]) - most - sum.ln()
}

fn perplexity(logits: &[Vec<f32>], tokens: &[u32]) -> f64 {
    let next = &tokens[1..];
    let loss: f64 = logits.iter().zip(next).map(|(row, id)| -log_probability(row, *id)).sum();
    (loss / next.len() as f64).exp()
}

/// As they are fed in use: piece by piece.
fn in_pieces(model: &Model, tokens: &[u32]) -> Vec<Vec<f32>> {
    let mut cache = model.cache();
    let feed = |piece: &[u32]| {
        let all: Vec<usize> = (0..piece.len()).collect();
        model.forward(piece, &mut cache, &all, &|| false).unwrap()
    };
    tokens.chunks(128).flat_map(feed).collect()
}

fn assert_place(ours: &[f32], place: &Place) {
    let at = place.at;
    let mean = ours.iter().sum::<f32>() / ours.len() as f32;
    assert!((mean - place.mean).abs() < 0.2 * place.deviation, "mean {mean} at {at}");
    for (id, theirs) in &place.top {
        let off = (ours[*id as usize] - theirs).abs();
        assert!(off < 0.25 * place.deviation, "token {id} at {at}: off by {off}");
    }
}

fn compare(path: &Path, fixture: &str) {
    let fixture: Fixture = read(fixture);
    let model = tiny::open(path, BackendKind::default());
    let ours = in_pieces(&model, &fixture.tokens);
    for place in &fixture.places {
        assert_place(&ours[place.at], place);
    }
    let (ours, theirs) = (perplexity(&ours, &fixture.tokens), fixture.perplexity);
    // Not above by more than half a per cent. It may be lower by more: llama.cpp rounds 256
    // activations by one scale where these kernels take 128, and with 32 it is lower still.
    assert!(ours < 1.005 * theirs, "perplexity {ours}, llama.cpp has {theirs}");
    assert!(ours > 0.99 * theirs, "perplexity {ours}, llama.cpp has {theirs}");
    assert_eq!(first_tokens(&model, fixture.tokens.len()), fixture.tokens);
}

fn first_tokens(model: &Model, count: usize) -> Vec<u32> {
    let text = std::fs::read_to_string(folder().join("text.txt")).unwrap();
    let vocabulary = Vocabulary::from_metadata(model.metadata()).unwrap();
    let tokenizer = Tokenizer::new(&vocabulary).unwrap();
    let mut ids: Vec<u32> = tokenizer.bos().filter(|_| tokenizer.add_bos()).into_iter().collect();
    tokenizer.append(&text, Special::Plain, &mut ids).unwrap();
    ids.truncate(count);
    ids
}

#[test]
fn smollm2_135m_reads_a_text_as_llama_cpp_does() {
    compare(&models::small_model(), "smollm2-135m.json");
}

#[test]
fn larger_models_read_a_text_as_llama_cpp_does() {
    for name in ["gemma3-270m", "qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"] {
        if let Some(path) = models::larger_model(name) {
            compare(&path, &format!("{name}.json"));
        }
    }
}
