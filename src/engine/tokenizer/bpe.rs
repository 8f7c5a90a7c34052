//! Byte-pair encoding: of all neighbours that may merge, those of the lowest rank do, the
//! leftmost first, until none may.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::bytes::Alphabet;
use super::ids::Ids;
use super::merges::{Merge, Merges};

/// No position, and no token.
const NO_PLACE: usize = usize::MAX;
const NO_TOKEN: u32 = u32::MAX;

/// Merges, and the tokens that they begin with.
#[derive(Debug)]
pub(super) struct Bpe {
    /// The token of each byte, or [`NO_TOKEN`].
    letters: [u32; 256],
    merges: Merges,
}

/// What texts are merged in, one after the other.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    symbols: Vec<Symbol>,
    /// Ranks, and where their left halves are or were when they were found.
    queue: BinaryHeap<Reverse<(u32, usize)>>,
}

/// A token in a list that shrinks as neighbours merge.
#[derive(Debug, Clone, Copy)]
struct Symbol {
    token: u32,
    before: usize,
    after: usize,
}

impl Bpe {
    pub(super) fn new(alphabet: &Alphabet, ids: &Ids, merges: Merges) -> Self {
        let mut letters = [NO_TOKEN; 256];
        for (letter, c) in letters.iter_mut().zip(alphabet.letters()) {
            *letter = ids.get(c.encode_utf8(&mut [0; 4])).unwrap_or(NO_TOKEN);
        }
        Self { letters, merges }
    }

    /// Adds the tokens of `bytes` to `ids`, in time that grows hardly faster than their number.
    /// A byte that has no token is left out, and nothing merges across it.
    pub(super) fn encode(&self, bytes: &[u8], work: &mut Workspace, ids: &mut Vec<u32>) {
        let letters = |byte: &u8| self.letters[usize::from(*byte)];
        for run in bytes.split(|byte| letters(byte) == NO_TOKEN) {
            work.fill(run.iter().map(letters));
            self.merge(work);
            ids.extend(work.tokens());
        }
    }

    /// Every token that a text may come out as.
    pub(super) fn reach(&self) -> impl Iterator<Item = u32> {
        let letters = self.letters.iter().copied().filter(|&letter| letter != NO_TOKEN);
        letters.chain(self.merges.iter().map(|merge| merge.into))
    }

    fn merge(&self, work: &mut Workspace) {
        for at in 0..work.symbols.len() {
            work.propose(at, &self.merges);
        }
        while let Some(Reverse((rank, at))) = work.queue.pop() {
            if let Some(before) = work.join(at, self.merges.get(rank)) {
                work.propose(before, &self.merges);
                work.propose(at, &self.merges);
            }
        }
    }
}

impl Workspace {
    fn fill(&mut self, tokens: impl ExactSizeIterator<Item = u32>) {
        let last = tokens.len().wrapping_sub(1);
        let symbol = |(at, token): (usize, u32)| Symbol {
            token,
            before: at.wrapping_sub(1),
            after: if at == last { NO_PLACE } else { at + 1 },
        };
        self.symbols.clear();
        self.symbols.extend(tokens.enumerate().map(symbol));
    }

    /// Queues the merge of the symbol at `left` with the one after it, if there is such a merge.
    fn propose(&mut self, left: usize, merges: &Merges) {
        let Some(symbol) = self.symbols.get(left) else { return };
        let Some(next) = self.symbols.get(symbol.after) else { return };
        if let Some(rank) = merges.rank(symbol.token, next.token) {
            self.queue.push(Reverse((rank, left)));
        }
    }

    /// Merges the symbol at `left` with the one after it, unless one of them has become another
    /// since. Says where the one before is.
    fn join(&mut self, left: usize, merge: Merge) -> Option<usize> {
        let symbol = self.symbols[left];
        let next = *self.symbols.get(symbol.after)?;
        if (symbol.token, next.token) != (merge.left, merge.right) {
            return None;
        }
        // What is still queued for it fits no merge.
        self.symbols[symbol.after].token = NO_TOKEN;
        self.symbols[left] = Symbol { token: merge.into, after: next.after, ..symbol };
        if let Some(after) = self.symbols.get_mut(next.after) {
            after.before = left;
        }
        Some(symbol.before)
    }

