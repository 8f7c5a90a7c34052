//! Asking for room before a download.

use std::path::Path;

use sysinfo::{DiskRefreshKind, Disks};

use super::{Entry, FetchError};

/// Refuses to begin what cannot end. Where the system does not say how much is free, nothing
/// is refused: writing will tell.
pub(super) fn ask(entry: &Entry, folder: &Path, have: u64) -> Result<(), FetchError> {
    let needed = needed(entry, have);
    match free(folder) {
        Some(free) if free < needed => Err(FetchError::NoSpace {
            name: entry.name.clone(),
            folder: folder.to_path_buf(),
            needed,
            free,
        }),
        Some(_) | None => Ok(()),
    }
}

/// What is missing of the file, and the largest part twice: pip copies a wheel from its
/// temporary folder to where it was told.
fn needed(entry: &Entry, have: u64) -> u64 {
    let wheels = entry.wheels.as_ref().map_or(0, |w| w.largest().saturating_mul(2));
    entry.size.saturating_sub(have).saturating_add(wheels)
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
    fn what_is_needed_is_the_rest_and_the_largest_part_twice() {
        let catalog = Catalog::builtin();
        let coder = catalog.get("qwen2.5-coder-1.5b").unwrap();
        assert_eq!(needed(coder, 0), 1_117_320_768 + 2 * 52_428_800);
        assert_eq!(needed(coder, 1_000_000_000), 117_320_768 + 2 * 52_428_800);
        assert_eq!(needed(catalog.get("qwen3-1.7b").unwrap(), u64::MAX), 0);
    }

    #[test]
    fn a_folder_has_room() {
        assert!(free(&std::env::temp_dir()).is_some_and(|free| free > 0));
    }
}
