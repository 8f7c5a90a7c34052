//! Memory for weights: stretches of a few large mappings.
//!
//! A token's pass reads all weights, and where they lie in small pages, finding these takes time:
//! a tenth of it and more on a virtual machine. Large pages begin at multiples of their size, so
//! a mapping for each matrix would lie in small ones at both ends, or waste what it rounds up.

use std::io;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::{Arc, Mutex};

use memmap2::{MmapMut, MmapRaw};

use super::team::lock;

/// Bytes of a large page, of most machines.
const PAGE: usize = 2 << 20;
/// Bytes of a mapping, unless one stretch asks for more. What nobody fills takes no memory.
const MAPPING: usize = 128 << 20;
/// Stretches begin at multiples of this: a line of a cache.
const LINE: usize = 64;

/// Hands out memory.
#[derive(Default)]
pub(crate) struct Arena {
    current: Mutex<Option<Mapping>>,
}

/// A mapping, and which of its bytes are still to be had.
struct Mapping {
    memory: Arc<MmapRaw>,
    free: std::ops::Range<usize>,
}

/// Bytes that nobody else has, zero at first.
pub(crate) struct Stretch {
    start: NonNull<u8>,
    length: usize,
    /// Keeps the bytes where they are.
    _memory: Arc<MmapRaw>,
}

// SAFETY: a stretch is the only way to its bytes, as a boxed slice would be.
unsafe impl Send for Stretch {}
// SAFETY: as above.
unsafe impl Sync for Stretch {}

impl Arena {
    /// So many zeros.
    pub(crate) fn take(&self, length: usize) -> io::Result<Stretch> {
        let mut current = lock(&self.current);
        if let Some(stretch) = current.as_mut().and_then(|mapping| mapping.take(length)) {
            return Ok(stretch);
        }
        let mapping = current.insert(Mapping::new(length.max(MAPPING))?);
        mapping.take(length).ok_or_else(|| io::ErrorKind::OutOfMemory.into())
    }
}

impl Mapping {
    fn new(length: usize) -> io::Result<Self> {
        let whole = length.checked_add(PAGE).ok_or(io::ErrorKind::OutOfMemory)?;
        let memory = MmapMut::map_anon(whole)?;
        #[cfg(target_os = "linux")]
        {
            // Not every system has them, and small pages do as well.
            let _ = memory.advise(memmap2::Advice::HugePage);
        }
        let first = memory.as_ptr().align_offset(PAGE).min(PAGE);
        Ok(Self { memory: Arc::new(memory.into()), free: first..whole })
    }

    /// The next bytes, where there are as many.
    fn take(&mut self, length: usize) -> Option<Stretch> {
        if self.free.len() < length {
            return None;
        }
        // SAFETY: the offset lies in the mapping.
        let start = unsafe { self.memory.as_mut_ptr().add(self.free.start) };
        let next = (self.free.start + length).next_multiple_of(LINE);
        self.free.start = next.min(self.free.end);
        let start = NonNull::new(start)?;
        Some(Stretch { start, length, _memory: Arc::clone(&self.memory) })
    }
}

impl Deref for Stretch {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: `length` bytes of a mapping that lives as long, and that no other stretch has.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl DerefMut for Stretch {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_zero_apart_and_outlive_their_arena() {
        let arena = Arena::default();
        let lengths = [0, 1, 64, 65, MAPPING - 100, 1000, MAPPING + 7, 3];
        let mut stretches: Vec<_> =
            lengths.iter().map(|length| arena.take(*length).unwrap()).collect();
        drop(arena);
        for (n, stretch) in (1..).zip(&mut stretches) {
            assert_eq!(stretch.as_ptr().align_offset(LINE), 0);
            assert!(stretch.iter().take(2000).all(|byte| *byte == 0));
            stretch.iter_mut().take(2000).for_each(|byte| *byte = n);
        }
        for ((n, stretch), length) in (1..).zip(&stretches).zip(lengths) {
            assert_eq!(stretch.len(), length);
            assert!(stretch.iter().take(2000).all(|byte| *byte == n));
        }
    }

    #[test]
    fn more_than_there_is_is_an_error() {
        assert!(Arena::default().take(usize::MAX - 5).is_err());
    }
}
