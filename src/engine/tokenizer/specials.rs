//! Control and user-defined tokens in the text of a prompt.

use std::cmp::Reverse;
use std::collections::HashMap;

use regex::Regex;

use super::{TokenKind, TokenizerError, Vocabulary};

/// Bytes of all these tokens together. Models have a few hundred, some kilobytes.
const MAX_TEXT: usize = 1 << 18;

/// Finds the tokens that are taken whole, before any splitting.
#[derive(Debug)]
pub(super) struct Specials {
    /// One alternative a token, the longest first, so that the longest at a place is found.
    pattern: Option<Regex>,
    ids: HashMap<String, u32>,
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
        Ok(Self { pattern: pattern(&ids)?, ids })
    }

    pub(super) fn id(&self, token: &str) -> Option<u32> {
        self.ids.get(token).copied()
    }

    /// The first of them in `text`: what comes before, its id, what comes after.
    pub(super) fn first<'t>(&self, text: &'t str) -> Option<(&'t str, u32, &'t str)> {
        let found = self.pattern.as_ref()?.find(text)?;
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

fn pattern(ids: &HashMap<String, u32>) -> Result<Option<Regex>, TokenizerError> {
    let mut tokens: Vec<&String> = ids.keys().collect();
    if tokens.is_empty() {
        return Ok(None);
    }
    let too_long = || {
        let what = format!("its {} control tokens are too long to look for", ids.len());
        TokenizerError::Damaged(what)
    };
    if tokens.iter().map(|token| token.len()).sum::<usize>() > MAX_TEXT {
        return Err(too_long());
    }
    tokens.sort_by_key(|token| (Reverse(token.len()), *token));
    let escaped: Vec<String> = tokens.iter().map(|token| regex::escape(token)).collect();
    Regex::new(&escaped.join("|")).map(Some).map_err(|_| too_long())
}
