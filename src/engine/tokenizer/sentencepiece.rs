//! Sentencepiece vocabularies (`llama` in GGUF files): the characters of a text are put together
//! to ever longer tokens, two neighbours at a time, the pair with the best score first. What is
//! no token in the end is written byte by byte.
//!
//! Such a vocabulary writes a space as `▁`. Here it is a space throughout, in the text and in the
//! tokens, so that the bytes of tokens are those of the text.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::index::Index;
use super::pieces::Pieces;
use super::{TokenKind, TokenizerError, Vocabulary, error};

/// How a vocabulary writes a space.
pub(super) const SPACE: char = '\u{2581}';

/// The pieces of a vocabulary with their scores.
#[derive(Debug)]
pub(super) struct SentencePiece {
    /// Tokens that text may become, by their bytes.
    tokens: Index,
    /// Of each token, the higher the sooner.
    scores: Vec<f32>,
    /// The tokens that stand for one byte.
    bytes: Box<[Option<u32>; 256]>,
    /// Bytes of the longest token.
    longest: usize,
    /// Whether a space is put before a text.
    space_first: bool,
}

/// What the tokens of a sentencepiece vocabulary stand for.
pub(super) fn pieces(vocabulary: &Vocabulary) -> Result<Pieces, TokenizerError> {
    Pieces::new(vocabulary, |kind, token, bytes| match kind {
        TokenKind::Normal | TokenKind::UserDefined => bytes.extend(spaced(token).bytes()),
        TokenKind::Byte => bytes.extend(byte_of(token)),
        TokenKind::Control | TokenKind::Unknown | TokenKind::Unused => {}
    })
}

impl SentencePiece {
    /// The model of a vocabulary whose tokens stand for `pieces`, those that end a turn aside.
    pub(super) fn new(
        vocabulary: &Vocabulary,
        ends: &[u32],
        pieces: &Pieces,
    ) -> Result<Self, TokenizerError> {
        check(vocabulary)?;
        let mut model = Self {
            tokens: Index::with_room(vocabulary.tokens.len()),
            scores: vocabulary.scores.clone(),
            bytes: Box::new([None; 256]),
            longest: 0,
            space_first: vocabulary.space_first.unwrap_or(true),
        };
        for (id, token) in (0..).zip(vocabulary.tokens.iter()) {
            // What steers a model must not come about from text.
            if ends.contains(&id) {
                continue;
            }
            match vocabulary.kind(id as usize) {
                TokenKind::Byte => model.add_byte(id, token)?,
                TokenKind::Normal => model.add(id, token, pieces)?,
                TokenKind::UserDefined if is_blank(token) => model.add(id, token, pieces)?,
                TokenKind::UserDefined
                | TokenKind::Control
                | TokenKind::Unknown
                | TokenKind::Unused => {}
            }
        }
        Ok(model)
    }

    fn add(&mut self, id: u32, token: &str, pieces: &Pieces) -> Result<(), TokenizerError> {
        // Written with a space itself, it is none that spaces could become a part of.
        if token.contains(' ') {
            return Ok(());
        }
        let piece = pieces.get(id);
        self.longest = self.longest.max(piece.len());
        match self.tokens.insert(id, |id| pieces.get(id)) {
            None => Ok(()),
            Some(first) => {
                let what = format!("tokens {first} and {id} are both {}", error::shown(token));
                Err(TokenizerError::Damaged(what))
            }
        }
    }

    fn add_byte(&mut self, id: u32, token: &str) -> Result<(), TokenizerError> {
        let byte = byte_of(token).ok_or_else(|| {
            let token = error::shown(token);
            TokenizerError::Damaged(format!("byte token {id} is {token}, not like \"<0x0A>\""))
        })?;
        self.bytes[usize::from(byte)].get_or_insert(id);
        Ok(())
    }

    fn find(&self, piece: &[u8], pieces: &Pieces) -> Option<u32> {
        if piece.len() > self.longest {
            return None;
        }
        self.tokens.find(piece, |id| pieces.get(id))
    }

    /// The id of the token that is written so.
    pub(super) fn id_of(&self, token: &str, pieces: &Pieces) -> Option<u32> {
        let byte = || byte_of(token).and_then(|byte| self.bytes[usize::from(byte)]);
        self.find(spaced(token).as_bytes(), pieces).or_else(byte)
    }

    /// Appends the ids of `text`, which may begin one. Bytes without a token are left out.
    pub(super) fn encode(&self, text: &str, begins: bool, pieces: &Pieces, ids: &mut Vec<u32>) {
        let space = if begins && self.space_first && !text.is_empty() { " " } else { "" };
        let text = format!("{space}{}", spaced(text));
        let mut joining = Joining::new(self, pieces, &text);
        joining.run();
        for part in joining.parts.iter().filter(|part| part.start < part.end) {
            match part.id {
                Some(id) => ids.push(id),
                None => ids.extend(self.spelled(&text.as_bytes()[part.start..part.end])),
            }
        }
    }

