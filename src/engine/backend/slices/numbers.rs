//! Room for activations that is used again.
//!
//! A pass over some hundred tokens asks for tens of megabytes a layer, and gives them back before
//! the next. The system takes its time over pieces of that size: it clears them page by page.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

/// How many unused numbers are kept, at most: 128 MB, as much as a thousand tokens take in a model
/// of 1.5 billion weights.
const KEPT: usize = 32 << 20;

/// Rooms that nobody uses.
#[derive(Debug, Clone, Default)]
pub(super) struct Spare(Arc<Mutex<Vec<Vec<f32>>>>);

/// Numbers, whose room goes back when they are dropped.
#[derive(Debug)]
pub(super) struct Numbers {
    numbers: Vec<f32>,
    spare: Spare,
}

impl Spare {
    /// So many numbers, which may be any.
    pub(super) fn take(&self, count: usize) -> Numbers {
        let numbers = match self.smallest(count) {
            None => vec![0.0; count],
            Some(mut numbers) => {
                numbers.resize(count, 0.0);
                numbers
            }
        };
        Numbers { numbers, spare: self.clone() }
    }

    /// The smallest room for so many.
    fn smallest(&self, count: usize) -> Option<Vec<f32>> {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let large = rooms.iter().enumerate().filter(|(_, room)| room.capacity() >= count);
        let (best, _) = large.min_by_key(|(_, room)| room.capacity())?;
        Some(rooms.swap_remove(best))
    }

    fn give(&self, numbers: Vec<f32>) {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept: usize = rooms.iter().map(Vec::capacity).sum();
        if kept + numbers.capacity() <= KEPT {
            rooms.push(numbers);
        }
    }
}

impl Drop for Numbers {
    fn drop(&mut self) {
        self.spare.give(std::mem::take(&mut self.numbers));
    }
}

impl Deref for Numbers {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.numbers
    }
}

impl DerefMut for Numbers {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_used_again_by_whom_it_suits_best() {
        let spare = Spare::default();
        let [large, small] = [1000, 10].map(|count| spare.take(count));
        let places = [large.as_ptr(), small.as_ptr()];
        drop((large, small));
        let taken = [8, 900].map(|count| spare.take(count));
        assert_eq!(taken.each_ref().map(|numbers| numbers.len()), [8, 900]);
        assert_eq!([taken[1].as_ptr(), taken[0].as_ptr()], places);
    }

    #[test]
    fn no_more_is_kept_than_agreed() {
        let spare = Spare::default();
        drop([KEPT / 2, KEPT / 2, 1].map(|count| spare.take(count)));
        let kept: usize = spare.0.lock().unwrap().iter().map(Vec::capacity).sum();
        assert_eq!(kept, KEPT);
        drop(spare.take(KEPT + 1));
        assert_eq!(spare.0.lock().unwrap().len(), 2);
    }
}
