//! Sizes as people read them.

/// A number of bytes in decimal units with three digits: `1.12 GB`, `52.4 MB`, `312 bytes`.
pub fn human_bytes(bytes: u64) -> String {
    const UNITS: [(&str, f64); 4] = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    let value = bytes as f64;
    match UNITS.iter().find(|(_, unit)| value >= *unit) {
        Some((name, unit)) => three_digits(value / unit, name),
        None => format!("{bytes} bytes"),
    }
}

fn three_digits(value: f64, unit: &str) -> String {
    // What rounds up to the next power of ten needs one decimal less.
    let decimals = 2 - usize::from(value >= 9.995) - usize::from(value >= 99.95);
    format!("{value:.decimals$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::human_bytes;

    #[test]
    fn three_digits_whatever_the_size() {
        let shown: Vec<_> = [0, 999, 1_000, 52_428_800, 491_400_064, 1_117_320_768, 14_280_000_000]
            .into_iter()
            .map(human_bytes)
            .collect();
        assert_eq!(
            shown,
            ["0 bytes", "999 bytes", "1.00 kB", "52.4 MB", "491 MB", "1.12 GB", "14.3 GB"]
        );
    }
}
