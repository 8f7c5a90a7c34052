//! Threads that wait for work between two layers of a network without going to sleep.
//!
//! A token passes some two hundred products of matrices, each done in parallel. Waking a thread
//! that sleeps takes as long as a small product, so for a short while a thread that has nothing
//! to do looks for work over and over; after that it sleeps.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread::JoinHandle;

/// How often a thread looks for work before it sleeps: some tens of microseconds.
const PATIENCE: usize = 20_000;
/// How often it looks before it lets other threads of the machine go first in between.
const POLITENESS: usize = 4_000;

/// Work that is split into numbered parts.
type Work<'a> = dyn Fn(usize) + Sync + 'a;

/// Some threads, of which the caller's is one.
pub(crate) struct Team {
    shared: Arc<Shared>,
    /// Held by the caller whose work is under way.
    turn: Mutex<()>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    /// Counts pieces of work; another number than before means that there is one.
    round: AtomicUsize,
    /// The work of the round, for as long as threads may join in.
    work: Mutex<Option<Job>>,
    /// The next part that nobody has taken.
    next: AtomicUsize,
    /// Threads that joined in and have not finished; goes up only while `work` is held.
    busy: AtomicUsize,
    /// Threads that have to be woken.
    sleepers: AtomicUsize,
    panicked: AtomicBool,
    over: AtomicBool,
    sleep: Mutex<()>,
    woken: Condvar,
}

#[derive(Clone, Copy)]
struct Job {
    work: &'static Work<'static>,
    parts: usize,
}

