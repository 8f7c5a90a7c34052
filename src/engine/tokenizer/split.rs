//! Pre-tokenisers: where byte-pair encoding may not merge across.
//!
//! The published patterns end in `\s+(?!\S)|\s+`: a run of white space leaves its last character
//! to the word that follows. No automaton does look-ahead, and engines that do can be made to
//! take quadratic time by a text; so the patterns here match `\s+`, and the last character is
//! given back afterwards. That keeps the time linear in the text, whatever it holds.

use regex::Regex;

/// Contractions, words with a space before, numbers, signs, white space: GPT-2's.
const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+";

/// Words with any one sign before them, numbers of `$digits` digits, newlines apart from spaces.
macro_rules! newer {
    ($digits:literal) => {
        concat!(
            r"'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]",
            r"|[^\r\n\p{L}\p{N}]?\p{L}+|",
            $digits,
            r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+"
        )
    };
}

/// Words that begin with capitals and go on in small letters, with their contractions and any one
/// sign before them; numbers of up to three digits. The published pattern tells cases of all
/// scripts and marks apart; llama.cpp, whose ids these are held to, tells those of A to Z.
const GPT4O: &str = concat!(
    r"[^\r\n\p{L}\p{N}]?[\p{L}--a-z]*[\p{L}--A-Z]+",
    r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?",
    r"|[^\r\n\p{L}\p{N}]?[\p{L}--a-z]+[\p{L}--A-Z]*",
    r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?",
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+"
);

/// The pre-tokenisers that are known, by the names GGUF files give them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pre {
    /// `qwen2`: every digit by itself.
    Qwen2,
    /// `llama-bpe`, `llama3`: digits by threes.
    Llama3,
    /// `smollm`: every digit by itself, then GPT-2's.
    Smollm,
    /// `default`: signs, then GPT-2's, then digits by threes.
    Default,
    /// `gpt-4o`: capitals and small letters apart, digits by threes. Phi-4 mini has it.
    Gpt4o,
}

impl Pre {
    /// Every name that is known, for messages.
    pub(super) const NAMES: &str = "qwen2, smollm, llama-bpe, llama3, llama-v3, gpt-4o, default";

    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "qwen2" => Some(Self::Qwen2),
            "llama-bpe" | "llama3" | "llama-v3" => Some(Self::Llama3),
            "smollm" => Some(Self::Smollm),
            "gpt-4o" => Some(Self::Gpt4o),
            "default" => Some(Self::Default),
            _ => None,
        }
    }

    /// Whether a piece that is a token as a whole is that token, whatever the merges say.
    pub(super) const fn whole_words(self) -> bool {
        matches!(self, Self::Llama3)
    }

    /// Whether prompts begin with the BOS token where the file does not say.
    pub(super) const fn adds_bos(self) -> bool {
        matches!(self, Self::Llama3)
    }

    fn stages(self) -> &'static [(&'static str, Blanks)] {
        match self {
            Self::Qwen2 => &[(newer!(r"\p{N}"), Blanks::ButNewlines)],
            Self::Llama3 => &[(newer!(r"\p{N}{1,3}"), Blanks::ButNewlines)],
            Self::Smollm => &[(r"\p{N}", Blanks::Keep), (GPT2, Blanks::All)],
            Self::Default => &[
                (r"[\p{P}$+<=>^~|]+", Blanks::Keep),
                (GPT2, Blanks::All),
                (r"\p{N}+", Blanks::Keep),
                (r"[0-9][0-9][0-9]", Blanks::Keep),
            ],
            Self::Gpt4o => &[(GPT4O, Blanks::ButNewlines)],
        }
    }
}

/// Which runs of white space give their last character to what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blanks {
    /// None: the pattern matches no white space.
    Keep,
    /// All.
    All,
    /// Those that do not end a line; a branch of its own matches the others.
    ButNewlines,
}

#[derive(Debug)]
struct Stage {
    pattern: Regex,
    blanks: Blanks,
}

/// Splits text; every byte of it is in exactly one piece.
#[derive(Debug)]
pub(super) struct Splitter {
    stages: Vec<Stage>,
}

impl Splitter {
    pub(super) fn new(pre: Pre) -> Self {
        let stage = |&(pattern, blanks): &(&str, Blanks)| Stage {
            pattern: Regex::new(pattern).expect("the patterns above are valid"),
            blanks,
        };
        Self { stages: pre.stages().iter().map(stage).collect() }
    }

