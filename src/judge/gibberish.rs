//! Telling mashed keys from words, without a dictionary.

use crate::text::words;

/// Runs along a keyboard's rows that no English word has.
const ROWS: [&str; 18] = [
    "asdf", "sdfg", "dfgh", "fghj", "ghjk", "hjkl", "jkl;", "fdsa", "gfds", "lkjh", "qwer", "uiop",
    "poiu", "zxcv", "xcvb", "cvbn", "vbnm", "mnbv",
];
/// Pairs of letters that hardly any word of a language in Latin script has.
const PAIRS: [&str; 44] = [
    "bx", "cj", "fq", "fx", "gq", "hx", "jc", "jf", "jg", "jh", "jq", "jx", "jz", "kq", "kx", "lq",
    "lx", "mx", "mz", "nx", "pq", "px", "qb", "qc", "qd", "qf", "qg", "qj", "qk", "qw", "qx", "qz",
    "vj", "vq", "vx", "vz", "wq", "wx", "xj", "xk", "xq", "xz", "zj", "zx",
];

/// Whether a text is no language: mashed keys, or one word or letter over and over.
///
/// Only what is plain to see counts. A text in which half the words could be words passes, and so
/// do acronyms, code, figures and every script but the Latin.
pub(super) fn is_gibberish(text: &str) -> bool {
    let spoken: Vec<String> = words(text).map(|span| span.of(text).to_lowercase()).collect();
    if is_one_over_and_over(&spoken) {
        return true;
    }
    let mashed = spoken.iter().filter(|word| is_mashed(word)).count();
    mashed > 0 && mashed * 2 >= spoken.len()
}

/// The same word, three times or more.
fn is_one_over_and_over(spoken: &[String]) -> bool {
    spoken.len() >= 3 && spoken.iter().all(|word| *word == spoken[0])
}

fn is_mashed(word: &str) -> bool {
    if word.len() < 4 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return false;
    }
    let has = |list: &[&str]| list.iter().filter(|part| word.contains(**part)).count();
    let one_letter = word.bytes().all(|b| Some(b) == word.bytes().next());
    one_letter || has(&ROWS) > 0 || has(&PAIRS) > 1 || longest_without_vowel(word) > 6
}

fn longest_without_vowel(word: &str) -> usize {
    word.split(['a', 'e', 'i', 'o', 'u', 'y']).map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::is_mashed;

    #[test]
    fn words_of_the_trade_are_words() {
        for word in [
            "https",
            "kubectl",
            "pgsql",
            "catchphrase",
            "lengths",
            "property",
            "nginx",
            "jsonrpc",
            "fsync",
            "postgresql",
            "xz",
            "rhythm",
            "mysqldump",
            "sqlx",
            "zmq",
            "gcc",
            "ffmpeg",
            "strncpy",
            "matchfixing",
            "knightsbridge",
            "p99",
            "www",
            "mtls",
        ] {
            assert!(!is_mashed(word), "{word}");
        }
    }

    #[test]
    fn mashed_keys_are_not() {
        for word in ["asdfgh", "sdkjfhskdjfh", "qwerqwer", "xkqjz", "llllll", "hjklhjkl"] {
            assert!(is_mashed(word), "{word}");
        }
    }
}
