//! Taking a model's file from a file that this machine has already.

use std::fs;
use std::io;
use std::path::Path;

use super::error::Setback;
use super::partial::settle;
use super::shelf::{file_size, hash};
use super::{Artifact, Digest, Event, Piece, Progress, Shelf, SourceError, space};

/// Links a file of this machine onto the shelf, or copies it where the file system cannot link.
/// The original is only read; it stays good if the copy is not.
pub(super) async fn adopt(
    path: &Path,
    piece: &Piece,
    (artifact, shelf): (&Artifact<'_>, &Shelf),
    progress: &dyn Progress,
) -> Result<(), Setback> {
    let expected = piece.size;
    if let Some(found) = file_size(path).filter(|found| *found != expected) {
        return Err(SourceError::WrongSize { found, expected }.into());
    }
    // A link to a link would be as short-lived as the cache's snapshot.
    let original = fs::canonicalize(path).map_err(SourceError::Unreadable)?;
    shelf.clear_scratch(artifact)?;
    let copy = shelf.scratch(artifact)?.join("copy");
    let linked = fs::hard_link(&original, &copy).is_ok();
    if !linked {
        space::ask(artifact.name, shelf.folder(), expected)?;
    }
    progress.report(Event::Checking { path, size: expected });
    let made = copy.clone();
    let found = apart(move || {
        if !linked {
            fs::copy(&original, &made)?;
        }
        hash(&made, &mut |_| ())
    });
    let (found, expected) = (found.await.map_err(SourceError::Unreadable)?, piece.sha256);
    if found != expected {
        return Err(SourceError::WrongDigest { found, expected }.into());
    }
    Ok(settle(&copy, &shelf.piece(piece))?)
}

/// Runs what blocks for seconds on a thread of its own.
async fn apart(work: impl FnOnce() -> io::Result<Digest> + Send + 'static) -> io::Result<Digest> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
