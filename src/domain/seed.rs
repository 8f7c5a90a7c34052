//! Chance that repeats.

use serde::{Deserialize, Serialize};

/// A seed from which every choice by chance of a session follows.
///
/// Streams are derived by name, so that a choice added in one place leaves the others as
/// they were. The generator is `SplitMix64` (Steele, Lea and Flood 2014): its values are fixed
/// by its definition, and so do not change with a library's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl Seed {
    /// A seed of its own for the choice called `name`.
    #[must_use]
    pub fn stream(self, name: &str) -> Self {
        // FNV-1a over the name, then one SplitMix64 step to spread it.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
            (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(Self(self.0 ^ hash).next().0)
    }

    /// A number and the seed that follows.
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "a value, not an iterator")]
    pub fn next(self) -> (u64, Self) {
        let state = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31), Self(state))
    }

    /// An index below `len`; 0 where `len` is 0.
    pub fn pick(self, len: usize) -> usize {
        if len == 0 { 0 } else { (self.next().0 % len as u64) as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::Seed;

    #[test]
    fn splitmix_gives_its_published_first_values() {
        // Reference values for seed 1234567 from the generator's reference implementation.
        let mut seed = Seed(1_234_567);
        let mut values = Vec::new();
        for _ in 0..3 {
            let (value, next) = seed.next();
            values.push(value);
            seed = next;
        }
        assert_eq!(
            values,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn streams_differ_by_name() {
        assert_ne!(Seed(7).stream("question"), Seed(7).stream("draft"));
    }
}
