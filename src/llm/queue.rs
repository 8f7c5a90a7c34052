//! Jobs waiting for the engine: the most urgent first, and among equals the oldest.

use std::collections::BinaryHeap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::Priority;

/// A queue that one thread empties and any number fill.
#[derive(Debug)]
pub(super) struct Queue<J> {
    inner: Mutex<Inner<J>>,
    filled: Condvar,
}

#[derive(Debug)]
struct Inner<J> {
    heap: BinaryHeap<Waiting<J>>,
    next: u64,
    closed: bool,
}

/// A job with its place in the queue.
#[derive(Debug)]
pub(super) struct Waiting<J> {
    /// How urgent it is.
    pub(super) priority: Priority,
    /// When it came; kept when it is put back, so that it is not overtaken.
    ticket: u64,
    /// What to do.
    pub(super) job: J,
}

impl<J> Queue<J> {
    pub(super) fn new() -> Self {
        let inner = Inner { heap: BinaryHeap::new(), next: 0, closed: false };
        Self { inner: Mutex::new(inner), filled: Condvar::new() }
    }

    /// Adds a job; gives it back if the queue is closed.
    pub(super) fn push(&self, priority: Priority, job: J) -> Result<(), J> {
        let mut inner = self.lock();
        if inner.closed {
            return Err(job);
        }
        let ticket = inner.next;
        inner.next += 1;
        inner.heap.push(Waiting { priority, ticket, job });
        drop(inner);
        self.filled.notify_one();
        Ok(())
    }

    /// Puts back a job that gave way to a more urgent one.
    pub(super) fn put_back(&self, waiting: Waiting<J>) {
        self.lock().heap.push(waiting);
    }

    /// Waits for the next job; none once the queue is closed.
    pub(super) fn pop(&self) -> Option<Waiting<J>> {
        let mut inner = self.lock();
        loop {
            if inner.closed {
                return None;
            }
            if let Some(waiting) = inner.heap.pop() {
                return Some(waiting);
            }
            inner = self.filled.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether a job more urgent than `priority` waits, or nobody wants any more work done.
    pub(super) fn presses(&self, priority: Priority) -> bool {
        let inner = self.lock();
        inner.closed || inner.heap.peek().is_some_and(|w| w.priority > priority)
    }

    /// Lets no job in or out any more.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Inner<J>> {
        // A job that panics does so outside the lock; the heap is whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<J> Ord for Waiting<J> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.priority.cmp(&other.priority).then(other.ticket.cmp(&self.ticket))
    }
}

impl<J> PartialOrd for Waiting<J> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<J> PartialEq for Waiting<J> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<J> Eq for Waiting<J> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_urgent_come_first_and_equals_in_order() {
        let queue = Queue::new();
        for (priority, name) in [
            (Priority::Ahead, "a"),
            (Priority::Interactive, "b"),
            (Priority::Ahead, "c"),
            (Priority::Interactive, "d"),
        ] {
            queue.push(priority, name).unwrap();
        }
        assert!(queue.presses(Priority::Ahead));
        assert!(!queue.presses(Priority::Interactive));
        let order: Vec<&str> = (0..4).map(|_| queue.pop().unwrap().job).collect();
        assert_eq!(order, ["b", "d", "a", "c"]);
    }

    #[test]
    fn what_is_put_back_keeps_its_place() {
        let queue = Queue::new();
        queue.push(Priority::Ahead, "first").unwrap();
        queue.push(Priority::Ahead, "second").unwrap();
        let first = queue.pop().unwrap();
        queue.put_back(first);
        assert_eq!(queue.pop().unwrap().job, "first");
    }

    #[test]
    fn a_closed_queue_takes_and_gives_nothing() {
        let queue = Queue::new();
        queue.push(Priority::Ahead, 1).unwrap();
        queue.close();
        assert_eq!(queue.pop().map(|w| w.job), None);
        assert_eq!(queue.push(Priority::Ahead, 2), Err(2));
        assert!(queue.presses(Priority::Interactive));
    }
}
