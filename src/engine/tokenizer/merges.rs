//! The merges of a vocabulary, by the pair of tokens that they put together.

use super::ids::Ids;
use super::index::Index;
use super::{TokenizerError, error};
use crate::engine::gguf::Texts;

/// Two neighbours and the token that they become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Merge {
    pub(super) left: u32,
    pub(super) right: u32,
    pub(super) into: u32,
}

/// Merges by their rank: the lower comes first.
#[derive(Debug)]
pub(super) struct Merges {
    ranked: Vec<Merge>,
    ranks: Index,
}

impl Merges {
    /// The merges of a file, all of whose tokens have to exist. Where a pair is given twice, its
    /// first rank holds.
    pub(super) fn new(merges: &Texts, ids: &Ids) -> Result<Self, TokenizerError> {
        let ranked = Vec::with_capacity(merges.len());
        let mut read = Self { ranked, ranks: Index::with_room(merges.len()) };
        let mut likely = 0;
        for (n, text) in merges.iter().enumerate() {
            let Some(merge) = resolve(text, ids, likely) else {
                let what =
                    format!("merge {n}, {}, is not of two of its tokens", error::shown(text));
                return Err(TokenizerError::Damaged(what));
            };
            likely = merge.into.saturating_add(1);
            read.add(merge);
        }
        Ok(read)
    }

    fn add(&mut self, merge: Merge) {
        let rank = self.ranked.len() as u32;
        self.ranked.push(merge);
        if self.ranks.insert(rank, |rank| pair(&self.ranked, rank)).is_some() {
            self.ranked.pop();
        }
    }

    /// The rank of the merge of `left` and `right`, if there is one.
    pub(super) fn rank(&self, left: u32, right: u32) -> Option<u32> {
        self.ranks.find((left, right), |rank| pair(&self.ranked, rank))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Merge> {
        self.ranked.iter()
    }

    pub(super) fn get(&self, rank: u32) -> Merge {
        self.ranked[rank as usize]
    }
}

fn pair(ranked: &[Merge], rank: u32) -> (u32, u32) {
    let merge = ranked[rank as usize];
    (merge.left, merge.right)
}

fn resolve(text: &str, ids: &Ids, likely: u32) -> Option<Merge> {
    let (left, right) = text.split_once(' ')?;
    let into = ids.joined(left, right, likely)?;
    Some(Merge { left: ids.get(left)?, right: ids.get(right)?, into })
}
