//! Prefixes that outlive the process: what the model computed for a prompt's stable part.
//!
//! Only that part is ever kept, and what belongs to it is decided by the types of its segments
//! (see [`crate::prompt`]): text of the program and of the bank, nothing of a candidate's. A
//! prefix that is read back is the one that would have been computed, to the bit: it goes by the
//! model's digest and file, by the program itself, by whatever else decides about its numbers, and
//! by the tokens exactly.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

use crate::engine::{KvCache, Model};

use super::disk::{Disk, Key};

/// Bytes that all prefixes may have together: some hundred questions of the 1.5B.
const LIMIT: u64 = 256 << 20;
/// Shorter ones are computed as fast as they are read.
const SHORTEST: usize = 16;
/// Prefixes that wait to be written. One that finds no place is offered again.
const WAITING: usize = 4;

/// The prefixes of one model.
pub(super) struct Kept {
    disk: Arc<Disk>,
    origin: Sha256,
    /// Those that are on the disk or on their way.
    known: BTreeSet<Key>,
    writer: Option<Writer>,
}

impl Kept {
    /// The prefixes kept in `folder` for the model of the file at `path`, whose digest is
    /// `sha256`. None where that file cannot be told from another.
    pub(super) fn open(folder: PathBuf, path: &Path, sha256: &str, model: &Model) -> Option<Self> {
        let origin = origin(path, sha256, model)?;
        let disk = Arc::new(Disk::new(folder, LIMIT));
        Some(Self { disk, origin, known: BTreeSet::new(), writer: None })
    }

    /// The longest of the stable parts of `tokens` that is kept and has more than `have` tokens.
    /// `stable` says where they end, shortest first.
    pub(super) fn find(
        &mut self,
        model: &Model,
        tokens: &[u32],
        stable: &[usize],
        have: usize,
    ) -> Option<KvCache> {
        let longer = stable.iter().rev().take_while(|&&end| end > have && end >= SHORTEST);
        longer.copied().find_map(|end| self.read(model, &tokens[..end]))
    }

    fn read(&mut self, model: &Model, tokens: &[u32]) -> Option<KvCache> {
        let key = self.key(tokens);
        let content = self.disk.read(&key)?;
        let cache = model.restore(&content).filter(|cache| cache.len() == tokens.len());
        match &cache {
            Some(_) => drop(self.known.insert(key)),
            None => self.disk.remove(&key),
        }
        cache
    }

    /// Has the stable parts of `tokens` written that are not kept yet, on a thread of their own.
    /// `cache` holds these tokens.
    pub(super) fn keep(
        &mut self,
        model: &Model,
        cache: &KvCache,
        tokens: &[u32],
        stable: &[usize],
    ) {
        for &end in stable.iter().filter(|&&end| end >= SHORTEST && end <= cache.len()) {
            let key = self.key(&tokens[..end]);
            if self.known.contains(&key) {
                continue;
            }
            let written = self.disk.has(&key) || self.write(key, || model.snapshot(cache, end));
            if written {
                self.known.insert(key);
            }
        }
    }

    fn write(&mut self, key: Key, content: impl FnOnce() -> Option<Vec<u8>>) -> bool {
        if self.writer.is_none() {
            self.writer = Writer::start(Arc::clone(&self.disk));
        }
        let writer = self.writer.as_ref();
        writer.is_some_and(|writer| content().is_some_and(|content| writer.take(key, content)))
    }

    fn key(&self, tokens: &[u32]) -> Key {
        let mut key = self.origin.clone();
        for token in tokens {
            key.update(token.to_le_bytes());
        }
        key.finalize().into()
    }
}

/// Everything that decides about the numbers but for the tokens. Another build of the program may
/// add in another order, and so counts as another program.
fn origin(path: &Path, sha256: &str, model: &Model) -> Option<Sha256> {
    let program = std::env::current_exe().and_then(std::fs::metadata).ok()?;
    let file = std::fs::metadata(path).ok()?;
    let mut origin = Sha256::new();
    for part in [sha256, &version(&file)?, &version(&program)?, &model.numerics()?] {
        origin.update((part.len() as u64).to_le_bytes());
        origin.update(part);
    }
    Some(origin)
}

/// Tells a file from what it was before somebody changed it.
fn version(file: &Metadata) -> Option<String> {
    let age = file.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(format!("{} bytes of {}", file.len(), age.as_nanos()))
}

/// The thread that writes, so that nobody waits for a disk.
struct Writer {
    queue: Option<SyncSender<(Key, Vec<u8>)>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    fn start(disk: Arc<Disk>) -> Option<Self> {
        let (queue, contents) = sync_channel(WAITING);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let write = move || write_all(&disk, &contents, &stopped);
        let thread = std::thread::Builder::new().name("viva-keeper".into()).spawn(write).ok()?;
        Some(Self { queue: Some(queue), stop, thread: Some(thread) })
    }

    fn take(&self, key: Key, content: Vec<u8>) -> bool {
        self.queue.as_ref().is_some_and(|queue| queue.try_send((key, content)).is_ok())
    }
}

fn write_all(disk: &Disk, contents: &Receiver<(Key, Vec<u8>)>, stop: &AtomicBool) {
    let stop = || stop.load(Ordering::Relaxed);
    while let Ok((key, content)) = contents.recv() {
        if stop() {
            return;
        }
        // A full disk or a folder that cannot be written to costs time next time, no more.
        let _ = disk.write(&key, &content, &stop);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // It stops after the piece that it is writing.
            let _ = thread.join();
        }
    }
}