    fn tokens(&self) -> impl Iterator<Item = u32> {
        let first = self.symbols.first();
        std::iter::successors(first, |symbol| self.symbols.get(symbol.after)).map(|s| s.token)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use tokenizers::Model as _;
    use tokenizers::models::bpe::{BPE, Vocab};

    use super::{Alphabet, Bpe, Ids, Merges, Workspace};
    use crate::engine::gguf::Texts;

    /// The letters of three bytes, and what pairs of tokens become. A pair is given as two numbers
    /// that are wrapped to those of tokens that there are; one whose result is there is left out.
    fn vocabulary(pairs: &[(usize, usize)]) -> (Texts, Vec<(String, String)>) {
        let mut tokens: Vec<String> = ["a", "b", "c"].map(String::from).to_vec();
        let mut merges = Vec::new();
        for (left, right) in pairs {
            let [left, right] = [left, right].map(|n| tokens[n % tokens.len()].clone());
            let both = [left.as_str(), &right].concat();
            if both.len() < 40 && !tokens.contains(&both) {
                tokens.push(both);
                merges.push((left, right));
            }
        }
        (tokens.iter().collect(), merges)
    }

    fn ours(tokens: &Texts, merges: &Texts) -> Bpe {
        let ids = Ids::new(tokens).expect("the tokens differ");
        let merges = Merges::new(merges, &ids).expect("the merges are of tokens");
        Bpe::new(&Alphabet::new(), &ids, merges)
    }

    fn encoded(bpe: &Bpe, text: &str) -> Vec<u32> {
        let mut ids = Vec::new();
        bpe.encode(text.as_bytes(), &mut Workspace::default(), &mut ids);
        ids
    }

    fn theirs(tokens: &Texts, merges: Vec<(String, String)>) -> BPE {
        let vocab: Vocab = tokens.iter().map(str::to_owned).zip(0..).collect();
        BPE::builder().vocab_and_merges(vocab, merges).build().expect("the merges are of tokens")
    }

    proptest! {
        #[test]
        fn ids_are_those_of_the_reference(
            pairs in vec((0_usize..99, 0_usize..99), 0..30),
            shuffle in any::<prop::sample::Index>(),
            text in "[abc]{0,80}",
        ) {
            let (tokens, mut merges) = vocabulary(&pairs);
            // In another order than that in which the tokens came to be.
            let turn = shuffle.index(merges.len().max(1));
            merges.rotate_left(turn);
            let joined = merges.iter().map(|(left, right)| format!("{left} {right}")).collect();
            let bpe = ours(&tokens, &joined);
            let reference = theirs(&tokens, merges).tokenize(&text).expect("any text is tokenized");
            let reference: Vec<u32> = reference.iter().map(|token| token.id).collect();
            prop_assert_eq!(encoded(&bpe, &text), reference);
        }
    }

    fn of(tokens: &[&str], merges: &[&str]) -> Bpe {
        ours(&tokens.iter().collect(), &merges.iter().collect())
    }

    #[test]
    fn the_lowest_rank_merges_first_and_the_leftmost_of_equals() {
        let bpe = of(&["a", "b", "ab", "ba", "aa"], &["b a", "a b", "a a"]);
        assert_eq!(encoded(&bpe, "aba"), [0, 3]);
        assert_eq!(encoded(&bpe, "aaa"), [4, 0]);
    }

    #[test]
    fn a_merge_given_twice_has_its_first_rank() {
        let bpe = of(&["a", "b", "ab", "ba"], &["a b", "b a", "a b"]);
        assert_eq!(encoded(&bpe, "aba"), [2, 0]);
    }

    #[test]
    fn one_workspace_serves_texts_one_after_the_other() {
        let bpe = of(&["a", "b", "ab"], &["a b"]);
        let (mut work, mut ids) = (Workspace::default(), Vec::new());
        for text in ["abab", "", "b", "xaxbx"] {
            bpe.encode(text.as_bytes(), &mut work, &mut ids);
        }
        assert_eq!(ids, [2, 2, 1, 0, 1]);
    }
}
