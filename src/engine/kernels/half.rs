//! Numbers of 16 bits (IEEE 754 binary16), where no instruction converts them.

/// The number that 16 bits stand for.
pub(super) fn to_float(half: u16) -> f32 {
    let sign = u32::from(half >> 15) << 31;
    let exponent = u32::from(half >> 10) & 0x1f;
    let fraction = u32::from(half & 0x3ff);
    let magnitude = match exponent {
        // Below the smallest normal number: a count of 2^-24.
        0 => (fraction as f32 * (1.0 / 16_777_216.0)).to_bits(),
        0x1f => 0x7f80_0000 | (fraction << 13),
        _ => ((exponent + 112) << 23) | (fraction << 13),
    };
    f32::from_bits(sign | magnitude)
}

/// The nearest number of 16 bits, ties to even.
pub(super) fn from_float(x: f32) -> u16 {
    let sign = ((x.to_bits() >> 16) & 0x8000) as u16;
    let magnitude = x.abs();
    if magnitude.is_nan() {
        return sign | 0x7e00;
    }
    // Half way between the largest of 16 bits and what would follow it.
    if magnitude >= 65_520.0 {
        return sign | 0x7c00;
    }
    // Below the smallest normal number the steps are all of 2^-24.
    if magnitude < 1.0 / 16_384.0 {
        return sign | (magnitude * 16_777_216.0).round_ties_even() as u16;
    }
    let bits = magnitude.to_bits() - (112 << 23);
    let rounded = bits + 0xfff + ((bits >> 13) & 1);
    sign | (rounded >> 13) as u16
}

#[cfg(test)]
mod tests {
    use super::{from_float, to_float};

    #[test]
    fn every_half_comes_back() {
        for half in 0..=u16::MAX {
            let x = to_float(half);
            if x.is_nan() {
                assert!(to_float(from_float(x)).is_nan());
            } else {
                assert_eq!(from_float(x), half, "{x}");
            }
        }
    }

    #[test]
    fn known_values() {
        assert_eq!(to_float(0x3c00).to_bits(), 1.0_f32.to_bits());
        assert_eq!(to_float(0xc000).to_bits(), (-2.0_f32).to_bits());
        assert_eq!(to_float(0x7bff).to_bits(), 65_504.0_f32.to_bits());
        assert_eq!(from_float(65_519.9), 0x7bff);
        assert_eq!(from_float(65_520.0), 0x7c00);
        assert_eq!(from_float(1.0 + 1.0 / 2048.0), 0x3c00, "a tie goes to the even one");
        assert_eq!(from_float(1.0 + 3.0 / 2048.0), 0x3c02, "a tie goes to the even one");
        assert_eq!(from_float(1e-9), 0);
    }
}
