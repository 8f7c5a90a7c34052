//! How fast this machine reads its memory. Decoding reads all weights for each token, so this is
//! the roof over its speed, and on rented machines it moves from minute to minute.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use super::median;

/// Bytes that are read, at least: more than the last cache of nearly every machine.
const BUFFER: usize = 256 << 20;
/// Bytes that each thread reads, at least: more than its part of that cache.
const SHARE: usize = 16 << 20;
/// How often: at 10 GB/s these take half a second.
const PASSES: usize = 20;

/// Bytes a second that so many threads read together, each its own part of a buffer that no cache
/// holds. Takes a quarter of a gigabyte for a fraction of a second.
pub fn read_bandwidth(threads: usize) -> f64 {
    let threads = threads.max(1);
    let bytes = (BUFFER / threads).max(SHARE);
    let together = Barrier::new(threads);
    thread::scope(|scope| {
        let readers: Vec<_> =
            (0..threads).map(|_| scope.spawn(|| read_part(bytes, &together))).collect();
        // A reader only reads; should one panic all the same, its part is missing.
        readers.into_iter().filter_map(|reader| reader.join().ok()).sum()
    })
}

/// Bytes a second of one thread while the others read as well.
fn read_part(bytes: usize, together: &Barrier) -> f64 {
    // Written here, so that the pages lie near the core that reads them, and not all zeros of
    // one page.
    let words = vec![1_u64; bytes / size_of::<u64>()];
    let pass = || {
        together.wait();
        let start = Instant::now();
        black_box(mixed(black_box(&words)));
        start.elapsed().as_secs_f64()
    };
    bytes as f64 / median((0..PASSES).map(|_| pass()).collect())
}

/// Some arithmetic that needs every word and that compilers turn into vector loads.
fn mixed(words: &[u64]) -> u64 {
    words.iter().fold(0, |mixed, word| mixed ^ word)
}
