//! Any vocabulary: what it says of itself is believed or refused, and a text that it encodes
//! comes back.
//!
//! An input is fields with a byte between them that UTF-8 does not have: options, tokens, merges
//! or scores, kinds, chat template, text. Within tokens and merges a zero byte ends each.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vivavoce::engine::{ChatTemplate, Metadata, Special, TokenKind, Tokenizer, Value, Vocabulary};

const FIELD: u8 = 0xff;

const PRES: [&str; 8] =
    ["qwen2", "smollm", "llama-bpe", "default", "llama3", "llama-v3", "", "tekken"];

fuzz_target!(|input: &[u8]| {
    let input = Input::new(input);
    let Ok(vocabulary) = Vocabulary::from_metadata(&input.metadata()) else { return };
    // Only what it costs: what a template does is tested elsewhere.
    let _ = ChatTemplate::from_vocabulary(&vocabulary);
    let Ok(tokenizer) = Tokenizer::new(&vocabulary) else { return };
    let text = String::from_utf8_lossy(input.fields[5]);
    let control = |id: u32| vocabulary.kinds.get(id as usize) == Some(&TokenKind::Control);
    let ids = tokenizer.encode(&text, Special::Plain).expect("any text can be encoded");
    assert!(!ids.iter().any(|&id| control(id)), "{text:?} became a control token: {ids:?}");
    if input.complete() {
        // Sentencepiece writes a space as this sign, and cannot tell the two apart.
        assert_eq!(tokenizer.decode(&ids), text.replace(input.blank(), " "));
    }
    for id in tokenizer.encode(&text, Special::Parse).expect("any text can be encoded") {
        assert!((id as usize) < tokenizer.vocab_size());
    }
});

struct Input<'i> {
    fields: [&'i [u8]; 6],
}

impl<'i> Input<'i> {
    fn new(input: &'i [u8]) -> Self {
        let mut rest = input.splitn(6, |&byte| byte == FIELD);
        Self { fields: std::array::from_fn(|_| rest.next().unwrap_or_default()) }
    }

    /// Option number `n`: a byte, 0 where there is none.
    fn option(&self, n: usize) -> u8 {
        self.fields[0].get(n).copied().unwrap_or(0)
    }

    fn flag(&self, bit: u8) -> bool {
        self.option(0) & 1 << bit != 0
    }

    /// Whether all bytes are tokens of plain text, and all others are too.
    fn complete(&self) -> bool {
        let ends_nothing = (2..5).all(|n| self.option(n) == 0);
        self.flag(0) && ends_nothing && self.fields[3].is_empty()
    }

    fn sentencepiece(&self) -> bool {
        self.flag(3)
    }

    fn blank(&self) -> &'static str {
        if self.sentencepiece() { "\u{2581}" } else { " " }
    }

    fn metadata(&self) -> Metadata {
        let own = if self.sentencepiece() { self.pieces() } else { self.pairs() };
        let mut pairs: Vec<_> = own.into();
        for (n, key) in (2..).zip(["bos_token_id", "eos_token_id", "eot_token_id"]) {
            if self.option(n) != 0 {
                pairs.push((key, Value::Integer(i128::from(self.option(n)) + 128)));
            }
        }
        if self.flag(1) {
            pairs.push(("add_bos_token", Value::Bool(self.flag(2))));
        }
        let own = pairs.into_iter().map(|(key, value)| (format!("tokenizer.ggml.{key}"), value));
        let template = String::from_utf8_lossy(self.fields[4]).into_owned();
        let template = ("tokenizer.chat_template".to_owned(), Value::Text(template));
        own.chain((!self.fields[4].is_empty()).then_some(template)).collect()
    }

    /// A byte-level vocabulary.
    fn pairs(&self) -> [(&'static str, Value); 5] {
        let letters = self.flag(0).then(letters).into_iter().flatten();
        let kinds = self.fields[3].iter().map(|&kind| i64::from(kind));
        [
            ("model", Value::Text("gpt2".into())),
            ("pre", Value::Text(PRES[usize::from(self.option(1)) % PRES.len()].into())),
            ("tokens", Value::Texts(letters.chain(strings(self.fields[1])).collect())),
            ("merges", Value::Texts(strings(self.fields[2]).collect())),
            ("token_type", Value::Integers(kinds.collect())),
        ]
    }

    /// A sentencepiece vocabulary.
    fn pieces(&self) -> [(&'static str, Value); 5] {
        const NORMAL: u8 = 1;
        const BYTE: i64 = 6;
        let bytes = || self.flag(0).then_some(0..=255_u8).into_iter().flatten();
        let own: Vec<String> = strings(self.fields[1]).collect();
        let mut kinds: Vec<i64> = bytes().map(|_| BYTE).collect();
        let kind = |n| self.fields[3].get(n).copied().unwrap_or(NORMAL);
        kinds.extend((0..own.len()).map(|n| i64::from(kind(n))));
        let score = |n: usize| self.fields[2].get(n).map_or(0.0, |&score| f64::from(score));
        let scores = (0..kinds.len()).map(score).collect();
        let tokens = bytes().map(|byte| format!("<0x{byte:02X}>")).chain(own);
        [
            ("model", Value::Text("llama".into())),
            ("tokens", Value::Texts(tokens.collect())),
            ("scores", Value::Floats(scores)),
            ("token_type", Value::Integers(kinds)),
            ("add_space_prefix", Value::Bool(false)),
        ]
    }
}

fn strings(field: &[u8]) -> impl Iterator<Item = String> {
    let strings = field.split(|&byte| byte == 0).filter(|string| !string.is_empty());
    strings.map(|string| String::from_utf8_lossy(string).into_owned())
}

/// The alphabet of byte-level vocabularies.
fn letters() -> impl Iterator<Item = String> {
    let prints = |c: &char| matches!(c, '!'..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{ff}');
    let all = ('\0'..='\u{ff}').filter(prints).chain('\u{100}'..='\u{143}');
    all.map(String::from)
}
