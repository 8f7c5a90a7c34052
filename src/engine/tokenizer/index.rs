//! Numbers by a key that lies elsewhere, so that no key is stored twice.

use std::hash::{BuildHasher as _, Hash};

use hashbrown::hash_table::{Entry, HashTable};

/// Numbers, found by their keys; whoever asks says what the key of a number is. Hashes are seeded
/// anew each time, so that no file can choose its keys to collide.
#[derive(Debug)]
pub(super) struct Index {
    numbers: HashTable<u32>,
    hasher: hashbrown::DefaultHashBuilder,
}

impl Index {
    /// An index with room for `count` numbers.
    pub(super) fn with_room(count: usize) -> Self {
        let hasher = hashbrown::DefaultHashBuilder::default();
        Self { numbers: HashTable::with_capacity(count), hasher }
    }

    /// Takes up `number`, unless there is one with an equal key already: that is returned then.
    pub(super) fn insert<K: Hash + Eq>(
        &mut self,
        number: u32,
        key: impl Fn(u32) -> K,
    ) -> Option<u32> {
        let own = key(number);
        let hash = |key: &K| self.hasher.hash_one(key);
        let equal = |&other: &u32| key(other) == own;
        match self.numbers.entry(hash(&own), equal, |&other| hash(&key(other))) {
            Entry::Occupied(first) => Some(*first.get()),
            Entry::Vacant(place) => {
                place.insert(number);
                None
            }
        }
    }

    /// The number whose key is `wanted`.
    pub(super) fn find<K: Hash + Eq + Copy>(
        &self,
        wanted: K,
        key: impl Fn(u32) -> K,
    ) -> Option<u32> {
        let hash = self.hasher.hash_one(wanted);
        self.numbers.find(hash, |&number| key(number) == wanted).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::Index;

    #[test]
    fn a_number_is_found_by_its_key_and_a_key_is_given_once() {
        let keys = ["one", "two", "one"];
        let key = |number: u32| keys[number as usize];
        let mut index = Index::with_room(0);
        let inserted: Vec<_> = (0..3).map(|number| index.insert(number, key)).collect();
        assert_eq!(inserted, [None, None, Some(0)]);
        assert_eq!(index.find("two", key), Some(1));
        assert_eq!(index.find("three", key), None);
    }
}
