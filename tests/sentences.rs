//! Sentences as vectors: the real model by known figures, a tiny one by what may be wrong with it.

use std::fs;
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use serde_json::{Value, json};

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod bert;
    pub mod models;
}

use common::bert::{Tiny, WIDTH};
use vivavoce::engine::{Embedder, SentencesFault, cosine};

const EATS_FOOD: &str = "A man is eating food.";
const EATS_BREAD: &str = "A man is eating a piece of bread.";
const BABY: &str = "The girl is carrying a baby.";

fn tiny() -> (tempfile::TempDir, Embedder) {
    let folder = tempfile::tempdir().unwrap();
    Tiny::new().write(folder.path());
    let embedder = Embedder::open(folder.path()).unwrap();
    (folder, embedder)
}

fn length(vector: &[f32]) -> f32 {
    cosine(vector, vector).sqrt()
}

#[test]
fn the_real_model_gives_the_figures_that_its_publishers_code_gives() {
    let Some(folder) = common::models::sentences_model() else { return };
    let embedder = Embedder::open(&folder).unwrap();
    let vectors = embedder.embed(&[EATS_FOOD, EATS_BREAD, BABY]).unwrap();
    assert_eq!(embedder.width(), 384);
    assert!(vectors.iter().all(|v| v.len() == 384 && (length(v) - 1.0).abs() < 1e-5));
    assert!((cosine(&vectors[0], &vectors[1]) - 0.7553).abs() < 2e-4);
    assert!((cosine(&vectors[0], &vectors[2]) + 0.1050).abs() < 2e-4);
}

#[test]
fn a_real_vector_is_the_same_whatever_else_is_asked_for() {
    let Some(folder) = common::models::sentences_model() else { return };
    let embedder = Embedder::open(&folder).unwrap();
    let long = "We moved the sending to a queue, behind a flag. ".repeat(60);
    let texts = [EATS_FOOD, "", &long, EATS_BREAD, EATS_FOOD, "Grüße 你好 \u{0} 🦀"];
    let together = embedder.embed(&texts).unwrap();
    for (text, vector) in texts.iter().zip(&together) {
        assert_eq!(embedder.embed(&[text]).unwrap(), std::slice::from_ref(vector));
    }
    let longer = long.clone() + "And this is never read.";
    assert_eq!(embedder.embed(&[&longer]).unwrap()[0], together[2]);
}

#[test]
fn vectors_have_length_one_whatever_the_text() {
    let (_folder, embedder) = tiny();
    let long = "a man eats pasta. ".repeat(500);
    let texts = ["", " \n\t", "A man eats pasta.", "[SEP] [CLS]", "\u{0}\u{fffd}\u{200b}", &long];
    let vectors = embedder.embed(&texts).unwrap();
    assert_eq!(vectors.len(), texts.len());
    assert!(vectors.iter().all(|v| v.len() == WIDTH && (length(v) - 1.0).abs() < 1e-5));
    assert_eq!(vectors[0], vectors[1]);
    assert_eq!(embedder.embed(&[]).unwrap(), [[0.0; 0]; 0]);
}

#[test]
fn marks_in_a_text_are_ordinary_characters() {
    let (_folder, embedder) = tiny();
    let vectors = embedder.embed(&["a [SEP] man", "a . sep . man", "a man"]).unwrap();
    assert_eq!(vectors[0], embedder.embed(&["a [sep] man"]).unwrap()[0]);
    assert_ne!(vectors[0], vectors[2]);
}

#[test]
fn what_lies_beyond_the_last_token_does_not_count() {
    let (_folder, embedder) = tiny();
    // Twelve positions, two of them for the marks.
    let ten = "a man eats pasta a man . man a";
    let vectors = embedder.embed(&[ten, &format!("{ten} pasta pasta"), "a man"]).unwrap();
    assert_eq!(vectors[0], vectors[1]);
    assert_ne!(vectors[0], vectors[2]);
}

/// What opening says of a tiny model with something changed.
fn refused(change: impl FnOnce(&mut Tiny)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut tiny = Tiny::new();
    change(&mut tiny);
    tiny.write(folder.path());
    said(folder.path())
}

fn said(folder: &Path) -> String {
    let error = Embedder::open(folder).expect_err("something is wrong with it");
    error.to_string().replace(&folder.display().to_string(), "FOLDER")
}

#[test]
fn a_shape_that_makes_no_sense_or_fits_no_weights_is_said() {
    let cases = [
        (
            "num_attention_heads",
            json!(0),
            "FOLDER/config.json: is damaged: num_attention_heads is 0",
        ),
        ("num_attention_heads", json!(3), "a hidden_size of 8 cannot be split among 3 heads"),
        ("hidden_size", json!(0), "hidden_size is 0, and 1 to 8192 make sense"),
        ("hidden_size", json!(16), "FOLDER/model.safetensors: is damaged: tensor `embeddings.word"),
        ("hidden_size", json!(u64::MAX), "hidden_size is 18446744073709551615"),
        ("hidden_size", json!(-8), "FOLDER/config.json: is damaged: invalid value"),
        ("num_hidden_layers", json!(1), "has a tensor `encoder.layer.1.attention.output.LayerNorm"),
        ("num_hidden_layers", json!(3), "has no tensor `encoder.layer.2.attention.self.query.weig"),
        ("num_hidden_layers", json!(1_000_000), "num_hidden_layers is 1000000"),
        ("vocab_size", json!(11), "is F32 [10, 8] where F32 [11, 8] is due"),
        ("max_position_embeddings", json!(2), "max_position_embeddings is 2"),
        ("max_position_embeddings", json!(512), "where F32 [512, 8] is due"),
        ("layer_norm_eps", json!(0.0), "layer_norm_eps is 0"),
        ("layer_norm_eps", json!("\u{1b}[2J"), "is damaged: invalid type: string"),
        ("model_type", json!("roberta"), "describes a model of type \"roberta\", which is not"),
        ("hidden_act", json!("swish"), "is damaged: unknown variant `swish`"),
    ];
    for (key, value, message) in cases {
        let said = refused(|tiny| tiny.config[key] = value.clone());
        assert!(said.contains(message), "{key} = {value}: {said}");
        assert!(!said.contains('\u{1b}'), "{said:?}");
    }
}

