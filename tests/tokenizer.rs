//! Our token ids against llama.cpp's, on the vocabularies of real models.
//!
//! The fixtures are made by `scripts/tokenizer_fixtures.py`.

#[path = "common/models.rs"]
mod models;

use std::path::Path;

use serde::Deserialize;
use vivavoce::engine::{Special, Tokenizer, Vocabulary, read_metadata};

#[derive(Deserialize)]
struct Fixture {
    /// Used instead of the model's own.
    pre: Option<String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    special: bool,
    ids: Vec<u32>,
}

fn vocabulary(model: &Path) -> Vocabulary {
    let metadata = read_metadata(model).expect("the model is a GGUF");
    Vocabulary::from_metadata(&metadata).expect("the model has a vocabulary")
}

fn assert_parity(model: &Path, fixture: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tokenizer").join(fixture);
    let text = std::fs::read_to_string(path).expect("the fixture is in the repository");
    let fixture: Fixture = serde_json::from_str(&text).expect("the script writes JSON");
    let mut vocabulary = vocabulary(model);
    vocabulary.pre = fixture.pre.or(vocabulary.pre);
    let tokenizer = Tokenizer::new(&vocabulary).expect("its vocabulary is sound");
    for case in fixture.cases {
        let special = if case.special { Special::Parse } else { Special::Plain };
        let ids = tokenizer.encode(&case.text, special).expect("any text can be encoded");
        assert_eq!(ids, case.ids, "{:?}, {special:?}", case.text);
    }
}

#[test]
fn smollm_ids_are_llama_cpps() {
    assert_parity(&models::small_model(), "smollm2-135m.json");
}

#[test]
fn ids_by_the_other_pre_tokenisers_are_llama_cpps() {
    for pre in ["default", "llama-bpe", "qwen2"] {
        assert_parity(&models::small_model(), &format!("smollm2-135m@{pre}.json"));
    }
}

#[test]
fn qwen_ids_are_llama_cpps() {
    for name in ["qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"] {
        // The family shares one vocabulary, and so the fixture.
        if let Some(model) = models::larger_model(name) {
            assert_parity(&model, "qwen2.5-coder-0.5b.json");
        }
    }
}
