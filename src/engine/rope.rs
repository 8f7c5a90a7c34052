//! The angles of the rotary position embedding.

use super::architecture::Pairs;
use super::config::{Reach, Rotation};
use super::error::LoadFault;

/// The rotation of a head's pairs: pair `i` at position `p` turns by `p * frequencies[i]`. Where
/// there are fewer pairs than a head has components for, the last components stay.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rope {
    /// Which components make a pair.
    pub(crate) pairs: Pairs,
    frequencies: Vec<f32>,
    /// What is turned is multiplied by it as well.
    magnitude: f32,
}

/// Cosines and sines of some positions, times the magnitude: each `positions * dim / 2` values of
/// the `dim` components that turn, position by position.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Angles {
    pub(crate) cos: Vec<f32>,
    pub(crate) sin: Vec<f32>,
}

impl Rope {
    pub(crate) fn new(pairs: Pairs, rotation: Rotation, reach: Reach) -> Self {
        let exponent = |i: usize| (2 * i) as f32 / rotation.dim as f32;
        let frequency = |i| 1.0 / reach.base.powf(exponent(i)) / reach.slowed;
        let frequencies = (0..rotation.dim / 2).map(frequency).collect();
        Self { pairs, frequencies, magnitude: rotation.magnitude }
    }

    /// How many pairs of a head turn.
    pub(crate) fn turning(&self) -> usize {
        self.frequencies.len()
    }

    /// Slows each pair down by its factor, a tensor that is named in the error: how Llama 3 and
    /// Phi-3 files stretch their context.
    pub(crate) fn slowed(mut self, factors: &[f32], name: &str) -> Result<Self, LoadFault> {
        if !factors.iter().all(|f| f.is_finite() && *f > 0.0) {
            return Err(LoadFault::damaged(format!("`{name}` holds no positive factors")));
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
        let turned = angles.map(f32::sin_cos);
        let (sin, cos) = turned.map(|(s, c)| (s * self.magnitude, c * self.magnitude)).unzip();
        Angles { cos, sin }
    }
}

#[cfg(test)]
mod tests {
    use super::{Pairs, Reach, Rope, Rotation};

    fn rope() -> Rope {
        stretched(1.0, 1.0)
    }

    fn stretched(slowed: f32, magnitude: f32) -> Rope {
        let rotation = Rotation { dim: 4, magnitude, original_context: 64 };
        Rope::new(Pairs::Halves, rotation, Reach { window: None, base: 100.0, slowed })
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
        let slowed = rope().slowed(&[1.0, 4.0], "factors").unwrap();
        assert_eq!(slowed.angles(1..2).sin[..1], rope().angles(1..2).sin[..1]);
        assert_eq!(slowed.angles(4..5).sin[1..], rope().angles(1..2).sin[1..]);
        let error = rope().slowed(&[1.0, 0.0], "factors").unwrap_err().to_string();
        assert!(error.contains("`factors` holds no positive factors"), "{error}");
        assert!(rope().slowed(&[f32::NAN, 1.0], "factors").is_err());
    }

    #[test]
    fn stretched_positions_turn_as_earlier_ones() {
        assert_eq!(stretched(4.0, 1.0).angles(4..5).sin, rope().angles(1..2).sin);
    }

    #[test]
    fn a_magnitude_multiplies_sine_and_cosine() {
        let (plain, larger) = (rope().angles(1..2), stretched(1.0, 2.0).angles(1..2));
        let doubled = |values: &[f32]| values.iter().map(|x| 2.0 * x).collect::<Vec<_>>();
        assert_eq!((larger.sin, larger.cos), (doubled(&plain.sin), doubled(&plain.cos)));
    }
}
