//! Asking for room before a download.

use std::path::Path;

use sysinfo::{DiskRefreshKind, Disks};

use super::{Artifact, FetchError};

/// Refuses to begin what cannot end, since it takes `needed` bytes. Where the system does not say
/// how much is free, nothing is refused: writing will tell.
pub(super) fn ask(name: &str, folder: &Path, needed: u64) -> Result<(), FetchError> {
    match free(folder) {
        Some(free) if free < needed => Err(FetchError::NoSpace {
            name: name.to_owned(),
            folder: folder.to_path_buf(),
            needed,
            free,
        }),
        Some(_) | None => Ok(()),
    }
}

/// What a download takes: what is missing of the files, and the largest wheel twice, since pip
/// copies one from its temporary folder to where it was told.
pub(super) fn needed(artifact: &Artifact<'_>, have: u64) -> u64 {
    let wheels = artifact.largest_wheel().saturating_mul(2);
    artifact.size().saturating_sub(have).saturating_add(wheels)
}

/// Bytes free on the file system of `folder`, which exists.
fn free(folder: &Path) -> Option<u64> {
    let folder = folder.canonicalize().ok()?;
    let storage = DiskRefreshKind::nothing().with_storage();
    let disks = Disks::new_with_refreshed_list_specifics(storage).ok()?;
    let under = disks.iter().filter(|disk| folder.starts_with(disk.mount_point()));
    // The innermost mount point is the one that counts; of two at one place, the later.
    let disk = under.max_by_key(|disk| disk.mount_point().components().count());
    disk.map(sysinfo::Disk::available_space)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn what_is_needed_is_the_rest_and_the_largest_wheel_twice() {
        let catalog = Catalog::builtin();
        let needed = |name, have| needed(&catalog.known(name).unwrap().artifact(), have);
        assert_eq!(needed("qwen2.5-coder-1.5b", 0), 1_117_320_768 + 2 * 52_428_800);
        assert_eq!(needed("qwen2.5-coder-1.5b", 1_000_000_000), 117_320_768 + 2 * 52_428_800);
        assert_eq!(needed("qwen3-1.7b", u64::MAX), 0);
        // One wheel with all three files.
        assert_eq!(needed("all-minilm-l6-v2", 0), 3 * (90_868_376 + 466_247 + 612));
    }

    #[test]
    fn a_folder_has_room() {
        assert!(free(&std::env::temp_dir()).is_some_and(|free| free > 0));
    }
}
