//! Fetching a model: its sources in order, until one of them brings the right bytes.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::error::{Setback, disk};
use super::partial::Partial;
use super::plan::{Place, Source, plan};
use super::shelf::{file_size, hash};
use super::{
    Entry, Event, FetchError, Progress, Shelf, SourceError, Sources, Tried, hub, space, wheels,
};

/// Brings a model to the shelf, and gives its path. What is there already is taken as it is.
///
/// Safe to call from several processes at once, and to drop or kill at any moment: what has
/// arrived is kept, and the next call goes on from there.
pub async fn fetch(
    entry: &Entry,
    shelf: &Shelf,
    sources: &Sources,
    progress: &dyn Progress,
) -> Result<PathBuf, FetchError> {
    if let Some(path) = shelf.located(entry) {
        return Ok(path);
    }
    let _lock = shelf.lock(entry, progress).await?;
    // Another process may have brought it while we waited.
    if let Some(path) = shelf.located(entry) {
        return Ok(path);
    }
    shelf.sweep(entry);
    let outcome = Fetching { entry, shelf, sources, progress }.run().await;
    shelf.sweep(entry);
    outcome
}

/// [`fetch`], for callers without a runtime.
pub fn fetch_blocking(
    entry: &Entry,
    shelf: &Shelf,
    sources: &Sources,
    progress: &dyn Progress,
) -> Result<PathBuf, FetchError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(FetchError::Runtime)?;
    let outcome = runtime.block_on(fetch(entry, shelf, sources, progress));
    // A name that still is being looked up, long after we gave up on it, is not waited for.
    runtime.shutdown_background();
    outcome
}

/// One fetch, under the lock.
struct Fetching<'a> {
    entry: &'a Entry,
    shelf: &'a Shelf,
    sources: &'a Sources,
    progress: &'a dyn Progress,
}

impl Fetching<'_> {
    async fn run(&self) -> Result<PathBuf, FetchError> {
        if let Some(path) = self.land_what_is_whole().await? {
            return Ok(path);
        }
        let plan = plan(self.entry, self.shelf, self.sources);
        let (mut open, mut tried) = (Vec::new(), Vec::new());
        for source in plan {
            match source.closed(self.sources) {
                Some(reason) => tried.push(Tried { source: source.label, reason }),
                None => open.push(source),
            }
        }
        for (at, source) in open.iter().enumerate() {
            match self.attempt(source).await {
                Ok(path) => return Ok(path),
                Err(Setback::Stop(error)) => return Err(error),
                Err(Setback::Source(reason)) => {
                    let next = open.get(at + 1).map(|s| &*s.label);
                    let failed = Event::Failed { source: &source.label, reason: &reason, next };
                    self.progress.report(failed);
                    tried.push(Tried { source: source.label.clone(), reason });
                }
            }
        }
        Err(FetchError::NoSource { name: self.entry.name.clone(), tried })
    }

    /// An earlier fetch may have been killed between the last byte and the name.
    async fn land_what_is_whole(&self) -> Result<Option<PathBuf>, FetchError> {
        if self.have() < self.entry.size {
            return Ok(None);
        }
        let (part, to) = (self.shelf.part(self.entry), self.shelf.path(self.entry));
        let partial = Partial::open(part, self.entry.size, self.progress).await?;
        match self.land(partial, &to).await {
            Ok(()) => Ok(Some(to)),
            Err(Setback::Source(_)) => Ok(None),
            Err(Setback::Stop(error)) => Err(error),
        }
    }

    async fn attempt(&self, source: &Source<'_>) -> Result<PathBuf, Setback> {
        let to = self.shelf.path(self.entry);
        let have = match source.place {
            Place::Local(_) => 0,
            Place::Hub(_) | Place::Index(_) => self.have(),
        };
        let size = self.entry.size;
        self.progress.report(Event::Trying { source: &source.label, to: &to, size, have });
        match &source.place {
            Place::Local(path) => self.adopt(path, &to).await?,
            Place::Hub(_) | Place::Index(_) => self.download(&source.place, &to).await?,
        }
        Ok(to)
    }

    /// Bytes that an earlier fetch left.
    fn have(&self) -> u64 {
        let have = file_size(&self.shelf.part(self.entry));
        have.filter(|have| *have <= self.entry.size).unwrap_or(0)
    }

    /// Links a file of this machine, or copies it where the file system cannot link. The
    /// original is only read; it stays good if the copy is not.
    async fn adopt(&self, path: &Path, to: &Path) -> Result<(), Setback> {
        let expected = self.entry.size;
        if let Some(found) = file_size(path).filter(|found| *found != expected) {
            return Err(SourceError::WrongSize { found, expected }.into());
        }
        // A link to a link would be as short-lived as the cache's snapshot.
        let original = fs::canonicalize(path).map_err(SourceError::Unreadable)?;
        let copy = self.shelf.fresh_scratch(self.entry)?.join("copy");
        let linked = fs::hard_link(&original, &copy).is_ok();
        if !linked {
            space::ask(self.entry, self.shelf.folder(), 0)?;
        }
        self.progress.report(Event::Checking { path, size: expected });
        let made = copy.clone();
        let found = apart(move || {
            if !linked {
                fs::copy(&original, &made)?;
            }
            hash(&made, &mut |_| ())
        });
        let found = found.await.map_err(SourceError::Unreadable)?;
        let expected = self.entry.sha256;
        if found != expected {
            return Err(SourceError::WrongDigest { found, expected }.into());
        }
        settle(&copy, to)?;
        self.progress.report(Event::Landed { path: to });
        Ok(())
    }

    /// Downloads what is missing. If the whole then is wrong, what was there before may be at
    /// fault, so the source gets a second chance to send all of it.
    async fn download(&self, place: &Place<'_>, to: &Path) -> Result<(), Setback> {
        space::ask(self.entry, self.shelf.folder(), self.have())?;
        let part = self.shelf.part(self.entry);
        let mut partial = Partial::open(part, self.entry.size, self.progress).await?;
        let resumed = partial.len() > 0;
        self.pour(place, &mut partial).await?;
        if partial.digest() != self.entry.sha256 && resumed {
            partial.rewind(0).await?;
            self.pour(place, &mut partial).await?;
        }
        self.land(partial, to).await
    }

    /// Gives what is complete its name if it is right, and throws it away if it is not.
    async fn land(&self, mut partial: Partial<'_>, to: &Path) -> Result<(), Setback> {
        let (found, expected) = (partial.digest(), self.entry.sha256);
        if found != expected {
            partial.rewind(0).await?;
            return Err(SourceError::WrongDigest { found, expected }.into());
        }
        settle(&partial.close(), to)?;
        self.progress.report(Event::Landed { path: to });
        Ok(())
    }

    async fn pour(&self, place: &Place<'_>, partial: &mut Partial<'_>) -> Result<(), Setback> {
        match place {
            Place::Local(_) => Ok(()),
            Place::Hub(file) => hub::pour(file, self.entry.sha256, self.sources, partial).await,
            Place::Index(wheels) => {
                let scratch = self.shelf.fresh_scratch(self.entry)?;
                wheels::pour(wheels, &self.sources.python, &scratch, partial).await
            }
        }
    }
}

/// Gives a file that is whole and right its name. After a crash of the machine there is either
/// the old state or the whole file: its bytes reach the disk before its name does, and the
/// name before we say that it is there.
fn settle(from: &Path, to: &Path) -> Result<(), FetchError> {
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

/// Runs what blocks for seconds on a thread of its own.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
