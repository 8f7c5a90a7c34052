use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::bytes::Alphabet;
use super::{Special, TokenKind, Tokenizer, TokenizerError, TokenizerModel, Vocabulary};
use crate::engine::gguf::{Metadata, Texts, Value};

/// Every byte, two merges, and two tokens that are taken whole.
fn tiny() -> Vocabulary {
    let mut tokens: Texts = Alphabet::new().letters().map(String::from).collect();
    let mut kinds = vec![TokenKind::Normal; tokens.len()];
    for (token, kind) in [
        ("th", TokenKind::Normal),
        ("the", TokenKind::Normal),
        ("<|im_end|>", TokenKind::Control),
        ("<tag>", TokenKind::UserDefined),
        ("<tag>s", TokenKind::UserDefined),
    ] {
        tokens.push(token);
        kinds.push(kind);
    }
    let merges = ["t h", "th e"].into_iter().collect();
    Vocabulary { tokens, kinds, merges, pre: Some("qwen2".into()), ..Vocabulary::default() }
}

fn encoded(text: &str, special: Special) -> Vec<u32> {
    let tokenizer = Tokenizer::new(&tiny()).expect("the vocabulary is sound");
    tokenizer.encode(text, special).expect("any text can be encoded")
}

/// The same list with another string for number `n`.
fn replaced(texts: &Texts, n: usize, by: &str) -> Texts {
    texts.iter().enumerate().map(|(at, text)| if at == n { by } else { text }).collect()
}

fn fault(change: impl FnOnce(&mut Vocabulary)) -> String {
    let mut vocabulary = tiny();
    change(&mut vocabulary);
    Tokenizer::new(&vocabulary).expect_err("the vocabulary is damaged").to_string()
}

#[test]
fn control_tokens_are_parsed_only_where_asked() {
    assert_eq!(encoded("the<|im_end|>", Special::Parse), [257, 258]);
    assert_eq!(encoded("the<|im_end|>", Special::Plain).len(), 11);
    // The longest at a place.
    assert_eq!(encoded("<tag>st<tag>h", Special::Parse), [260, 116, 259, 104]);
}

#[test]
fn an_end_token_is_found_whatever_type_the_file_gives_it() {
    let mut vocabulary = tiny();
    vocabulary.kinds.clear();
    let tokenizer = Tokenizer::new(&vocabulary).expect("the vocabulary is sound");
    assert_eq!(tokenizer.encode("<|im_end|>", Special::Parse), Ok(vec![258]));
    assert_eq!(tokenizer.ends(), [258]);
}

#[test]
fn letters_around_one_without_a_token_are_not_merged() {
    let mut vocabulary = tiny();
    vocabulary.tokens = replaced(&vocabulary.tokens, usize::from(b'x'), "filler");
    let tokenizer = Tokenizer::new(&vocabulary).expect("the vocabulary is sound");
    let ids = [b't', b'h'].map(u32::from);
    assert_eq!(tokenizer.encode("txh", Special::Plain), Ok(ids.to_vec()));
}

#[test]
fn llama_takes_pieces_that_are_tokens_without_merging() {
    let mut vocabulary = tiny();
    vocabulary.merges = Texts::default();
    let ids = |vocabulary: &Vocabulary| {
        Tokenizer::new(vocabulary).and_then(|t| t.encode("the", Special::Plain))
    };
    assert_eq!(ids(&vocabulary).map(|ids| ids.len()), Ok(3));
    vocabulary.pre = Some("llama-bpe".into());
    assert_eq!(ids(&vocabulary), Ok(vec![257]));
}

