//! The angles of the rotary position embedding.

use super::config::{Heads, Pairs};
use super::error::LoadFault;

/// The rotation of a head's pairs: pair `i` at position `p` turns by `p * frequencies[i]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rope {
    /// Which components make a pair.
    pub(crate) pairs: Pairs,
    frequencies: Vec<f32>,
}

/// Cosines and sines of some positions, each `positions * dim / 2` values, position by position.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Angles {
    pub(crate) cos: Vec<f32>,
    pub(crate) sin: Vec<f32>,
}

impl Rope {
    pub(crate) fn new(pairs: Pairs, heads: Heads, base: f32) -> Self {
        let frequency = |i: usize| 1.0 / base.powf((2 * i) as f32 / heads.dim as f32);
        Self { pairs, frequencies: (0..heads.dim / 2).map(frequency).collect() }
    }

    /// Slows each pair down by its factor: how Llama 3 files stretch their context
    /// (`rope_freqs.weight`).
    pub(crate) fn slowed(mut self, factors: &[f32]) -> Result<Self, LoadFault> {
        if !factors.iter().all(|f| f.is_finite() && *f > 0.0) {
            return Err(LoadFault::damaged("`rope_freqs.weight` holds no positive factors"));
        }
        for (frequency, factor) in self.frequencies.iter_mut().zip(factors) {
            *frequency /= factor;
        }
        Ok(self)
    }

    /// The angles of some positions.
    pub(crate) fn angles(&self, positions: impl Iterator<Item = usize>) -> Angles {
        let angles = positions
            .flat_map(|position| self.frequencies.iter().map(move |f| position as f32 * f));
        let (sin, cos) = angles.map(f32::sin_cos).unzip();
        Angles { cos, sin }
    }
}

#[cfg(test)]
mod tests {
    use super::{Heads, Pairs, Rope};

    fn rope() -> Rope {
        Rope::new(Pairs::Halves, Heads { query: 1, kv: 1, dim: 4 }, 100.0)
    }

    #[test]
    fn frequencies_fall_from_one_by_the_base() {
        let angles = rope().angles(0..3);
        assert_eq!(angles.cos[..2], [1.0, 1.0], "position 0 turns nothing");
        let expected = [1.0, 0.1, 2.0, 0.2].map(f32::sin);
        for (sin, expected) in angles.sin[2..].iter().zip(expected) {
            assert!((sin - expected).abs() < 1e-6, "{sin} {expected}");
        }
    }

    #[test]
    fn angles_of_a_position_do_not_depend_on_where_a_call_starts() {
        assert_eq!(rope().angles(0..3).sin[4..], rope().angles(2..3).sin[..]);
    }

    #[test]
    fn factors_slow_their_pair_alone() {
        let slowed = rope().slowed(&[1.0, 4.0]).unwrap();
        assert_eq!(slowed.angles(1..2).sin[..1], rope().angles(1..2).sin[..1]);
        assert_eq!(slowed.angles(4..5).sin[1..], rope().angles(1..2).sin[1..]);
        assert!(rope().slowed(&[1.0, 0.0]).is_err());
        assert!(rope().slowed(&[f32::NAN, 1.0]).is_err());
    }
}
