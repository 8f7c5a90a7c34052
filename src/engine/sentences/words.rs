//! Texts to tokens, as BERT takes them apart.
//!
//! Of `tokenizer.json` the vocabulary and the rules for words are read and nothing else: what it
//! says of special tokens would let a text that holds `[SEP]` end itself, and what it says of
//! length and padding is meant for other uses.

use serde::Deserialize;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::{
    Model as _, NormalizedString, Normalizer as _, OffsetReferential, OffsetType,
    PreTokenizedString, PreTokenizer as _,
};

use super::error::{EmbedError, SentencesFault};
use crate::engine::gguf::shown;

/// Looking up a word takes the square of its length.
const LONGEST_WORD: usize = 1_000;

/// A vocabulary of pieces of words, each with its number.
pub(super) struct Words {
    rules: File,
    /// What stands before and after a text.
    marks: [u32; 2],
    /// Tokens of a text, its marks among them.
    most: usize,
}

/// What is read of `tokenizer.json`.
#[derive(Deserialize)]
struct File {
    model: WordPiece,
    normalizer: BertNormalizer,
    pre_tokenizer: BertPreTokenizer,
}

impl Words {
    /// Reads `tokenizer.json` for weights of `vocabulary` tokens; texts are cut to `most` tokens,
    /// which are at least 2.
    pub(super) fn read(
        bytes: &[u8],
        vocabulary: usize,
        most: usize,
    ) -> Result<Self, SentencesFault> {
        let rules: File = serde_json::from_slice(bytes).map_err(SentencesFault::damaged)?;
        let words = &rules.model;
        if words.max_input_chars_per_word > LONGEST_WORD {
            let longest = words.max_input_chars_per_word;
            let what = format!("words of {longest} characters, and {LONGEST_WORD} make sense");
            return Err(SentencesFault::Damaged(what));
        }
        has_weights(words, vocabulary)?;
        number(words, &words.unk_token)?;
        let marks = [number(words, "[CLS]")?, number(words, "[SEP]")?];
        Ok(Self { rules, marks, most })
    }

    /// The tokens of a text between its marks, at most as many as the model reads.
    pub(super) fn tokens(&self, text: &str) -> Result<Vec<u32>, EmbedError> {
        let wrong = |error: tokenizers::Error| EmbedError::Tokens(error.to_string());
        let mut text = NormalizedString::from(text);
        self.rules.normalizer.normalize(&mut text).map_err(wrong)?;
        let mut words = PreTokenizedString::from(text);
        self.rules.pre_tokenizer.pre_tokenize(&mut words).map_err(wrong)?;
        let mut tokens = vec![self.marks[0]];
        for (word, _, _) in words.get_splits(OffsetReferential::Normalized, OffsetType::Byte) {
            if tokens.len() >= self.most {
                break;
            }
            tokens.extend(self.rules.model.tokenize(word).map_err(wrong)?.iter().map(|t| t.id));
        }
        tokens.truncate(self.most - 1);
        tokens.push(self.marks[1]);
        Ok(tokens)
    }
}

/// Refuses tokens whose numbers the weights do not reach.
fn has_weights(words: &WordPiece, vocabulary: usize) -> Result<(), SentencesFault> {
    match words.get_vocab().into_iter().max_by_key(|(_, number)| *number) {
        Some((token, number)) if number as usize >= vocabulary => {
            let token = shown(&token);
            let what =
                format!("token `{token}` has number {number}, and config.json has {vocabulary}");
            Err(SentencesFault::Damaged(what))
        }
        Some(_) | None => Ok(()),
    }
}

fn number(words: &WordPiece, token: &str) -> Result<u32, SentencesFault> {
    let missing = || SentencesFault::Damaged(format!("it has no token `{}`", shown(token)));
    words.token_to_id(token).ok_or_else(missing)
}