impl Team {
    /// A team of `threads`, the caller's included.
    pub(crate) fn new(threads: NonZeroUsize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            round: AtomicUsize::new(0),
            work: Mutex::new(None),
            next: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            sleepers: AtomicUsize::new(0),
            panicked: AtomicBool::new(false),
            over: AtomicBool::new(false),
            sleep: Mutex::new(()),
            woken: Condvar::new(),
        });
        let mut team = Self { shared, turn: Mutex::new(()), threads: Vec::new() };
        for _ in 1..threads.get() {
            let shared = Arc::clone(&team.shared);
            let thread = std::thread::Builder::new().name("viva-kernels".into());
            team.threads.push(thread.spawn(move || shared.serve())?);
        }
        Ok(team)
    }

    /// How many threads it has.
    pub(crate) fn threads(&self) -> usize {
        self.threads.len() + 1
    }

    /// Calls `work` once with each number below `parts`, on all threads, and returns when all
    /// calls have returned. While somebody else's work is under way, the caller does its own
    /// alone.
    pub(crate) fn run(&self, parts: usize, work: &Work<'_>) {
        let alone = self.threads.is_empty() || parts < 2;
        match if alone { None } else { self.turn() } {
            None => (0..parts).for_each(work),
            Some(_turn) => self.share(parts, work),
        }
    }

    /// The right to share work, where nobody has it.
    fn turn(&self) -> Option<MutexGuard<'_, ()>> {
        match self.turn.try_lock() {
            Ok(turn) => Some(turn),
            Err(TryLockError::Poisoned(turn)) => Some(turn.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Hands every item to some thread's `work`.
    pub(crate) fn each<T: Send>(&self, items: Vec<T>, work: impl Fn(T) + Sync) {
        let items: Vec<Mutex<Option<T>>> =
            items.into_iter().map(|item| Mutex::new(Some(item))).collect();
        self.run(items.len(), &|part| {
            let item = lock(&items[part]).take();
            item.into_iter().for_each(&work);
        });
    }

    fn share(&self, parts: usize, work: &Work<'_>) {
        let shared = &*self.shared;
        // SAFETY: other threads get at the work only while it stands in `shared.work`, and count
        // themselves in `busy` as they do. Below, on every path, it is taken away first and
        // `busy` is waited for then.
        let work: &'static Work<'static> = unsafe { std::mem::transmute(work) };
        shared.next.store(0, Ordering::Relaxed);
        *lock(&shared.work) = Some(Job { work, parts });
        shared.announce();
        let own = catch_unwind(AssertUnwindSafe(|| shared.take_parts(work, parts)));
        // Who has not begun by now need not: one that sleeps deep holds nobody up.
        *lock(&shared.work) = None;
        shared.wait_for_others();
        if let Err(panic) = own {
            resume_unwind(panic);
        }
        assert!(!shared.panicked.swap(false, Ordering::Relaxed), "a kernel's thread panicked");
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Release);
        self.shared.announce();
        for thread in self.threads.drain(..) {
            // It catches what its work panics with.
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// Begins a round. Waking costs a call of the system, so it is done only if somebody sleeps.
    fn announce(&self) {
        self.round.fetch_add(1, Ordering::SeqCst);
        if self.sleepers.load(Ordering::SeqCst) > 0 {
            // Whoever is on the way to sleep holds the lock, or will see the new round.
            drop(lock(&self.sleep));
            self.woken.notify_all();
        }
    }

    fn join_in(&self) -> Option<Job> {
        let job = lock(&self.work);
        if job.is_some() {
            self.busy.fetch_add(1, Ordering::Relaxed);
        }
        *job
    }

    fn serve(&self) {
        let mut seen = 0;
        loop {
            seen = self.wait_for_round(seen);
            if self.over.load(Ordering::Acquire) {
                return;
            }
            let Some(Job { work, parts }) = self.join_in() else { continue };
            let done = catch_unwind(AssertUnwindSafe(|| self.take_parts(work, parts)));
            if done.is_err() {
                self.panicked.store(true, Ordering::Relaxed);
            }
            self.busy.fetch_sub(1, Ordering::Release);
        }
    }

    fn take_parts(&self, work: &Work<'_>, parts: usize) {
        loop {
            let part = self.next.fetch_add(1, Ordering::Relaxed);
            if part >= parts {
                return;
            }
            work(part);
        }
    }

    /// The number of the round that follows the one last seen.
    fn wait_for_round(&self, seen: usize) -> usize {
        for look in 0..PATIENCE {
            let round = self.round.load(Ordering::Acquire);
            if round != seen {
                return round;
            }
            pause(look);
        }
        self.sleep_until(seen)
    }

    fn sleep_until(&self, seen: usize) -> usize {
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        let mut guard = lock(&self.sleep);
        let round = loop {
            let round = self.round.load(Ordering::SeqCst);
            if round != seen {
                break round;
            }
            guard = self.woken.wait(guard).unwrap_or_else(PoisonError::into_inner);
        };
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
        round
    }

    fn wait_for_others(&self) {
        let mut look = 0;
        while self.busy.load(Ordering::Acquire) > 0 {
            pause(look);
            look += 1;
        }
    }
}

fn pause(look: usize) {
    if look < POLITENESS {
        std::hint::spin_loop();
    } else {
        std::thread::yield_now();
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::Team;

    fn team(threads: usize) -> Team {
        Team::new(NonZeroUsize::new(threads).unwrap()).unwrap()
    }

    #[test]
    fn every_part_is_done_once() {
        for threads in 1..5 {
            let team = team(threads);
            for parts in [0, 1, 2, 3, 64, 1000] {
                let done: Vec<AtomicUsize> = (0..parts).map(|_| AtomicUsize::new(0)).collect();
                team.run(parts, &|part| {
                    done[part].fetch_add(1, Ordering::Relaxed);
                });
                assert!(done.iter().all(|done| done.load(Ordering::Relaxed) == 1));
            }
        }
    }

    #[test]
    fn work_within_work_is_done() {
        let team = team(3);
        let done = AtomicUsize::new(0);
        team.run(4, &|_| {
            team.run(5, &|_| {
                done.fetch_add(1, Ordering::Relaxed);
            });
        });
        assert_eq!(done.load(Ordering::Relaxed), 20);
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_team_lives_on() {
        let team = team(2);
        let panicked = catch_unwind(AssertUnwindSafe(|| team.run(8, &|part| assert_ne!(part, 5))));
        assert!(panicked.is_err());
        let done = AtomicUsize::new(0);
        team.run(8, &|_| {
            done.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(done.load(Ordering::Relaxed), 8);
    }

    #[test]
    fn several_callers_get_their_own_work_done() {
        let team = team(2);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let done = AtomicUsize::new(0);
                        team.run(7, &|_| {
                            done.fetch_add(1, Ordering::Relaxed);
                        });
                        assert_eq!(done.load(Ordering::Relaxed), 7);
                    }
                });
            }
        });
    }
}
