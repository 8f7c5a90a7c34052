//! Control and user-defined tokens in the text of a prompt.

use std::cmp::Reverse;
use std::collections::HashMap;

use regex::Regex;

use super::sentencepiece::is_blank;
use super::{Special, TokenKind, TokenizerError, Vocabulary};

/// Bytes of all these tokens together. Models have a few hundred, some kilobytes.
const MAX_TEXT: usize = 1 << 18;

/// Finds the tokens that are taken whole, before any splitting.
#[derive(Debug)]
pub(super) struct Specials {
    /// One alternative a token, the longest first, so that the longest at a place is found.
    pattern: Option<Regex>,
    /// The same for those that are taken whole in text of anybody's, too.
    blanks: Option<Regex>,
    ids: HashMap<String, u32>,
    /// The same ids, the lowest first.
    sorted: Vec<u32>,
}

impl Specials {
    /// The vocabulary's own, and `ends`: files give some of those the type of ordinary text.
    pub(super) fn new(vocabulary: &Vocabulary, ends: &[u32]) -> Result<Self, TokenizerError> {
        let marked = (0..).zip(&vocabulary.kinds).filter_map(|(id, kind)| special(*kind, id));
        let ids: HashMap<String, u32> = marked
            .chain(ends.iter().copied())
            .filter_map(|id| Some((vocabulary.tokens.get(id as usize)?.to_owned(), id)))
            .filter(|(token, _)| !token.is_empty())
            .collect();
        let mut sorted: Vec<u32> = ids.values().copied().collect();
        sorted.sort_unstable();
        Ok(Self { pattern: pattern(ids.keys())?, blanks: None, ids, sorted })
    }

    pub(super) fn id(&self, token: &str) -> Option<u32> {
        self.ids.get(token).copied()
    }

    /// The same, where user-defined tokens of nothing but white space are taken whole in any text:
    /// runs of newlines and spaces in sentencepiece vocabularies, which their scores do not join.
    /// What steers a model is never one of them, however blank it is.
    pub(super) fn with_blanks(
        self,
        vocabulary: &Vocabulary,
        ends: &[u32],
    ) -> Result<Self, TokenizerError> {
        let plain =
            |id: u32| vocabulary.kind(id as usize) == TokenKind::UserDefined && !ends.contains(&id);
        let blank = self.ids.iter().filter(|(token, id)| is_blank(token) && plain(**id));
        let blanks = pattern(blank.map(|(token, _)| token))?;
        Ok(Self { blanks, ..self })
    }

    /// Whether token `id` is one of them.
    pub(super) fn holds(&self, id: u32) -> bool {
        self.sorted.binary_search(&id).is_ok()
    }

    /// The first of them in `text`: what comes before, its id, what comes after.
    pub(super) fn first<'t>(
        &self,
        text: &'t str,
        special: Special,
    ) -> Option<(&'t str, u32, &'t str)> {
        let pattern = match special {
            Special::Parse => &self.pattern,
            Special::Plain => &self.blanks,
        };
        let found = pattern.as_ref()?.find(text)?;
        let id = *self.ids.get(found.as_str())?;
        Some((&text[..found.start()], id, &text[found.end()..]))
    }
}

fn special(kind: TokenKind, id: u32) -> Option<u32> {
    match kind {
        TokenKind::Control | TokenKind::UserDefined | TokenKind::Unknown => Some(id),
        TokenKind::Normal | TokenKind::Unused | TokenKind::Byte => None,
    }
}

fn pattern<'a>(tokens: impl Iterator<Item = &'a String>) -> Result<Option<Regex>, TokenizerError> {
    let mut tokens: Vec<&String> = tokens.collect();
    let count = tokens.len();
    if tokens.is_empty() {
        return Ok(None);
    }
    let too_long = || {
        let what = format!("its {count} control tokens are too long to look for");
        TokenizerError::Damaged(what)
    };
    if tokens.iter().map(|token| token.len()).sum::<usize>() > MAX_TEXT {
        return Err(too_long());
    }
    tokens.sort_by_key(|token| (Reverse(token.len()), *token));
    let escaped: Vec<String> = tokens.iter().map(|token| regex::escape(token)).collect();
    Regex::new(&escaped.join("|")).map(Some).map_err(|_| too_long())
}
