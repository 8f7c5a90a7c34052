//! The most memory that this process has held at once.

use nix::sys::resource::{UsageWho, getrusage};

/// What the system counts in: bytes on macOS, kilobytes elsewhere.
const UNIT: u64 = if cfg!(target_os = "macos") { 1 } else { 1024 };

/// Bytes of resident memory at the highest point so far, mapped files included. `None` where the
/// system does not tell.
pub fn peak_memory() -> Option<u64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    u64::try_from(usage.max_rss()).ok().filter(|&most| most > 0).map(|most| most * UNIT)
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::peak_memory;

    #[test]
    fn what_was_held_counts_after_it_was_let_go() {
        const HELD: usize = 100_000_000;
        drop(black_box(vec![1_u8; HELD]));
        let peak = peak_memory().unwrap();
        assert!(peak > HELD as u64, "{peak}");
        assert!(peak < 1 << 40, "{peak} looks like another unit");
    }
}