    /// Calls `each` with the pieces of `text`, in order.
    pub(super) fn split<'t>(&self, text: &'t str, each: &mut impl FnMut(&'t str)) {
        split_by(&self.stages, text, each);
    }
}

/// Each stage sees the pieces of the one before, by themselves. As deep as there are stages.
fn split_by<'t>(stages: &[Stage], text: &'t str, each: &mut impl FnMut(&'t str)) {
    let Some((stage, rest)) = stages.split_first() else {
        return each(text);
    };
    let mut at = 0;
    while let Some((start, end)) = stage.next(text, at) {
        if start > at {
            split_by(rest, &text[at..start], each);
        }
        split_by(rest, &text[start..end], each);
        at = end;
    }
    if at < text.len() {
        split_by(rest, &text[at..], each);
    }
}

impl Stage {
    /// The bytes of the first match from `at` on. Never empty.
    fn next(&self, text: &str, at: usize) -> Option<(usize, usize)> {
        let found = self.pattern.find_at(text, at)?;
        let end = if found.end() < text.len() && self.gives_back(found.as_str()) {
            found.end() - last_len(found.as_str())
        } else {
            found.end()
        };
        Some((found.start(), end))
    }

    fn gives_back(&self, piece: &str) -> bool {
        let lines = match self.blanks {
            Blanks::Keep => return false,
            Blanks::All => true,
            Blanks::ButNewlines => !piece.ends_with(['\r', '\n']),
        };
        lines && last_len(piece) < piece.len() && piece.chars().all(char::is_whitespace)
    }
}

fn last_len(piece: &str) -> usize {
    piece.chars().next_back().map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::{Pre, Splitter};
    use proptest::prelude::*;

    const ALL: [Pre; 5] = [Pre::Qwen2, Pre::Llama3, Pre::Smollm, Pre::Default, Pre::Gpt4o];
    static SPLITTERS: LazyLock<[Splitter; 5]> = LazyLock::new(|| ALL.map(Splitter::new));

    fn split(pre: Pre, text: &str) -> Vec<&str> {
        let mut pieces = Vec::new();
        SPLITTERS[pre as usize].split(text, &mut |piece| pieces.push(piece));
        pieces
    }

    #[test]
    fn qwen_takes_digits_one_by_one_and_capital_contractions() {
        let pieces = split(Pre::Qwen2, "DON'T pay 12  €\n\n  now");
        assert_eq!(pieces, ["DON", "'T", " pay", " ", "1", "2", " ", " €\n\n", " ", " now"]);
    }

    #[test]
    fn llama_takes_digits_by_threes() {
        assert_eq!(split(Pre::Llama3, "1234567 x"), ["123", "456", "7", " x"]);
    }

    #[test]
    fn smollm_knows_no_capital_contractions_and_keeps_newlines_with_spaces() {
        let pieces = split(Pre::Smollm, "DON'T 'tis 12\n\n  x");
        assert_eq!(pieces, ["DON", "'", "T", " '", "tis", " ", "1", "2", "\n\n ", " x"]);
    }

    #[test]
    fn default_cuts_signs_out_first() {
        let pieces = split(Pre::Default, "a, it's 12345");
        assert_eq!(pieces, ["a", ",", " it", "'", "s", " ", "123", "45"]);
    }

    #[test]
    fn gpt_4o_begins_a_piece_at_a_capital_and_keeps_contractions() {
        let pieces = split(Pre::Gpt4o, "DON'T parseHTTPRequest it's 12345 a//\n b");
        assert_eq!(
            pieces,
            ["DON'T", " parse", "HTTPRequest", " it's", " ", "123", "45", " a", "//\n", " b"]
        );
    }

    proptest! {
        #[test]
        fn no_byte_is_lost(text in any::<String>()) {
            for pre in ALL {
                prop_assert_eq!(split(pre, &text).concat(), text.as_str());
            }
        }

        #[test]
        fn a_run_of_blanks_leaves_its_last_to_the_word(n in 2_usize..9, word in "[a-z]{1,5}") {
            let text = format!("{}{word}", " ".repeat(n));
            for pre in ALL {
                let pieces = split(pre, &text);
                prop_assert_eq!(&pieces, &[&text[..n - 1], &text[n - 1..]]);
            }
        }
    }
}
