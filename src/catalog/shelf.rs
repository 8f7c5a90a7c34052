//! The folder in which models are kept.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::error::disk;
use super::{Digest, Entry, Event, FetchError, Progress};

/// How much of a file is hashed or copied at once: small enough not to hold anything up, large
/// enough not to matter.
pub(super) const CHUNK: usize = 1 << 20;

/// The folder in which models are kept: `NAME.gguf`, and while one is fetched `NAME.gguf.part`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    folder: PathBuf,
}

/// How much of a model is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// A file of the right size; [`Shelf::verify`] looks closer.
    Here,
    /// The first bytes, from a fetch that did not end.
    Partly(u64),
    /// Nothing, or a file of another size.
    Absent,
}

/// A file is not what it claims to be.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is not there.
    #[error("{name} is not here; `viva models pull {name}` fetches it")]
    Absent {
        /// The model.
        name: String,
    },
    /// A file of its name has another size.
    #[error("{} has {found} bytes where {expected} are expected; `viva models pull {name}` \
             fetches it anew", .path.display())]
    WrongSize {
        /// The model.
        name: String,
        /// The file.
        path: PathBuf,
        /// Bytes it has.
        found: u64,
        /// What the catalogue says.
        expected: u64,
    },
    /// Its bytes are not the ones of the catalogue.
    #[error(
        "{} has SHA-256 {found} where {expected} is expected; `viva models rm {name}` and \
         `viva models pull {name}` fetch it anew", .path.display()
    )]
    WrongDigest {
        /// The model.
        name: String,
        /// The file.
        path: PathBuf,
        /// What it has.
        found: Digest,
        /// What the catalogue says.
        expected: Digest,
    },
    /// It cannot be read.
    #[error("cannot read {}: {cause}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
}

/// A model could not be removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// It is not there.
    #[error("{0} is not here")]
    Absent(String),
    /// Another process is fetching it.
    #[error("{0} is being fetched by another process; stop that one first")]
    Busy(String),
    /// The file system would not do as told.
    #[error(transparent)]
    Disk(#[from] FetchError),
}