    fn spelled(&self, bytes: &[u8]) -> impl Iterator<Item = u32> {
        bytes.iter().filter_map(|&byte| self.bytes[usize::from(byte)])
    }
}

fn check(vocabulary: &Vocabulary) -> Result<(), TokenizerError> {
    let Vocabulary { tokens, kinds, scores, .. } = vocabulary;
    if kinds.len() != tokens.len() || scores.len() != tokens.len() {
        let (tokens, kinds, scores) = (tokens.len(), kinds.len(), scores.len());
        let what = format!("{tokens} tokens have {kinds} types and {scores} scores");
        return Err(TokenizerError::Damaged(what));
    }
    match scores.iter().position(|score| !score.is_finite()) {
        Some(id) => Err(TokenizerError::Damaged(format!("token {id} has no finite score"))),
        None => Ok(()),
    }
}

/// The text with spaces for the vocabulary's signs for them.
pub(super) fn spaced(text: &str) -> String {
    text.replace(SPACE, " ")
}

/// Whether a token is nothing but white space.
pub(super) fn is_blank(token: &str) -> bool {
    !token.is_empty() && token.chars().all(|c| c.is_whitespace() || c == SPACE)
}

/// The byte that a token such as `<0x0A>` stands for.
pub(super) fn byte_of(token: &str) -> Option<u8> {
    let digits = token.strip_prefix("<0x")?.strip_suffix('>')?;
    let plain = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    plain.then(|| u8::from_str_radix(digits, 16).ok())?
}

/// A stretch of the text on its way to becoming a token. One that was joined to the one before it
/// is empty.
#[derive(Debug, Clone, Copy)]
struct Part {
    start: usize,
    end: usize,
    id: Option<u32>,
    before: Option<usize>,
    after: Option<usize>,
}

/// Two neighbours that are a token together.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Join {
    score: f32,
    left: usize,
    right: usize,
    id: u32,
    bytes: usize,
}

/// The higher score first, then the one further to the left.
impl Ord for Join {
    fn cmp(&self, other: &Self) -> Ordering {
        let place = |join: &Self| Reverse((join.left, join.right, join.bytes));
        self.score.total_cmp(&other.score).then_with(|| place(self).cmp(&place(other)))
    }
}

impl PartialOrd for Join {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Join {}

struct Joining<'a> {
    model: &'a SentencePiece,
    pieces: &'a Pieces,
    text: &'a [u8],
    parts: Vec<Part>,
    joins: BinaryHeap<Join>,
}

impl<'a> Joining<'a> {
    /// Every character by itself.
    fn new(model: &'a SentencePiece, pieces: &'a Pieces, text: &'a str) -> Self {
        let last = text.chars().count().saturating_sub(1);
        let part = |(n, (start, c)): (usize, (usize, char))| {
            let end = start + c.len_utf8();
            let id = model.find(&text.as_bytes()[start..end], pieces);
            let after = (n < last).then_some(n + 1);
            Part { start, end, id, before: n.checked_sub(1), after }
        };
        let parts = text.char_indices().enumerate().map(part).collect();
        Self { model, pieces, text: text.as_bytes(), parts, joins: BinaryHeap::new() }
    }

    fn run(&mut self) {
        for left in 0..self.parts.len() {
            self.consider(Some(left));
        }
        while let Some(join) = self.joins.pop() {
            if self.still_there(&join) {
                self.join(&join);
            }
        }
    }

    /// Takes up the join of a part and the one after it, if it makes a token.
    fn consider(&mut self, left: Option<usize>) {
        let Some(left) = left else { return };
        let Some(right) = self.parts[left].after else { return };
        let piece = &self.text[self.parts[left].start..self.parts[right].end];
        if let Some(id) = self.model.find(piece, self.pieces) {
            // Added to nothing, so that both zeros are the same.
            let score = self.model.scores[id as usize] + 0.0;
            self.joins.push(Join { score, left, right, id, bytes: piece.len() });
        }
    }

    /// Whether neither part was joined to another since the join was taken up.
    fn still_there(&self, join: &Join) -> bool {
        let length = |n: usize| self.parts[n].end - self.parts[n].start;
        let (left, right) = (length(join.left), length(join.right));
        left > 0 && right > 0 && left + right == join.bytes
    }

    fn join(&mut self, join: &Join) {
        let right = self.parts[join.right];
        self.parts[join.right].end = right.start;
        let left = &mut self.parts[join.left];
        (left.end, left.id, left.after) = (right.end, Some(join.id), right.after);
        let before = left.before;
        if let Some(after) = right.after {
            self.parts[after].before = Some(join.left);
        }
        self.consider(before);
        self.consider(Some(join.left));
    }
}

#[cfg(test)]
mod tests;
