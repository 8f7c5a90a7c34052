use std::sync::LazyLock;

use proptest::prelude::*;

use super::super::{Special, TokenKind, Tokenizer, TokenizerModel, Vocabulary};

/// Tokens without a type are normal, and 0 to 255 are bytes.
fn vocabulary(tokens: &[(&str, f32, TokenKind)]) -> Vocabulary {
    let bytes = (0..=u8::MAX).map(|byte| (format!("<0x{byte:02X}>"), 0.0, TokenKind::Byte));
    let named = tokens.iter().map(|(token, score, kind)| ((*token).to_owned(), *score, *kind));
    let mut vocabulary = Vocabulary {
        model: TokenizerModel::SentencePiece,
        space_first: Some(false),
        ..Vocabulary::default()
    };
    for (token, score, kind) in bytes.chain(named) {
        vocabulary.tokens.push(&token);
        vocabulary.scores.push(score);
        vocabulary.kinds.push(kind);
    }
    vocabulary
}

fn tokenizer(vocabulary: &Vocabulary) -> Tokenizer {
    Tokenizer::new(vocabulary).expect("the vocabulary is sound")
}

/// The tokens of a text as the vocabulary writes them.
fn tokens(vocabulary: &Vocabulary, text: &str, special: Special) -> Vec<String> {
    let ids = tokenizer(vocabulary).encode(text, special).expect("any text can be encoded");
    ids.iter().map(|id| vocabulary.tokens.get(*id as usize).unwrap().to_owned()).collect()
}

const NORMAL: TokenKind = TokenKind::Normal;

#[test]
fn the_better_score_is_joined_first_and_of_two_the_one_further_to_the_left() {
    let letters = [("a", -9.0, NORMAL), ("b", -9.0, NORMAL), ("c", -9.0, NORMAL)];
    let with = |pairs: &[(&str, f32)]| {
        let pairs: Vec<_> = pairs.iter().map(|(token, score)| (*token, *score, NORMAL)).collect();
        tokens(&vocabulary(&[&letters[..], &pairs[..]].concat()), "abc", Special::Plain)
    };
    assert_eq!(with(&[("ab", -2.0), ("bc", -1.0)]), ["a", "bc"]);
    assert_eq!(with(&[("ab", -1.0), ("bc", -1.0)]), ["ab", "c"]);
    assert_eq!(with(&[("ab", -0.0), ("bc", 0.0)]), ["ab", "c"]);
    assert_eq!(with(&[("ab", -2.0), ("bc", -1.0), ("abc", -8.0)]), ["abc"]);
    // What no pair of neighbours leads to is not found, though it is a token.
    assert_eq!(with(&[("abc", -1.0)]), ["a", "b", "c"]);
}

#[test]
fn what_is_no_token_is_written_in_bytes_and_a_byte_without_one_is_left_out() {
    let mut vocabulary = vocabulary(&[("a", -1.0, NORMAL)]);
    assert_eq!(tokens(&vocabulary, "aé", Special::Plain), ["a", "<0xC3>", "<0xA9>"]);
    vocabulary.kinds[0xa9] = TokenKind::Unused;
    assert_eq!(tokens(&vocabulary, "aé", Special::Plain), ["a", "<0xC3>"]);
}

/// Found by fuzzing: such a token came about from two spaces that somebody typed.
#[test]
fn a_control_token_of_nothing_but_blanks_never_comes_from_text() {
    let blank = |kind| vocabulary(&[("\u{2581}", -1.0, NORMAL), ("\n\n", -1.0, kind)]);
    let (steers, plain) = (blank(TokenKind::Control), blank(TokenKind::UserDefined));
    assert_eq!(tokens(&steers, "\n\n", Special::Plain), ["<0x0A>", "<0x0A>"]);
    assert_eq!(tokens(&steers, "\n\n", Special::Parse), ["\n\n"]);
    assert_eq!(tokens(&plain, "\n\n", Special::Plain), ["\n\n"]);
    let ends = Vocabulary { eos: Some(257), ..plain };
    assert_eq!(tokens(&ends, "\n\n", Special::Plain), ["<0x0A>", "<0x0A>"]);
}

/// Joined by their scores, the pieces would become each of the last three.
fn marked() -> Vocabulary {
    let pieces = ["<", ">", "x", "<x", "<y", "<end_of_turn", "y", "end_of_turn"];
    let pieces = pieces.map(|piece| (piece, -1.0, NORMAL));
    let letters: Vec<String> = ('a'..='z').map(String::from).chain(["_".to_owned()]).collect();
    let letters = letters.iter().filter(|letter| !["x", "y"].contains(&letter.as_str()));
    let letters: Vec<_> = letters.map(|letter| (letter.as_str(), -5.0, NORMAL)).collect();
    let marks = [
        ("<x>", -1.0, TokenKind::Control),
        ("<y>", -1.0, TokenKind::UserDefined),
        ("<end_of_turn>", -1.0, NORMAL),
        ("\n", -1.0, TokenKind::UserDefined),
        ("\n\n", -1.0, TokenKind::UserDefined),
    ];
    vocabulary(&[&pieces[..], &letters[..], &marks[..]].concat())
}