/// The right to write one model's files, until it is dropped. The file it rests on stays: to
/// remove it would let a third process lock a new one while a second waits for the old.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Shelf {
    /// The shelf in that folder, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the model is or would be.
    pub fn path(&self, entry: &Entry) -> PathBuf {
        self.folder.join(format!("{}.gguf", entry.name))
    }

    /// The model's file, if it is there and of the right size. Hashing it takes seconds, so that
    /// is done when it lands and by [`verify`](Self::verify).
    pub fn located(&self, entry: &Entry) -> Option<PathBuf> {
        let path = self.path(entry);
        (file_size(&path) == Some(entry.size)).then_some(path)
    }

    /// How much of the model is here.
    pub fn presence(&self, entry: &Entry) -> Presence {
        match (self.located(entry), file_size(&self.part(entry))) {
            (Some(_), _) => Presence::Here,
            (None, Some(have)) if have > 0 => Presence::Partly(have),
            (None, _) => Presence::Absent,
        }
    }

    /// Hashes the model's file and compares; `step` hears how many bytes are done.
    pub fn verify(&self, entry: &Entry, step: &mut dyn FnMut(u64)) -> Result<(), VerifyError> {
        let (name, path) = (entry.name.clone(), self.path(entry));
        match file_size(&path) {
            None => return Err(VerifyError::Absent { name }),
            Some(found) if found != entry.size => {
                return Err(VerifyError::WrongSize { name, path, found, expected: entry.size });
            }
            Some(_) => {}
        }
        let expected = entry.sha256;
        match hash(&path, step) {
            Ok(found) if found == expected => Ok(()),
            Ok(found) => Err(VerifyError::WrongDigest { name, path, found, expected }),
            Err(cause) => Err(VerifyError::Unreadable { path, cause }),
        }
    }

    /// Removes the model's file and what is left of unfinished fetches; gives the bytes freed.
    pub fn remove(&self, entry: &Entry) -> Result<u64, RemoveError> {
        let paths = [self.path(entry), self.part(entry)];
        let there: Vec<_> =
            paths.into_iter().filter_map(|p| file_size(&p).map(|size| (p, size))).collect();
        if there.is_empty() {
            return Err(RemoveError::Absent(entry.name.clone()));
        }
        let lock = self.try_lock(entry)?;
        let _lock = lock.ok_or_else(|| RemoveError::Busy(entry.name.clone()))?;
        for (path, _) in &there {
            fs::remove_file(path).map_err(disk("remove", path))?;
        }
        self.sweep(entry);
        Ok(there.iter().map(|(_, size)| size).sum())
    }

    /// What has arrived of the model so far.
    pub(super) fn part(&self, entry: &Entry) -> PathBuf {
        self.folder.join(format!("{}.gguf.part", entry.name))
    }

    /// A folder of this process alone for what is unpacked on the way. Of this process alone,
    /// because pip outlives us when we are killed, and may still write into its folder.
    fn scratch(&self, entry: &Entry) -> PathBuf {
        self.folder.join(format!(".{}.{}.scratch", entry.name, std::process::id()))
    }

    /// That folder, made anew, by its full path. Nothing may be left in it from before: what is linked there from
    /// elsewhere would be written through the link.
    pub(super) fn fresh_scratch(&self, entry: &Entry) -> Result<PathBuf, FetchError> {
        let scratch = self.scratch(entry);
        match fs::remove_dir_all(&scratch) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(disk("remove", &scratch)(e));
            }
            Ok(()) | Err(_) => {}
        }
        fs::create_dir(&scratch).map_err(disk("create", &scratch))?;
        fs::canonicalize(&scratch).map_err(disk("find", &scratch))
    }

    /// Removes what killed processes left in scratch folders, and a part that is empty or that the whole is
    /// there for. Only for the holder of the lock. What cannot be removed harms nobody.
    pub(super) fn sweep(&self, entry: &Entry) {
        if file_size(&self.part(entry)) == Some(0) || self.located(entry).is_some() {
            let _ = fs::remove_file(self.part(entry));
        }
        let prefix = format!(".{}.", entry.name);
        for found in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = found.file_name();
            let name = name.to_string_lossy();
            let middle = name.strip_prefix(&prefix).and_then(|n| n.strip_suffix(".scratch"));
            if middle.is_some_and(|pid| pid.bytes().all(|b| b.is_ascii_digit())) {
                let _ = fs::remove_dir_all(found.path());
            }
        }
    }

    /// Waits until no other process writes this model's files. Asks again and again instead of
    /// blocking, so that dropping the future ends the wait.
    pub(super) async fn lock(
        &self,
        entry: &Entry,
        progress: &dyn Progress,
    ) -> Result<Lock, FetchError> {
        fs::create_dir_all(&self.folder).map_err(disk("create", &self.folder))?;
        let mut said = false;
        loop {
            if let Some(lock) = self.try_lock(entry)? {
                return Ok(lock);
            }
            if !said {
                progress.report(Event::Waiting { path: &self.path(entry) });
                said = true;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The lock, unless another process holds it. On a file of its own: the part's own name
    /// moves to another file when it is renamed, and a lock would stay with the old.
    fn try_lock(&self, entry: &Entry) -> Result<Option<Lock>, FetchError> {
        let path = self.folder.join(format!(".{}.lock", entry.name));
        let file = File::options().create(true).append(true).open(&path);
        let file = file.map_err(disk("create", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(cause)) => Err(disk("lock", &path)(cause)),
        }
    }
}

/// Bytes of a file; nothing where there is no file.
pub(super) fn file_size(path: &Path) -> Option<u64> {
    let metadata = fs::metadata(path).ok()?;
    metadata.is_file().then_some(metadata.len())
}

/// Hashes a file; `step` hears how many bytes are done.
pub(super) fn hash(path: &Path, step: &mut dyn FnMut(u64)) -> io::Result<Digest> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    let mut done = 0;
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok(Digest::of(hasher));
        }
        hasher.update(&buffer[..n]);
        done += n as u64;
        step(done);
    }
}
