//! Fetching a model: its sources in order, until the right bytes of every file are here.

use std::path::PathBuf;

use super::error::Setback;
use super::partial::{Partial, settle};
use super::plan::{Place, Remote, Source, plan};
use super::{
    Artifact, Event, FetchError, Piece, Progress, Shelf, SourceError, Sources, Tried, hub, local,
    space, wheels,
};

/// Brings a model to the shelf, and gives the path of its file or folder. What is there already is
/// taken as it is.
///
/// Safe to call from several processes at once, and to drop or kill at any moment: what has
/// arrived is kept, and the next call goes on from there.
pub async fn fetch(
    artifact: &Artifact<'_>,
    shelf: &Shelf,
    sources: &Sources,
    progress: &dyn Progress,
) -> Result<PathBuf, FetchError> {
    if let Some(path) = shelf.located(artifact) {
        return Ok(path);
    }
    let _lock = shelf.lock(artifact, progress).await?;
    // Another process may have brought it while we waited.
    if let Some(path) = shelf.located(artifact) {
        return Ok(path);
    }
    shelf.sweep(artifact);
    shelf.prepare(artifact)?;
    let outcome = Fetching { artifact, shelf, sources, progress }.run().await;
    shelf.sweep(artifact);
    outcome
}

/// [`fetch`], for callers without a runtime.
pub fn fetch_blocking(
    artifact: &Artifact<'_>,
    shelf: &Shelf,
    sources: &Sources,
    progress: &dyn Progress,
) -> Result<PathBuf, FetchError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(FetchError::Runtime)?;
    let outcome = runtime.block_on(fetch(artifact, shelf, sources, progress));
    // A name that still is being looked up, long after we gave up on it, is not waited for.
    runtime.shutdown_background();
    outcome
}

/// One fetch, under the lock.
struct Fetching<'a> {
    artifact: &'a Artifact<'a>,
    shelf: &'a Shelf,
    sources: &'a Sources,
    progress: &'a dyn Progress,
}

/// A file that is not here yet.
struct Arriving<'a> {
    /// Which of the model's files it is.
    at: usize,
    piece: &'a Piece,
    /// What has arrived of it; hashed once for all sources.
    partial: Option<Partial<'a>>,
}

impl<'a> Fetching<'a> {
    async fn run(&self) -> Result<PathBuf, FetchError> {
        let mut missing = self.missing().await?;
        if missing.is_empty() {
            return Ok(self.landed());
        }
        let (open, mut tried) = self.plan(&missing);
        for (at, source) in open.iter().enumerate() {
            match self.attempt(source, &mut missing).await {
                Ok(()) => return Ok(self.landed()),
                Err(Setback::Stop(error)) => return Err(error),
                Err(Setback::Source(reason)) => {
                    let next = open.get(at + 1).map(|s| &*s.label);
                    let failed = Event::Failed { source: &source.label, reason: &reason, next };
                    self.progress.report(failed);
                    tried.push(Tried { source: source.label.clone(), reason });
                }
            }
        }
        Err(FetchError::NoSource { name: self.artifact.name.to_owned(), tried })
    }

    fn landed(&self) -> PathBuf {
        let path = self.shelf.path(self.artifact);
        self.progress.report(Event::Landed { path: &path });
        path
    }

