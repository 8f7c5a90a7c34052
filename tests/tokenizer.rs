//! Our token ids and prompts against llama.cpp's and Jinja2's, on the files of real models.
//!
//! The fixtures are made by `scripts/tokenizer_fixtures.py`.

#[allow(dead_code, unreachable_pub, reason = "shared with other tests, which use other parts")]
mod common {
    pub mod models;
}

use std::path::Path;

use common::models;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use vivavoce::engine::{
    ChatTemplate, Special, TextStream, TokenKind, Tokenizer, TokenizerModel, Vocabulary,
    read_metadata,
};

#[derive(Deserialize)]
struct Fixture {
    /// Used instead of the model's own.
    pre: Option<String>,
    chats: Vec<Chat>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Chat {
    messages: Vec<(String, String)>,
    text: String,
    ids: Vec<u32>,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    special: bool,
    ids: Vec<u32>,
}

/// A vocabulary without a model, and what llama.cpp makes of the cases with it.
#[derive(Deserialize)]
struct Small {
    /// Token, score, and number of its kind.
    vocabulary: Vec<(String, f32, i64)>,
    /// With a space before every text.
    spaced: Vec<Case>,
    bare: Vec<Case>,
}

fn fixture<T: DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tokenizer").join(name);
    let text = std::fs::read_to_string(path).expect("the fixture is in the repository");
    serde_json::from_str(&text).expect("the script writes JSON")
}

fn vocabulary(model: &Path) -> Vocabulary {
    let metadata = read_metadata(model).expect("the model is a GGUF");
    Vocabulary::from_metadata(&metadata).expect("the model has a vocabulary")
}

fn tokenizer(model: &Path) -> Tokenizer {
    Tokenizer::new(&vocabulary(model)).expect("its vocabulary is sound")
}

fn assert_parity(model: &Path, fixture: &Fixture) {
    let mut vocabulary = vocabulary(model);
    vocabulary.pre = fixture.pre.clone().or(vocabulary.pre);
    let tokenizer = Tokenizer::new(&vocabulary).expect("its vocabulary is sound");
    assert_cases(&tokenizer, &fixture.cases);
    for chat in &fixture.chats {
        assert_chat(&ChatTemplate::from_vocabulary(&vocabulary).expect("it has a template"), chat);
        let ids = tokenizer.encode(&chat.text, Special::Parse).expect("any text can be encoded");
        assert_eq!(ids, chat.ids, "{:?}", chat.text);
    }
}

fn assert_cases(tokenizer: &Tokenizer, cases: &[Case]) {
    for case in cases {
        let special = if case.special { Special::Parse } else { Special::Plain };
        let mut ids = Vec::new();
        tokenizer.append(&case.text, special, &mut ids).expect("any text can be encoded");
        assert_eq!(ids, case.ids, "{:?}, {special:?}", case.text);
    }
}

/// Rendered whole, and put together from the pieces around the contents.
fn assert_chat(template: &ChatTemplate, chat: &Chat) {
    let messages: Vec<_> = chat.messages.iter().map(|(r, c)| (r.as_str(), c.as_str())).collect();
    assert_eq!(template.render(&messages).as_ref(), Ok(&chat.text));
    let roles: Vec<&str> = messages.iter().map(|(role, _)| *role).collect();
    let pieces = template.pieces(&roles).expect("the template takes these roles");
    let contents = messages.iter().map(|(_, content)| *content).chain([""]);
    let text: String =
        pieces.iter().map(String::as_str).zip(contents).flat_map(<[&str; 2]>::from).collect();
    assert_eq!(text, chat.text);
}

#[test]
fn smollm_is_read_as_by_llama_cpp() {
    assert_parity(&models::small_model(), &fixture("smollm2-135m.json"));
}

#[test]
fn other_pre_tokenisers_split_as_llama_cpps() {
    for pre in ["default", "llama-bpe", "qwen2", "gpt-4o"] {
        assert_parity(&models::small_model(), &fixture(&format!("smollm2-135m@{pre}.json")));
    }
}

#[test]
fn qwen_is_read_as_by_llama_cpp() {
    for name in ["qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"] {
        // The family shares one vocabulary, and so the fixture.
        if let Some(model) = models::larger_model(name) {
            assert_parity(&model, &fixture("qwen2.5-coder-0.5b.json"));
        }
    }
}

#[test]
fn gemma_is_read_as_by_llama_cpp() {
    if let Some(model) = models::larger_model("gemma3-270m") {
        assert_parity(&model, &fixture("gemma3-270m.json"));
    }
}

#[test]
fn a_small_sentencepiece_vocabulary_is_read_as_by_llama_cpp() {
    let small: Small = fixture("small-sentencepiece.json");
    let mut vocabulary = Vocabulary {
        model: TokenizerModel::SentencePiece,
        scores: small.vocabulary.iter().map(|(_, score, _)| *score).collect(),
        kinds: small.vocabulary.iter().map(|(_, _, kind)| TokenKind::from_number(*kind)).collect(),
        tokens: small.vocabulary.iter().map(|(token, _, _)| token).collect(),
        ..Vocabulary::default()
    };
    for (space_first, cases) in [(true, small.spaced), (false, small.bare)] {
        vocabulary.space_first = Some(space_first);
        assert_cases(&Tokenizer::new(&vocabulary).expect("it is sound"), &cases);
    }
}