#[test]
fn a_vocabulary_that_the_weights_do_not_reach_is_said() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 8] = [
        (|model| model["vocab"]["pasta"] = json!(10), "token `pasta` has number 10, and config.js"),
        (|model| model["vocab"]["pasta"] = json!(u32::MAX), "has number 4294967295"),
        (|model| model["vocab"]["pasta"] = json!(-1), "is damaged: invalid value"),
        (|model| drop(remove(model, "[SEP]")), "it has no token `[SEP]`"),
        (|model| drop(remove(model, "[UNK]")), "it has no token `[UNK]`"),
        (|model| model["max_input_chars_per_word"] = json!(1_000_000), "words of 1000000 charact"),
        (|model| model["type"] = json!("BPE"), "is damaged: invalid value: string"),
        (|model| model["vocab"] = json!([]), "is damaged: invalid type"),
    ];
    for (change, message) in cases {
        let said = refused(|tiny| change(&mut tiny.tokenizer["model"]));
        assert!(said.starts_with("FOLDER/tokenizer.json: ") && said.contains(message), "{said}");
    }
    let said = refused(|tiny| tiny.tokenizer["pre_tokenizer"] = json!({ "type": "Whitespace" }));
    assert!(said.contains("FOLDER/tokenizer.json: is damaged: "), "{said}");
}

fn remove(model: &mut Value, token: &str) -> Option<Value> {
    model["vocab"].as_object_mut()?.remove(token)
}

#[test]
fn tensors_of_another_kind_are_said() {
    const QUERY: &str = "encoder.layer.0.attention.self.query.weight";
    let put = |tensor: Tensor| refused(|tiny| drop(tiny.tensors.insert(QUERY.into(), tensor)));
    let zeros = |shape: &[usize], kind| Tensor::zeros(shape, kind, &Device::Cpu).unwrap();
    assert!(put(zeros(&[8, 8], DType::F16)).contains("is F16 [8, 8] where F32 [8, 8] is due"));
    assert!(put(zeros(&[64], DType::F32)).contains("is F32 [64] where F32 [8, 8] is due"));
    let said = refused(|tiny| drop(tiny.tensors.remove(QUERY)));
    assert!(said.contains(&format!("has no tensor `{QUERY}`")), "{said}");
}

#[test]
fn weights_that_are_no_numbers_give_an_error_and_no_vector() {
    let folder = tempfile::tempdir().unwrap();
    let mut tiny = Tiny::new();
    let name = "encoder.layer.1.output.LayerNorm.bias";
    let poison = Tensor::full(f32::NAN, WIDTH, &Device::Cpu).unwrap();
    tiny.tensors.insert(name.into(), poison);
    tiny.write(folder.path());
    let error = Embedder::open(folder.path()).unwrap().embed(&["a man"]).unwrap_err();
    assert!(error.to_string().contains("is no number"), "{error}");
}

#[test]
fn files_that_are_missing_cut_or_of_another_kind_are_said() {
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        let (folder, _) = tiny();
        let path = folder.path().join(file);
        let whole = fs::read(&path).unwrap();
        for cut in [0, 1, 7, 8, 9, whole.len() / 2, whole.len() - 1] {
            fs::write(&path, &whole[..cut]).unwrap();
            let said = said(folder.path());
            assert!(said.starts_with(&format!("FOLDER/{file}: is damaged: ")), "{said}");
            assert!(said.contains("viva models verify"), "{said}");
        }
        fs::remove_file(&path).unwrap();
        let absent = said(folder.path());
        assert!(absent.starts_with(&format!("FOLDER/{file}: cannot be read (")), "{absent}");
        assert!(absent.contains("`viva models pull` fetches what is missing"), "{absent}");
        fs::create_dir(&path).unwrap();
        assert!(said(folder.path()).starts_with(&format!("FOLDER/{file}: is not a file")));
    }
}

#[test]
fn every_byte_of_the_headers_may_be_wrong_without_a_panic() {
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        let (folder, _) = tiny();
        let path = folder.path().join(file);
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len().min(1_500) {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << (at % 8);
            fs::write(&path, &damaged).unwrap();
            // Some bytes may be anything, as those of a number.
            if let Ok(embedder) = Embedder::open(folder.path()) {
                let _ = embedder.embed(&["a man eats", ""]);
            }
        }
    }
}

#[test]
fn an_absurd_length_is_refused_before_it_is_read() {
    let (folder, _) = tiny();
    let file = fs::File::create(folder.path().join("model.safetensors")).unwrap();
    file.set_len(1 << 40).unwrap();
    let error = Embedder::open(folder.path()).unwrap_err();
    assert!(matches!(error.fault, SentencesFault::TooLong { bytes, .. } if bytes == 1 << 40));
}
