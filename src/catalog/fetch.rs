//! Fetching a model: its sources in order, until one of them brings the right bytes.

use std::path::{Path, PathBuf};

use super::error::Setback;
use super::partial::{Partial, settle};
use super::plan::{Place, Remote, Source, plan};
use super::shelf::file_size;
use super::{
    Entry, Event, FetchError, Progress, Shelf, SourceError, Sources, Tried, hub, local, space,
    wheels,
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

impl<'a> Fetching<'a> {
    async fn run(&self) -> Result<PathBuf, FetchError> {
        let to = self.shelf.path(self.entry);
        // What has arrived; hashed once for all sources.
        let mut arrived = None;
        if self.land_what_is_whole(&to, &mut arrived).await? {
            return Ok(to);
        }
        let (open, mut tried) = self.plan();
        for (at, source) in open.iter().enumerate() {
            match self.attempt(source, &to, &mut arrived).await {
                Ok(()) => return Ok(to),
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

    /// The sources to ask, and the ones that need no asking.
    fn plan(&self) -> (Vec<Source<'a>>, Vec<Tried>) {
        let (mut open, mut closed) = (Vec::new(), Vec::new());
        for source in plan(self.entry, self.shelf, self.sources) {
            match source.closed(self.sources) {
                Some(reason) => closed.push(Tried { source: source.label, reason }),
                None => open.push(source),
            }
        }
        (open, closed)
    }

    /// An earlier fetch may have been killed between the last byte and the name.
    async fn land_what_is_whole(
        &self,
        to: &Path,
        arrived: &mut Option<Partial<'a>>,
    ) -> Result<bool, FetchError> {
        if self.have() < self.entry.size {
            return Ok(false);
        }
        match self.land(self.open(arrived).await?, to).await {
            Ok(()) => Ok(true),
            Err(Setback::Source(_)) => Ok(false),
            Err(Setback::Stop(error)) => Err(error),
        }
    }

    async fn attempt(
        &self,
        source: &Source<'_>,
        to: &Path,
        arrived: &mut Option<Partial<'a>>,
    ) -> Result<(), Setback> {
        let (entry, shelf, progress) = (self.entry, self.shelf, self.progress);
        let have = match source.place {
            Place::Local(_) => 0,
            Place::Remote(_) => self.have(),
        };
        progress.report(Event::Trying { source: &source.label, to, size: entry.size, have });
        match &source.place {
            Place::Local(path) => local::adopt(path, entry, shelf, progress).await,
            Place::Remote(remote) => {
                space::ask(entry, shelf.folder(), have)?;
                self.download(remote, to, self.open(arrived).await?).await
            }
        }
    }

    /// Bytes that an earlier fetch or source left.
    fn have(&self) -> u64 {
        let have = file_size(&self.shelf.part(self.entry));
        have.filter(|have| *have <= self.entry.size).unwrap_or(0)
    }

    async fn open<'p>(
        &self,
        arrived: &'p mut Option<Partial<'a>>,
    ) -> Result<&'p mut Partial<'a>, FetchError> {
        if arrived.is_none() {
            let part = self.shelf.part(self.entry);
            *arrived = Some(Partial::open(part, self.entry.size, self.progress).await?);
        }
        Ok(arrived.as_mut().expect("it was filled above"))
    }

    /// Downloads what is missing. If the whole then is wrong, what was there before may be at
    /// fault, so the source gets a second chance to send all of it.
    async fn download(
        &self,
        remote: &Remote<'_>,
        to: &Path,
        partial: &mut Partial<'_>,
    ) -> Result<(), Setback> {
        let resumed = partial.len() > 0;
        self.pour(remote, partial).await?;
        if partial.digest() != self.entry.sha256 && resumed {
            partial.rewind(0).await?;
            self.pour(remote, partial).await?;
        }
        self.land(partial, to).await
    }

    async fn pour(&self, remote: &Remote<'_>, partial: &mut Partial<'_>) -> Result<(), Setback> {
        match remote {
            Remote::Hub(file) => hub::pour(file, self.entry.sha256, self.sources, partial).await,
            Remote::Index(wheels) => {
                let scratch = self.shelf.fresh_scratch(self.entry)?;
                wheels::pour(wheels, &self.sources.python, &scratch, partial).await
            }
        }
    }

    /// Gives what is complete its name if it is right, and throws it away if it is not.
    async fn land(&self, partial: &mut Partial<'_>, to: &Path) -> Result<(), Setback> {
        let (found, expected) = (partial.digest(), self.entry.sha256);
        if found != expected {
            partial.rewind(0).await?;
            return Err(SourceError::WrongDigest { found, expected }.into());
        }
        settle(partial.path(), to)?;
        self.progress.report(Event::Landed { path: to });
        Ok(())
    }
}
