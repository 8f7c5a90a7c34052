//! Digests of files that were hashed before: a file of a gigabyte takes most of a second.
//!
//! A file counts as the same while it is the same file of the file system, as long as it was, and
//! neither its content nor anything about it was touched since; the last of these times is the
//! system's own, which nobody can set. Whatever is not quite right means hashing.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::Digest;
use super::shelf::hash;

/// Files that are remembered; the one that was hashed longest ago goes first.
const MOST: usize = 32;
/// A file that was touched so shortly ago may be touched again within the same tick of the file
/// system's clock.
const SETTLED: Duration = Duration::from_secs(2);

/// What tells a file from another and from what it was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Entry {
    state: State,
    sha256: Digest,
}

/// A list of files with their digests.
#[derive(Debug, Clone)]
pub struct Hashed {
    list: PathBuf,
}

impl Hashed {
    /// The list in that file, which need not exist yet.
    pub fn new(list: PathBuf) -> Self {
        Self { list }
    }

    /// The SHA-256 of the file at `path`: as remembered, else hashed now and remembered.
    pub fn digest(&self, path: &Path) -> io::Result<Digest> {
        let before = state(&fs::metadata(path)?);
        if let Some(known) = before.as_ref().and_then(|state| self.known(state)) {
            return Ok(known);
        }
        let sha256 = hash(path, &mut |_| ())?;
        if let Some(state) = before.filter(|before| is_settled(path, before)) {
            // Where it cannot be remembered it is hashed again.
            let _ = self.remember(Entry { state, sha256 });
        }
        Ok(sha256)
    }

    fn known(&self, state: &State) -> Option<Digest> {
        self.entries().iter().find(|entry| entry.state == *state).map(|entry| entry.sha256)
    }

    /// A list that is damaged is as good as none.
    fn entries(&self) -> Vec<Entry> {
        let text = fs::read(&self.list).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Of two processes at the same time, one may write over what the other remembers.
    fn remember(&self, entry: Entry) -> io::Result<()> {
        let mut entries = self.entries();
        let same = |other: &Entry| {
            (other.state.device, other.state.inode) == (entry.state.device, entry.state.inode)
        };
        entries.retain(|other| !same(other));
        entries.insert(0, entry);
        entries.truncate(MOST);
        if let Some(folder) = self.list.parent() {
            fs::create_dir_all(folder)?;
        }
        let part = self.list.with_extension(format!("{}.part", std::process::id()));
        fs::write(&part, serde_json::to_vec(&entries)?)?;
        fs::rename(&part, &self.list)
    }
}

#[cfg(unix)]
fn state(about: &Metadata) -> Option<State> {
    use std::os::unix::fs::MetadataExt as _;
    about.is_file().then(|| State {
        device: about.dev(),
        inode: about.ino(),
        bytes: about.size(),
        modified: (about.mtime(), about.mtime_nsec()),
        changed: (about.ctime(), about.ctime_nsec()),
    })
}

/// Elsewhere there is no time that nobody can set.
#[cfg(not(unix))]
fn state(_: &Metadata) -> Option<State> {
    None
}

/// Whether the file is still as it was before it was hashed, and had been so for a while.
fn is_settled(path: &Path, before: &State) -> bool {
    let (seconds, nanos) = before.changed;
    let since_epoch = Duration::new(seconds.max(0) as u64, nanos.max(0) as u32);
    let changed = SystemTime::UNIX_EPOCH + since_epoch;
    let age = SystemTime::now().duration_since(changed).unwrap_or_default();
    age > SETTLED && fs::metadata(path).ok().and_then(|now| state(&now)).as_ref() == Some(before)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn of(content: &[u8]) -> Digest {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("content");
        fs::write(&file, content).unwrap();
        hash(&file, &mut |_| ()).unwrap()
    }

    fn state_of(path: &Path) -> State {
        state(&fs::metadata(path).unwrap()).unwrap()
    }

    #[test]
    fn what_is_remembered_of_this_very_file_is_believed() {
        let folder = tempfile::tempdir().unwrap();
        let (file, list) = (folder.path().join("m.gguf"), folder.path().join("cache/list.json"));
        fs::write(&file, "one").unwrap();
        let hashed = Hashed::new(list);
        assert_eq!(hashed.digest(&file).unwrap(), of(b"one"));
        assert!(hashed.entries().is_empty(), "it was touched just now");
        let (state, sha256) = (state_of(&file), of(b"another"));
        hashed.remember(Entry { state: state.clone(), sha256 }).unwrap();
        assert_eq!(hashed.digest(&file).unwrap(), sha256);
        fs::write(&file, "two").unwrap();
        assert_eq!(hashed.digest(&file).unwrap(), of(b"two"));
        let elsewhere = folder.path().join("copy.gguf");
        fs::copy(&file, &elsewhere).unwrap();
        assert_eq!(hashed.digest(&elsewhere).unwrap(), of(b"two"));
    }

    #[test]
    fn a_file_replaced_by_one_with_its_times_and_length_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let (file, other) = (folder.path().join("m.gguf"), folder.path().join("n.gguf"));
        let hashed = Hashed::new(folder.path().join("list.json"));
        fs::write(&file, "one").unwrap();
        hashed.remember(Entry { state: state_of(&file), sha256: of(b"one") }).unwrap();
        let modified = fs::metadata(&file).unwrap().modified().unwrap();
        fs::write(&other, "two").unwrap();
        fs::File::options().write(true).open(&other).unwrap().set_modified(modified).unwrap();
        fs::rename(&other, &file).unwrap();
        assert_eq!(hashed.digest(&file).unwrap(), of(b"two"));
    }

    #[test]
    fn a_damaged_list_is_none_and_a_long_one_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let (file, list) = (folder.path().join("m.gguf"), folder.path().join("list.json"));
        fs::write(&file, "one").unwrap();
        fs::write(&list, "[{").unwrap();
        let hashed = Hashed::new(list);
        assert_eq!(hashed.digest(&file).unwrap(), of(b"one"));
        for inode in 0..2 * MOST as u64 {
            let state = State { inode, ..state_of(&file) };
            hashed.remember(Entry { state, sha256: of(b"") }).unwrap();
        }
        assert_eq!(hashed.entries().len(), MOST);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no scraps");
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_no_failure() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("m.gguf");
        fs::write(&file, "one").unwrap();
        let hashed = Hashed::new(file.join("list.json"));
        assert_eq!(hashed.digest(&file).unwrap(), of(b"one"));
        assert!(hashed.remember(Entry { state: state_of(&file), sha256: of(b"") }).is_err());
        assert!(hashed.digest(&folder.path().join("absent")).is_err());
    }
}