#[test]
fn damaged_vocabularies_are_told() {
    let faults = [
        fault(|v| v.tokens = Texts::default()),
        fault(|v| v.tokens = replaced(&v.tokens, 7, "the")),
        fault(|v| v.kinds.truncate(9)),
        fault(|v| v.merges.push("th en")),
        fault(|v| v.merges.push("the\u{1b} ")),
        fault(|v| v.merges.push(&format!("{} the", "th".repeat(9)))),
        fault(|v| v.merges.push(&"x".repeat(1_000_000))),
        fault(|v| v.kinds[256] = TokenKind::Control),
        fault(|v| v.kinds[usize::from(b'x')] = TokenKind::Unknown),
        fault(|v| v.eos = Some(261)),
        fault(|v| v.bos = Some(u32::MAX)),
        fault(|v| v.pre = Some("tekken".into())),
        fault(|v| v.pre = None),
    ];
    insta::assert_snapshot!(faults.join("\n"), @r#"
    the model file's vocabulary is damaged: it has 0 tokens and 2 merges; fetch it again with `viva models pull`
    the model file's vocabulary is damaged: tokens 7 and 257 are both "the"; fetch it again with `viva models pull`
    the model file's vocabulary is damaged: 261 tokens have 9 types; fetch it again with `viva models pull`
    the model file's vocabulary is damaged: merge 2, "th en", is not of two of its tokens; fetch it again with `viva models pull`
    the model file's vocabulary is damaged: merge 2, "the\u{1b} ", is not of two of its tokens; fetch it again with `viva models pull`
    the model file's vocabulary is damaged: merge 2, "ththththththththth the", is not of two of its tokens; fetch it again with `viva models pull`
    the model file's vocabulary is damaged: merge 2, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"…, is not of two of its tokens; fetch it again with `viva models pull`
    the model file's vocabulary is damaged: token 256, "th", is a control token, and plain text would become it; fetch it again with `viva models pull`
    the model file's vocabulary is damaged: token 120, "x", is a control token, and plain text would become it; fetch it again with `viva models pull`
    the model file's vocabulary is damaged: its eos token is number 261 of 261, counted from 0; fetch it again with `viva models pull`
    the model file's vocabulary is damaged: its bos token is number 4294967295 of 261, counted from 0; fetch it again with `viva models pull`
    the model's pre-tokeniser is "tekken", and the known ones are qwen2, smollm, llama-bpe, llama3, llama-v3, gpt-4o, default; choose a model from `viva models list`
    the model's pre-tokeniser is "", and the known ones are qwen2, smollm, llama-bpe, llama3, llama-v3, gpt-4o, default; choose a model from `viva models list`
    "#);
}

#[test]
fn control_tokens_may_be_many_but_not_without_end() {
    let outcome = |count: usize| {
        let mut vocabulary = tiny();
        vocabulary.tokens.extend((0..count).map(|n| format!("<|reserved_{n:05}|>")));
        vocabulary.kinds.resize(vocabulary.tokens.len(), TokenKind::Control);
        Tokenizer::new(&vocabulary).map(|t| t.encode("<|reserved_00007|>", Special::Parse))
    };
    assert_eq!(outcome(10_000).map_err(|error| error.to_string()), Ok(Ok(vec![268])));
    let error = outcome(20_000).expect_err("that is too much");
    assert!(error.to_string().contains("its 20003 control tokens"), "{error}");
}

fn metadata() -> BTreeMap<String, Value> {
    let texts = |texts: &[&str]| Value::Texts(texts.iter().collect());
    BTreeMap::from([
        ("tokenizer.ggml.model".to_owned(), Value::Text("gpt2".into())),
        ("tokenizer.ggml.pre".to_owned(), Value::Text("qwen2".into())),
        ("tokenizer.ggml.tokens".to_owned(), texts(&["a", "b", "ab"])),
        ("tokenizer.ggml.merges".to_owned(), texts(&["a b"])),
        ("tokenizer.ggml.token_type".to_owned(), Value::Integers(vec![1; 3])),
        ("tokenizer.ggml.eos_token_id".to_owned(), Value::Integer(2)),
        ("tokenizer.ggml.add_bos_token".to_owned(), Value::Bool(false)),
    ])
}

fn read(keys: BTreeMap<String, Value>) -> Result<Vocabulary, TokenizerError> {
    Vocabulary::from_metadata(&keys.into_iter().collect::<Metadata>())
}

#[test]
fn the_vocabulary_is_read_from_a_files_keys() {
    let vocabulary = read(metadata()).expect("the keys are sound");
    let tokenizer = Tokenizer::new(&vocabulary).expect("the vocabulary is sound");
    assert_eq!(tokenizer.encode("aba", Special::Plain), Ok(vec![2, 0]));
    assert_eq!(tokenizer.ends(), [2]);
}

#[test]
fn a_sentencepiece_vocabulary_is_read_from_a_files_keys() {
    let mut keys = metadata();
    keys.insert("tokenizer.ggml.model".to_owned(), Value::Text("llama".into()));
    let missing = read(keys.clone()).expect_err("there are no scores").to_string();
    assert!(missing.contains("`tokenizer.ggml.scores`"), "{missing}");
    keys.insert("tokenizer.ggml.scores".to_owned(), Value::Floats(vec![-1.0, -2.0, -3.0]));
    keys.insert("tokenizer.ggml.add_space_prefix".to_owned(), Value::Bool(false));
    keys.remove("tokenizer.ggml.eos_token_id");
    let vocabulary = read(keys).expect("the keys are sound");
    assert_eq!(vocabulary.model, TokenizerModel::SentencePiece);
    assert_eq!((vocabulary.space_first, vocabulary.add_bos), (Some(false), Some(false)));
    let tokenizer = Tokenizer::new(&vocabulary).expect("the vocabulary is sound");
    assert_eq!(tokenizer.encode("aba", Special::Plain), Ok(vec![2, 0]));
}

#[test]
fn a_number_that_no_token_has_is_a_fault() {
    let mut keys = metadata();
    keys.insert("tokenizer.ggml.eos_token_id".to_owned(), Value::Integer(1 << 40));
    let vocabulary = read(keys).expect("it is held against the tokens later");
    let error = Tokenizer::new(&vocabulary).expect_err("there is no such token");
    assert!(error.to_string().contains("its eos token is number 4294967295"), "{error}");
}

#[test]
fn keys_that_are_missing_or_of_another_type_are_named() {
    let wrong = [
        ("tokenizer.ggml.model", Some(Value::Text("bert".into()))),
        ("tokenizer.ggml.model", None),
        ("tokenizer.ggml.tokens", None),
        ("tokenizer.ggml.merges", Some(Value::Integers(vec![1]))),
        ("tokenizer.ggml.token_type", Some(Value::Text("normal".into()))),
        ("tokenizer.ggml.eos_token_id", Some(Value::Integer(-1))),
        ("tokenizer.ggml.add_bos_token", Some(Value::Integer(1))),
        ("tokenizer.chat_template", Some(Value::Float(0.5))),
    ];
    let faults = wrong.map(|(key, value)| {
        let mut keys = metadata();
        match value {
            Some(value) => keys.insert(key.to_owned(), value),
            None => keys.remove(key),
        };
        read(keys).expect_err("the key is wrong").to_string()
    });
    insta::assert_snapshot!(faults.join("\n"), @r#"
    the model's tokenizer is of kind "bert", and byte-level BPE ("gpt2") and sentencepiece ("llama") are supported; choose a model from `viva models list`
    the model's tokenizer is of kind "", and byte-level BPE ("gpt2") and sentencepiece ("llama") are supported; choose a model from `viva models list`
    the file says nothing of `tokenizer.ggml.tokens`; fetch it again with `viva models pull`
    `tokenizer.ggml.merges` should be an array of strings, but is an array of integers; fetch it again with `viva models pull`
    `tokenizer.ggml.token_type` should be an array of integers, but is "normal"; fetch it again with `viva models pull`
    `tokenizer.ggml.eos_token_id` should be an integer from 0 up, but is -1; fetch it again with `viva models pull`
    `tokenizer.ggml.add_bos_token` should be a truth value, but is 1; fetch it again with `viva models pull`
    `tokenizer.chat_template` should be a string, but is a number; fetch it again with `viva models pull`
    "#);
}

#[test]
fn every_pre_tokeniser_that_messages_name_is_known() {
    for name in super::Pre::NAMES.split(", ") {
        assert!(super::Pre::from_name(name).is_some(), "{name}");
    }
    let unknown = TokenizerError::Pre { found: "x".into() };
    assert!(unknown.to_string().contains(super::Pre::NAMES));
}

proptest! {
    #[test]
    fn the_bytes_of_the_tokens_are_the_bytes_of_the_text(text in any::<String>()) {
        static TOKENIZER: LazyLock<Tokenizer> =
            LazyLock::new(|| Tokenizer::new(&tiny()).expect("the vocabulary is sound"));
        let ids = TOKENIZER.encode(&text, Special::Plain).expect("any text can be encoded");
        prop_assert_eq!(TOKENIZER.decode(&ids), text);
    }
}
