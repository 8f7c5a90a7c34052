//! A file that is arriving: `NAME.gguf.part`, hashed while it is written.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tokio::task::yield_now;

use super::error::{Setback, disk};
use super::shelf::CHUNK;
use super::{Digest, Event, FetchError, Progress, SourceError};

/// The first bytes of a file, on disk and in the hash alike. Whatever source sends, it sends
/// from some offset at or below [`len`](Self::len); what is known already is skipped.
///
/// Writing goes straight to the system's page cache and hashing a chunk takes milliseconds, so
/// neither is worth a thread of its own.
pub(super) struct Partial<'a> {
    path: PathBuf,
    file: File,
    hasher: Sha256,
    len: u64,
    size: u64,
    skip: u64,
    /// Bytes of the model's other files that are here.
    beside: u64,
    progress: &'a dyn Progress,
}

impl<'a> Partial<'a> {
    /// Opens what is there of a file of `size` bytes, hashes it, and stands ready to go on. A part
    /// that is longer than the whole belongs to another file and is begun anew. Who listens hears
    /// of `beside` more bytes than are here.
    pub(super) async fn open(
        path: PathBuf,
        size: u64,
        beside: u64,
        progress: &'a dyn Progress,
    ) -> Result<Self, FetchError> {
        let file = File::options().create(true).truncate(false).read(true).write(true).open(&path);
        let file = file.map_err(disk("create", &path))?;
        let there = file.metadata().map_err(disk("read", &path))?.len();
        let mut partial =
            Self { path, file, hasher: Sha256::new(), len: 0, size, skip: 0, beside, progress };
        let keep = if there > size { 0 } else { there };
        if keep > 0 {
            progress.report(Event::Checking { path: &partial.path, size: keep });
        }
        partial.reread(keep).await?;
        Ok(partial)
    }

    /// Bytes that are there.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Bytes there will be.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Whether every byte is there.
    pub(super) fn complete(&self) -> bool {
        self.len == self.size
    }

    /// Tells who listens.
    pub(super) fn report(&self, event: Event<'_>) {
        self.progress.report(event);
    }

    /// Announces that what is [poured](Self::pour) next begins at `offset` of the file.
    pub(super) fn begin_at(&mut self, offset: u64) {
        debug_assert!(offset <= self.len, "a hole in the file");
        self.skip = self.len.saturating_sub(offset);
    }

    /// Takes the next bytes. More than the file has are refused before anything is written.
    pub(super) fn pour(&mut self, bytes: &[u8]) -> Result<(), Setback> {
        let known = self.skip.min(bytes.len() as u64);
        self.skip -= known;
        let new = &bytes[known as usize..];
        let found = self.len + new.len() as u64;
        if found > self.size {
            return Err(SourceError::WrongSize { found, expected: self.size }.into());
        }
        self.file.write_all(new).map_err(disk("write", &self.path))?;
        self.hasher.update(new);
        self.len = found;
        if !new.is_empty() {
            self.report(Event::Have(self.beside + self.len));
        }
        Ok(())
    }

    /// Forgets everything from `len` on.
    pub(super) async fn rewind(&mut self, len: u64) -> Result<(), FetchError> {
        self.reread(len).await?;
        self.report(Event::Have(self.beside + self.len));
        Ok(())
    }

    /// Cuts the file to `len` bytes and hashes those.
    async fn reread(&mut self, len: u64) -> Result<(), FetchError> {
        self.file.set_len(len).map_err(disk("write", &self.path))?;
        self.file.rewind().map_err(disk("read", &self.path))?;
        self.hasher = Sha256::new();
        self.skip = 0;
        self.len = 0;
        let mut buffer = vec![0; CHUNK];
        while self.len < len {
            let n = self.file.read(&mut buffer).map_err(disk("read", &self.path))?;
            if n == 0 {
                break;
            }
            self.hasher.update(&buffer[..n]);
            self.len += n as u64;
            yield_now().await;
        }
        self.file.seek(SeekFrom::Start(self.len)).map_err(disk("read", &self.path))?;
        Ok(())
    }

    /// The digest of what is there.
    pub(super) fn digest(&self) -> Digest {
        Digest::of(self.hasher.clone())
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Gives a file that is whole and right its name. After a crash of the machine there is either
/// the old state or the whole file: its bytes reach the disk before its name does, and the
/// name before we say that it is there.
pub(super) fn settle(from: &Path, to: &Path) -> Result<(), FetchError> {
    // Write access is what Windows asks for before it syncs; a file linked from a cache may
    // grant none, and then its bytes are old enough to be on the disk.
    if let Ok(file) = File::options().write(true).open(from) {
        file.sync_all().map_err(disk("write", from))?;
    }
    fs::rename(from, to).map_err(disk("create", to))?;
    match to.parent() {
        // Only Unix has folders that can be synced.
        Some(folder) if cfg!(unix) => {
            let synced = File::open(folder).and_then(|f| f.sync_all());
            synced.map_err(disk("write", folder))
        }
        Some(_) | None => Ok(()),
    }
}