#[test]
fn text_of_anybodys_becomes_no_token_that_steers_the_model() {
    let vocabulary = marked();
    for mark in ["<x>", "<y>", "<end_of_turn>"] {
        let plain = tokens(&vocabulary, mark, Special::Plain);
        assert!(plain.len() > 1 && plain.concat() == mark, "{plain:?}");
        assert_eq!(tokens(&vocabulary, mark, Special::Parse), [mark]);
    }
}

#[test]
fn runs_of_white_space_are_taken_whole_in_any_text() {
    let vocabulary = marked();
    for special in [Special::Plain, Special::Parse] {
        assert_eq!(tokens(&vocabulary, "x\n\n\ny", special), ["x", "\n\n", "\n", "y"]);
    }
}

#[test]
fn a_space_is_put_where_a_text_begins_and_behind_control_tokens() {
    let mut vocabulary = vocabulary(&[
        ("a", -1.0, NORMAL),
        ("▁", -2.0, NORMAL),
        ("▁a", -3.0, NORMAL),
        ("<s>", 0.0, TokenKind::Control),
    ]);
    let shown = |vocabulary: &Vocabulary, texts: &[&str]| {
        let mut ids = Vec::new();
        for text in texts {
            tokenizer(vocabulary).append(text, Special::Parse, &mut ids).unwrap();
        }
        ids.iter().filter_map(|id| vocabulary.tokens.get(*id as usize)).collect::<String>()
    };
    assert_eq!(shown(&vocabulary, &["a<s>a", "a"]), "a<s>aa");
    for says in [Some(true), None] {
        vocabulary.space_first = says;
        assert_eq!(shown(&vocabulary, &["", "a<s>a", "a<s>", "a", ""]), "▁a<s>▁aa<s>▁a");
        assert_eq!(tokens(&vocabulary, "a<s>a", Special::Parse), ["a", "<s>", "▁a"]);
    }
}

#[test]
fn the_sign_for_a_space_is_a_space() {
    let tokenizer = tokenizer(&vocabulary(&[("▁", -1.0, NORMAL), ("a", -1.0, NORMAL)]));
    let ids = tokenizer.encode("a a▁", Special::Plain).unwrap();
    assert_eq!((ids.len(), tokenizer.decode(&ids).as_str()), (4, "a a "));
    assert_eq!(tokenizer.id_of("▁"), Some(256));
    assert_eq!(tokenizer.id_of("<0x0A>"), Some(10));
    assert_eq!(tokenizer.id_of("b"), None);
}

#[test]
fn damaged_vocabularies_are_told() {
    let fault = |change: &dyn Fn(&mut Vocabulary)| {
        let mut vocabulary = vocabulary(&[("a", -1.0, NORMAL)]);
        change(&mut vocabulary);
        Tokenizer::new(&vocabulary).expect_err("the vocabulary is damaged").to_string()
    };
    let faults = [
        fault(&|v| v.scores.truncate(3)),
        fault(&|v| v.scores[256] = f32::NAN),
        fault(&|v| v.kinds.clear()),
        fault(&|v| v.kinds[256] = TokenKind::Byte),
    ];
    insta::assert_snapshot!(faults.join("\n"), @r#"
    the model file's vocabulary is damaged: 257 tokens have 257 types and 3 scores; fetch it again with `viva models pull`
    the model file's vocabulary is damaged: token 256 has no finite score; fetch it again with `viva models pull`
    the model file's vocabulary is damaged: 257 tokens have 0 types and 257 scores; fetch it again with `viva models pull`
    the model file's vocabulary is damaged: byte token 256 is "a", not like "<0x0A>"; fetch it again with `viva models pull`
    "#);
}

/// Every two neighbours can be joined, and every join makes another possible.
#[test]
fn long_texts_end() {
    let powers: Vec<String> = (0..17).map(|power| "a".repeat(1 << power)).collect();
    let powers: Vec<_> = powers.iter().map(|token| (token.as_str(), -1.0, NORMAL)).collect();
    let vocabulary = vocabulary(&powers);
    let ids = tokenizer(&vocabulary).encode(&"a".repeat((1 << 17) + 1), Special::Plain).unwrap();
    assert_eq!(ids, [256 + 16, 256 + 16, 256]);
}

proptest! {
    #[test]
    fn the_bytes_of_the_tokens_are_the_bytes_of_the_text(text in any::<String>()) {
        static TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(|| tokenizer(&marked()));
        let ids = TOKENIZER.encode(&text, Special::Plain).expect("any text can be encoded");
        prop_assert_eq!(TOKENIZER.decode(&ids), super::spaced(&text));
    }
}