    /// The files that are not here. One that is whole and has no name yet gets it: an earlier
    /// fetch may have been killed between the two.
    async fn missing(&self) -> Result<Vec<Arriving<'a>>, FetchError> {
        let mut missing = Vec::new();
        for (at, piece) in self.artifact.pieces.iter().enumerate() {
            let mut arriving = Arriving { at, piece, partial: None };
            if !self.shelf.holds(piece) && !self.land_what_is_whole(&mut arriving).await? {
                missing.push(arriving);
            }
        }
        Ok(missing)
    }

    async fn land_what_is_whole(&self, arriving: &mut Arriving<'a>) -> Result<bool, FetchError> {
        if self.shelf.arrived_of(arriving.piece) < arriving.piece.size {
            return Ok(false);
        }
        self.open(arriving).await?;
        match self.land(arriving).await {
            Ok(()) => Ok(true),
            Err(Setback::Source(_)) => Ok(false),
            Err(Setback::Stop(error)) => Err(error),
        }
    }

    /// The sources to ask, and the ones that need no asking.
    fn plan(&self, missing: &[Arriving<'_>]) -> (Vec<Source<'a>>, Vec<Tried>) {
        let (mut open, mut closed) = (Vec::new(), Vec::new());
        for source in plan(self.artifact, self.shelf, self.sources) {
            match source.closed(missing.iter().map(|m| m.at), self.sources) {
                Some(reason) => closed.push(Tried { source: source.label, reason }),
                None => open.push(source),
            }
        }
        (open, closed)
    }

    /// Takes what is missing from one source, file by file. What it brings is here to stay,
    /// whatever comes after.
    async fn attempt(
        &self,
        source: &Source<'a>,
        missing: &mut Vec<Arriving<'a>>,
    ) -> Result<(), Setback> {
        let (artifact, shelf) = (self.artifact, self.shelf);
        let have = if source.is_remote() { shelf.arrived(artifact) } else { self.whole() };
        let (to, size) = (shelf.path(artifact), artifact.size());
        self.progress.report(Event::Trying { source: &source.label, to: &to, size, have });
        if source.is_remote() {
            space::ask(artifact.name, shelf.folder(), space::needed(artifact, have))?;
        }
        shelf.clear_scratch(artifact)?;
        while let Some(arriving) = missing.first_mut() {
            self.bring(&source.places[arriving.at], arriving).await?;
            missing.remove(0);
        }
        Ok(())
    }

    /// Bytes of files that are here as a whole: a file of this machine does not go on from a part.
    fn whole(&self) -> u64 {
        let here = self.artifact.pieces.iter().filter(|piece| self.shelf.holds(piece));
        here.map(|piece| piece.size).sum()
    }

    async fn bring(&self, place: &Place<'a>, arriving: &mut Arriving<'a>) -> Result<(), Setback> {
        match place {
            Place::Local(path) => {
                let to = (self.artifact, self.shelf);
                local::adopt(path, arriving.piece, to, self.progress).await
            }
            Place::Remote(remote) => self.download(remote, arriving).await,
        }
    }

    async fn open<'p>(
        &self,
        arriving: &'p mut Arriving<'a>,
    ) -> Result<&'p mut Partial<'a>, FetchError> {
        if arriving.partial.is_none() {
            let (piece, shelf) = (arriving.piece, self.shelf);
            let beside = shelf.arrived(self.artifact) - shelf.arrived_of(piece);
            let partial = Partial::open(shelf.part(piece), piece.size, beside, self.progress);
            arriving.partial = Some(partial.await?);
        }
        Ok(arriving.partial.as_mut().expect("it was filled above"))
    }

    /// Downloads what is missing. If the whole then is wrong, what was there before may be at
    /// fault, so the source gets a second chance to send all of it.
    async fn download(
        &self,
        remote: &Remote<'_>,
        arriving: &mut Arriving<'a>,
    ) -> Result<(), Setback> {
        let piece = arriving.piece;
        let partial = self.open(arriving).await?;
        let resumed = partial.len() > 0;
        self.pour(remote, piece, partial).await?;
        if partial.digest() != piece.sha256 && resumed {
            partial.rewind(0).await?;
            self.pour(remote, piece, partial).await?;
        }
        self.land(arriving).await
    }

    async fn pour(
        &self,
        remote: &Remote<'_>,
        piece: &Piece,
        partial: &mut Partial<'_>,
    ) -> Result<(), Setback> {
        match remote {
            Remote::Hub(file) => hub::pour(file, piece.sha256, self.sources, partial).await,
            Remote::Index(payloads) => {
                let scratch = self.shelf.scratch(self.artifact)?;
                wheels::pour(payloads, &self.sources.python, &scratch, partial).await
            }
        }
    }

    /// Gives what is complete its name if it is right, and throws it away if it is not.
    async fn land(&self, arriving: &mut Arriving<'a>) -> Result<(), Setback> {
        let piece = arriving.piece;
        let partial = self.open(arriving).await?;
        let (found, expected) = (partial.digest(), piece.sha256);
        if found != expected {
            partial.rewind(0).await?;
            return Err(SourceError::WrongDigest { found, expected }.into());
        }
        Ok(settle(partial.path(), &self.shelf.piece(piece))?)
    }
}
