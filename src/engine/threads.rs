//! How many threads compute.
//!
//! The halves of a core share its multipliers, and a team goes at the pace of its slowest member,
//! so the fastest number is found from what the machine is made of: [`fastest_threads`]. It is the
//! same on every start, which a measurement would not be.

#[cfg(any(target_os = "linux", test))]
mod linux;

use std::num::NonZeroUsize;

/// Two threads on the halves of one core beat one: a single thread waits for memory where a
/// second could compute. Rented machines often are such a core.
const AT_LEAST: usize = 2;

/// The number of threads that should be fastest here: one for each core that is worth having,
/// among those that this process may use, and no more than its share of their time.
pub fn fastest_threads() -> NonZeroUsize {
    let allowed = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    match cores().map(|cores| worthwhile(&cores).max(AT_LEAST)).and_then(NonZeroUsize::new) {
        Some(cores) => cores.min(allowed),
        None => allowed,
    }
}

/// How many of these cores to use, by their speeds. Each of `n` threads gets an equal share of
/// the work and the slowest is waited for, so `n` of them do `n` times what the slowest does.
fn worthwhile(speeds: &[u64]) -> usize {
    let mut speeds = speeds.to_vec();
    speeds.sort_unstable_by(|a, b| b.cmp(a));
    let together = |count: usize| count as u64 * speeds[count - 1];
    // Of two numbers that do as much the lower is taken: reversed, since the last one wins.
    (1..=speeds.len()).rev().max_by_key(|&count| together(count)).unwrap_or(0)
}

#[cfg(target_os = "linux")]
fn cores() -> Option<Vec<u64>> {
    linux::cores(std::path::Path::new("/"))
}

/// Apple's fast cores, all of one speed. Intel's Macs know no such levels and answer nothing.
#[cfg(target_os = "macos")]
fn cores() -> Option<Vec<u64>> {
    let asked = std::process::Command::new("/usr/sbin/sysctl")
        .args(["-n", "hw.perflevel0.physicalcpu"])
        .output()
        .ok()?;
    let count: usize = String::from_utf8(asked.stdout).ok()?.trim().parse().ok()?;
    Some(vec![1; count])
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn cores() -> Option<Vec<u64>> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_no_more_than_is_allowed() {
        let allowed = std::thread::available_parallelism().unwrap();
        assert!(fastest_threads() <= allowed, "{} of {allowed}", fastest_threads());
    }

    #[test]
    fn slow_cores_are_used_where_they_outweigh_the_waiting() {
        for (speeds, count) in [
            (vec![], 0),
            (vec![1024; 6], 6),
            // Eight fast and sixteen slow ones, no more together than the eight alone.
            ([vec![1024; 8], vec![341; 16]].concat(), 8),
            // Two fast and eight slow ones, as in thin laptops.
            ([vec![341; 8], vec![1024; 2]].concat(), 10),
            // Four and four, as on many an Arm board, and two of a kind with slower clocks.
            ([vec![1024; 4], vec![414; 4]].concat(), 4),
            ([vec![1024; 4], vec![700; 8]].concat(), 12),
        ] {
            assert_eq!(worthwhile(&speeds), count, "{speeds:?}");
        }
    }
}
