//! What lies on the shelf for a while only.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::error::disk;
use super::shelf::file_size;
use super::{Artifact, FetchError, Shelf};

impl Shelf {
    /// A folder of this process alone for what is unpacked on the way. Of this process alone,
    /// because pip outlives us when we are killed, and may still write into its folder.
    fn scratch_path(&self, artifact: &Artifact<'_>) -> PathBuf {
        self.folder().join(format!(".{}.{}.scratch", artifact.name, std::process::id()))
    }

    /// That folder by its full path, made if it is not there.
    pub(super) fn scratch(&self, artifact: &Artifact<'_>) -> Result<PathBuf, FetchError> {
        let scratch = self.scratch_path(artifact);
        fs::create_dir_all(&scratch).map_err(disk("create", &scratch))?;
        fs::canonicalize(&scratch).map_err(disk("find", &scratch))
    }

    /// Removes it. Nothing may be left in it from another source: what is linked there from
    /// elsewhere would be written through the link.
    pub(super) fn clear_scratch(&self, artifact: &Artifact<'_>) -> Result<(), FetchError> {
        let scratch = self.scratch_path(artifact);
        match fs::remove_dir_all(&scratch) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(disk("remove", &scratch)(e)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Removes what killed processes left in scratch folders, a part that is empty or that the
    /// whole is there for, and a folder with nothing in it. Only for the holder of the lock. What
    /// cannot be removed harms nobody.
    pub(super) fn sweep(&self, artifact: &Artifact<'_>) {
        for piece in &artifact.pieces {
            let part = self.part(piece);
            if file_size(&part) == Some(0) || self.holds(piece) {
                let _ = fs::remove_file(part);
            }
        }
        if artifact.is_folder() {
            let _ = fs::remove_dir(self.path(artifact));
        }
        self.sweep_scratch(artifact);
    }

    fn sweep_scratch(&self, artifact: &Artifact<'_>) {
        let prefix = format!(".{}.", artifact.name);
        for found in fs::read_dir(self.folder()).into_iter().flatten().flatten() {
            let name = found.file_name();
            let name = name.to_string_lossy();
            let middle = name.strip_prefix(&prefix).and_then(|n| n.strip_suffix(".scratch"));
            if middle.is_some_and(|pid| pid.bytes().all(|b| b.is_ascii_digit())) {
                let _ = fs::remove_dir_all(found.path());
            }
        }
    }
}