#[test]
fn long_texts_of_one_kind_come_back_from_gemmas_vocabulary() {
    if let Some(model) = models::larger_model("gemma3-270m") {
        assert_long_texts_come_back(&tokenizer(&model));
    }
}

#[test]
fn gemmas_ends_of_turn_are_known() {
    let Some(model) = models::larger_model("gemma3-270m") else { return };
    let tokenizer = tokenizer(&model);
    assert_eq!(tokenizer.ends(), [1, 106]);
    assert_eq!(["<eos>", "<end_of_turn>"].map(|name| tokenizer.id_of(name)), [Some(1), Some(106)]);
    assert_eq!((tokenizer.bos(), tokenizer.add_bos()), (Some(2), true));
    assert_eq!(tokenizer.vocab_size(), 262_144);
}

#[test]
fn user_defined_tokens_are_characters_in_text_of_anybodys() {
    let Some(model) = models::larger_model("qwen2.5-coder-0.5b") else { return };
    let tokenizer = tokenizer(&model);
    let token = tokenizer.id_of("<tool_call>").expect("Qwen has this token");
    let typed = tokenizer.encode("<tool_call>", Special::Plain).expect("any text can be encoded");
    assert!(typed.len() > 1 && !typed.contains(&token), "{typed:?}");
    let ours = tokenizer.encode("<tool_call>", Special::Parse).expect("any text can be encoded");
    assert_eq!(ours, [token]);
    assert_eq!(tokenizer.decode(&ours), "<tool_call>");
}

#[test]
fn the_ends_of_turn_are_known() {
    let tokenizer = tokenizer(&models::small_model());
    let ends = ["<|endoftext|>", "<|im_end|>"].map(|name| tokenizer.id_of(name));
    assert_eq!(ends, [Some(0), Some(2)]);
    assert_eq!(tokenizer.ends(), [0, 2]);
    assert!(tokenizer.is_end(2) && !tokenizer.is_end(1));
    assert_eq!((tokenizer.bos(), tokenizer.add_bos()), (Some(1), false));
    assert_eq!(tokenizer.vocab_size(), 49_152);
    assert_eq!(tokenizer.decode(&[2, 1_000_000]), "");
}

/// As many characters of each kind as make what is quadratic felt.
fn assert_long_texts_come_back(tokenizer: &Tokenizer) {
    let kinds = [
        "a",
        " ",
        "\n",
        "\r\n",
        "\t",
        "😀",
        "\u{301}",
        "\u{1b}",
        "9",
        "'s",
        " '",
        "<|im_end|>",
        "é",
        "語",
        "\u{fffd}",
        "a1 ",
    ];
    for kind in kinds {
        let text = kind.repeat(100_000 / kind.chars().count());
        for special in [Special::Plain, Special::Parse] {
            let ids = tokenizer.encode(&text, special).expect("any text can be encoded");
            let is_token = special == Special::Parse
                && tokenizer.id_of(kind).is_some_and(|id| tokenizer.is_end(id));
            let back = if is_token { "" } else { &text };
            assert!(tokenizer.decode(&ids) == back, "{kind:?} {special:?}");
        }
    }
}

/// A hundred thousand characters of each, and every character there is: the bytes come back, so
/// nothing was lost, and the test ends, so nothing was quadratic.
#[test]
fn long_texts_of_one_kind_are_encoded_and_come_back() {
    let tokenizer = tokenizer(&models::small_model());
    let lost = |c: &char| {
        let ids =
            tokenizer.encode(&c.to_string(), Special::Plain).expect("any text can be encoded");
        tokenizer.decode(&ids) != c.to_string()
    };
    // The small vocabulary has no tokens for some control characters and for empty planes.
    let lacking: Vec<char> = ('\0'..=' ').filter(lost).collect();
    assert_eq!(lacking, ['\u{4}', '\u{6}', '\u{13}', '\u{14}', '\u{16}', '\u{1d}']);
    assert_long_texts_come_back(&tokenizer);
    let all: String = ('\0'..'\u{40000}').filter(|c| !lacking.contains(c)).collect();
    let ids = tokenizer.encode(&all, Special::Plain).expect("any text can be encoded");
    assert!(tokenizer.decode(&ids) == all);
}

#[test]
fn streamed_tokens_are_the_decoded_text() {
    let tokenizer = tokenizer(&models::small_model());
    let fixture: Fixture = fixture("smollm2-135m.json");
    for case in fixture.cases {
        let mut stream = TextStream::new([""; 0]);
        let mut text: String =
            case.ids.iter().filter_map(|&id| stream.push(tokenizer.token_bytes(id))).collect();
        text.extend(stream.finish());
        assert_eq!(text, tokenizer.decode(&case.ids), "{:?}", case.text);
    }
}
