//! Where a model may be had, in the order in which the places are asked.

use std::path::{Path, PathBuf};

use hf_hub::Cache;

use super::shelf::file_size;
use super::{Artifact, Digest, HubFile, Payload, Piece, Shelf, SourceError, Sources, hub};

/// A source that has all of a model's files.
pub(super) struct Source<'a> {
    /// What people call it.
    pub(super) label: String,
    /// Where it has each of the files, in their order.
    pub(super) places: Vec<Place<'a>>,
}

/// A place where one file may be had.
pub(super) enum Place<'a> {
    /// A file on this machine: in the shelf's own folder under the publisher's name, or in the
    /// user's cache.
    Local(PathBuf),
    Remote(Remote<'a>),
}

/// A place that a network leads to.
pub(super) enum Remote<'a> {
    Hub(&'a HubFile),
    /// The Python package index.
    Index(&'a [Payload]),
}

impl Source<'_> {
    /// Whether a network leads to it.
    pub(super) fn is_remote(&self) -> bool {
        self.places.iter().any(|place| matches!(place, Place::Remote(_)))
    }

    /// Why it is not even asked for the files of these numbers.
    pub(super) fn closed(
        &self,
        mut files: impl Iterator<Item = usize>,
        sources: &Sources,
    ) -> Option<SourceError> {
        files.find_map(|at| self.places[at].closed(sources))
    }
}

impl Place<'_> {
    fn closed(&self, sources: &Sources) -> Option<SourceError> {
        let why = match self {
            Self::Local(path) if file_size(path).is_none() => return Some(SourceError::Absent),
            Self::Remote(_) if sources.offline => "no network is to be used",
            Self::Remote(Remote::Hub(_)) if sources.hub_offline => "HF_HUB_OFFLINE is set",
            Self::Local(_) | Self::Remote(_) => return None,
        };
        Some(SourceError::Offline(why))
    }
}

/// Every source, best first.
pub(super) fn plan<'a>(
    artifact: &'a Artifact<'a>,
    shelf: &Shelf,
    sources: &Sources,
) -> Vec<Source<'a>> {
    let plan = [
        beside(artifact, shelf),
        cache(artifact, sources),
        hub(artifact, sources),
        index(artifact),
    ];
    plan.into_iter().flatten().collect()
}

/// A file under the publisher's name. Those of a folder have names that any model's may have.
fn beside<'a>(artifact: &Artifact<'a>, shelf: &Shelf) -> Option<Source<'a>> {
    let [piece] = &artifact.pieces[..] else { return None };
    let path = shelf.folder().join(piece.hub.as_ref()?.file_name());
    let own = artifact.is_folder() || path == shelf.path(artifact);
    let label = path.display().to_string();
    (!own).then(|| Source { label, places: vec![Place::Local(path)] })
}

/// The user's Hugging Face cache.
fn cache<'a>(artifact: &Artifact<'a>, sources: &Sources) -> Option<Source<'a>> {
    let folder = sources.cache.as_deref()?;
    let place = |piece: &Piece| {
        let file = piece.hub.as_ref()?;
        Some(Place::Local(cached(folder, file, piece.sha256)))
    };
    let places = artifact.pieces.iter().map(place).collect::<Option<_>>()?;
    let label = format!("the Hugging Face cache {}", folder.display());
    Some(Source { label, places })
}

fn hub<'a>(artifact: &'a Artifact<'a>, sources: &Sources) -> Option<Source<'a>> {
    let files: Vec<&HubFile> =
        artifact.pieces.iter().map(|p| p.hub.as_ref()).collect::<Option<_>>()?;
    let host = sources.endpoint.split_once("://").map_or(&*sources.endpoint, |(_, host)| host);
    let label = format!("{}/{}", host.trim_end_matches('/'), files.first()?.repository);
    let places = files.into_iter().map(|file| Place::Remote(Remote::Hub(file))).collect();
    Some(Source { label, places })
}

fn index<'a>(artifact: &'a Artifact<'a>) -> Option<Source<'a>> {
    let label = format!("the Python package index ({})", artifact.packages.as_ref()?);
    let place = |piece: &'a Piece| Place::Remote(Remote::Index(&piece.payloads));
    Some(Source { label, places: artifact.pieces.iter().map(place).collect() })
}

/// Where the cache has the file: under its digest, whatever the revision was called, or in the
/// revision's snapshot, where the file system has no links.
fn cached(folder: &Path, file: &HubFile, digest: Digest) -> PathBuf {
    let cache = Cache::new(folder.to_path_buf()).repo(hub::repo(file));
    let blob = cache.blob_path(&digest.to_string());
    if blob.is_file() { blob } else { cache.pointer_path(&file.revision).join(&file.file) }
}
