//! The folder in which models are kept.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::error::disk;
use super::{Artifact, Digest, Event, FetchError, Piece, Progress};

/// How much of a file is hashed or copied at once: small enough not to hold anything up, large
/// enough not to matter.
pub(super) const CHUNK: usize = 1 << 20;

/// The folder in which models are kept: `NAME.gguf`, and while one is fetched `NAME.gguf.part`; of
/// a model with several files, a folder `NAME` with those.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    folder: PathBuf,
}

/// How much of a model is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Files of the right sizes; [`Shelf::verify`] looks closer.
    Here,
    /// So many bytes, from a fetch that did not end.
    Partly(u64),
    /// Nothing, or files of other sizes.
    Absent,
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

    /// Where the model is or would be: its file, or its folder.
    pub fn path(&self, artifact: &Artifact<'_>) -> PathBuf {
        self.folder.join(&artifact.place)
    }

    /// Where the model is, if each of its files is there and of the right size. Hashing them takes
    /// seconds, so that is done when they land and by [`verify`](Self::verify).
    pub fn located(&self, artifact: &Artifact<'_>) -> Option<PathBuf> {
        artifact.pieces.iter().all(|piece| self.holds(piece)).then(|| self.path(artifact))
    }

    /// Whether there is a file for each of the model's, whatever it is like.
    pub fn has_files(&self, artifact: &Artifact<'_>) -> bool {
        artifact.pieces.iter().all(|piece| self.piece(piece).exists())
    }

    /// How much of the model is here.
    pub fn presence(&self, artifact: &Artifact<'_>) -> Presence {
        match (self.located(artifact), self.arrived(artifact)) {
            (Some(_), _) => Presence::Here,
            (None, 0) => Presence::Absent,
            (None, have) => Presence::Partly(have),
        }
    }

    /// Removes the model's files and what is left of unfinished fetches; gives the bytes freed.
    pub fn remove(&self, artifact: &Artifact<'_>) -> Result<u64, RemoveError> {
        let paths = artifact.pieces.iter().flat_map(|piece| [self.piece(piece), self.part(piece)]);
        let there: Vec<_> = paths.filter_map(|p| file_size(&p).map(|size| (p, size))).collect();
        if there.is_empty() {
            return Err(RemoveError::Absent(artifact.name.to_owned()));
        }
        let lock = self.try_lock(artifact)?;
        let _lock = lock.ok_or_else(|| RemoveError::Busy(artifact.name.to_owned()))?;
        for (path, _) in &there {
            fs::remove_file(path).map_err(disk("remove", path))?;
        }
        self.sweep(artifact);
        Ok(there.iter().map(|(_, size)| size).sum())
    }

    /// Where one of a model's files is or would be.
    pub(super) fn piece(&self, piece: &Piece) -> PathBuf {
        self.folder.join(&piece.path)
    }

    /// What has arrived of that file so far.
    pub(super) fn part(&self, piece: &Piece) -> PathBuf {
        self.folder.join(format!("{}.part", piece.path))
    }

    /// Whether that file is there and of the right size.
    pub(super) fn holds(&self, piece: &Piece) -> bool {
        file_size(&self.piece(piece)) == Some(piece.size)
    }

    /// Bytes of the model that are here, whole files and begun ones.
    pub(super) fn arrived(&self, artifact: &Artifact<'_>) -> u64 {
        artifact.pieces.iter().map(|piece| self.arrived_of(piece)).sum()
    }

    /// Bytes of one file that are here. A part that is longer than the file is of another.
    pub(super) fn arrived_of(&self, piece: &Piece) -> u64 {
        if self.holds(piece) {
            return piece.size;
        }
        file_size(&self.part(piece)).filter(|have| *have <= piece.size).unwrap_or(0)
    }

    /// Makes the folder that the model's files go into, where they have one of their own.
    pub(super) fn prepare(&self, artifact: &Artifact<'_>) -> Result<(), FetchError> {
        if !artifact.is_folder() {
            return Ok(());
        }
        let folder = self.path(artifact);
        fs::create_dir_all(&folder).map_err(disk("create", &folder))
    }

    /// Waits until no other process writes this model's files. Asks again and again instead of
    /// blocking, so that dropping the future ends the wait.
    pub(super) async fn lock(
        &self,
        artifact: &Artifact<'_>,
        progress: &dyn Progress,
    ) -> Result<Lock, FetchError> {
        fs::create_dir_all(&self.folder).map_err(disk("create", &self.folder))?;
        let mut said = false;
        loop {
            if let Some(lock) = self.try_lock(artifact)? {
                return Ok(lock);
            }
            if !said {
                progress.report(Event::Waiting { path: &self.path(artifact) });
                said = true;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The lock, unless another process holds it. On a file of its own: the part's own name
    /// moves to another file when it is renamed, and a lock would stay with the old.
    fn try_lock(&self, artifact: &Artifact<'_>) -> Result<Option<Lock>, FetchError> {
        let path = self.folder.join(format!(".{}.lock", artifact.name));
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
