//! Files that can be made again: named by a digest, checked when they are read, bounded in size.
//!
//! Several processes may use one folder. A file gets its name when it is whole, so nobody reads
//! half of one; a crash may leave one that is damaged, which its checksum tells, and the reader
//! removes it. Nothing here is a failure of the program: what cannot be read is computed, and
//! what cannot be written is computed again next time.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

/// The name of a file's content.
pub(super) type Key = [u8; 32];

/// What every file begins with; another layout of this file would be another number.
const MAGIC: &[u8; 8] = b"vivakv\0\x01";
/// Magic, key and length of the content.
const HEAD: usize = MAGIC.len() + 32 + 8;
/// The SHA-256 of all that goes before it.
const CHECK: usize = 32;
/// Bytes written between two looks at whether to stop.
const PIECE: usize = 1 << 18;
/// The end of the names of whole files, and of those being written.
const WHOLE: &str = "kv";
const PART: &str = "part";
/// When a file that is being written has been given up: a crash left it.
const ABANDONED: Duration = Duration::from_hours(1);

/// A folder of such files.
#[derive(Debug)]
pub(super) struct Disk {
    folder: PathBuf,
    /// Bytes that all files may have together.
    limit: u64,
}

/// One file as the sweep sees it.
struct Seen {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

impl Disk {
    /// The folder need not exist yet.
    pub(super) fn new(folder: PathBuf, limit: u64) -> Self {
        Self { folder, limit }
    }

    /// The content of `key`, if it is there and whole. A file that is neither is removed.
    pub(super) fn read(&self, key: &Key) -> Option<Vec<u8>> {
        match read_checked(&self.path(key), key, self.limit) {
            Ok(content) => Some(content),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                self.remove(key);
                None
            }
            Err(_) => None,
        }
    }

    /// Removes the file of `key`. One that cannot be removed will be refused when it is read.
    pub(super) fn remove(&self, key: &Key) {
        let _ = fs::remove_file(self.path(key));
    }

    /// Whether there is a file for `key`, whole or not.
    pub(super) fn has(&self, key: &Key) -> bool {
        self.path(key).is_file()
    }

    /// Keeps `content`, then lets the files that were used longest ago go until all have room.
    /// Nothing is kept if `stop` says so in the middle, or if it has no room by itself.
    pub(super) fn write(
        &self,
        key: &Key,
        content: &[u8],
        stop: &dyn Fn() -> bool,
    ) -> io::Result<()> {
        if whole(content.len()) > self.limit {
            return Ok(());
        }
        fs::create_dir_all(&self.folder)?;
        let part = Part::create(&self.folder)?;
        if part.fill(&[&head(key, content.len()), content], stop)? {
            part.name(&self.path(key))?;
        }
        self.sweep()
    }

    fn path(&self, key: &Key) -> PathBuf {
        let name = key.iter().fold(String::new(), |name, byte| name + &format!("{byte:02x}"));
        self.folder.join(name).with_extension(WHOLE)
    }

    fn sweep(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            // Another process may have removed it since.
            files.extend(entry.ok().and_then(|entry| seen(&entry)));
        }
        files.retain(|file| !is_abandoned(file));
        files.sort_by(|a, b| a.used.cmp(&b.used).then_with(|| a.path.cmp(&b.path)));
        let mut total: u64 = files.iter().map(|file| file.bytes).sum();
        for file in files.iter().filter(|file| has_end(&file.path, WHOLE)) {
            if total <= self.limit {
                break;
            }
            let _ = fs::remove_file(&file.path);
            total -= file.bytes;
        }
        Ok(())
    }
}

/// A file that has no name yet. What does not get one is removed.
struct Part {
    path: PathBuf,
    file: File,
}

impl Part {
    fn create(folder: &Path) -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = folder.join(name).with_extension(PART);
        Ok(Self { file: File::create(&path)?, path })
    }

    /// Writes pieces and their checksum; `false` if it was told to stop.
    fn fill(&self, pieces: &[&[u8]], stop: &dyn Fn() -> bool) -> io::Result<bool> {
        let mut sum = Sha256::new();
        for piece in pieces.iter().flat_map(|piece| piece.chunks(PIECE)) {
            if stop() {
                return Ok(false);
            }
            sum.update(piece);
            (&self.file).write_all(piece)?;
        }
        (&self.file).write_all(&sum.finalize())?;
        Ok(true)
    }

    /// Not synced: a crash of the machine costs a file, which its checksum tells.
    fn name(&self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // It has gone where it was named.
        let _ = fs::remove_file(&self.path);
    }
}

fn head(key: &Key, length: usize) -> Vec<u8> {
    [MAGIC.as_slice(), key, &(length as u64).to_le_bytes()].concat()
}

/// The bytes of the file of a content.
fn whole(content: usize) -> u64 {
    (HEAD + content + CHECK) as u64
}

/// The content of a file, of the error kind `InvalidData` if anything about it is not right.
fn read_checked(path: &Path, key: &Key, limit: u64) -> io::Result<Vec<u8>> {
    let damaged = || io::Error::from(io::ErrorKind::InvalidData);
    // Asked before opening: opening a pipe would wait for its other end.
    let about = fs::metadata(path)?;
    let length = about.len();
    if !about.is_file() || length < whole(0) || length > limit {
        return Err(damaged());
    }
    let mut bytes = Vec::with_capacity(length as usize);
    let file = File::open(path)?;
    // It may have become another file since.
    (&file).take(limit).read_to_end(&mut bytes)?;
    let (rest, sum) = bytes.split_last_chunk::<CHECK>().ok_or_else(damaged)?;
    let content = rest.get(HEAD..).ok_or_else(damaged)?;
    if rest[..HEAD] != head(key, content.len()) || Sha256::digest(rest).as_slice() != sum {
        return Err(damaged());
    }
    // Says when it was used last; where it may not, it counts as old.
    let _ = file.set_modified(SystemTime::now());
    bytes.truncate(length as usize - CHECK);
    bytes.drain(..HEAD);
    Ok(bytes)
}

fn has_end(path: &Path, end: &str) -> bool {
    path.extension().is_some_and(|extension| extension == end)
}

fn seen(entry: &fs::DirEntry) -> Option<Seen> {
    let about = entry.metadata().ok().filter(fs::Metadata::is_file)?;
    let path = entry.path();
    let ours = has_end(&path, WHOLE) || has_end(&path, PART);
    let used = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    ours.then_some(Seen { path, bytes: about.len(), used })
}

/// Whether it is a file that nobody writes to any more; it is removed.
fn is_abandoned(file: &Seen) -> bool {
    let age = SystemTime::now().duration_since(file.used).unwrap_or_default();
    has_end(&file.path, PART) && age > ABANDONED && fs::remove_file(&file.path).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Key = [1; 32];
    const B: Key = [2; 32];
    const C: Key = [3; 32];

    fn disk(limit: u64) -> (tempfile::TempDir, Disk) {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::new(folder.path().join("kept"), limit);
        (folder, disk)
    }

    fn keep(disk: &Disk, key: &Key, content: &[u8]) {
        disk.write(key, content, &|| false).unwrap();
    }

    /// Says of a file that it was used some minutes ago.
    fn age(disk: &Disk, key: &Key, minutes: u64) {
        let file = File::options().write(true).open(disk.path(key)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(60 * minutes)).unwrap();
    }

    fn names(disk: &Disk) -> usize {
        fs::read_dir(&disk.folder).unwrap().count()
    }

    #[test]
    fn what_was_kept_is_read_back() {
        let (_folder, disk) = disk(1 << 20);
        assert_eq!(disk.read(&A), None, "no folder yet");
        let long: Vec<u8> = (0..600_000_u32).map(|i| i as u8).collect();
        for (key, content) in [(A, long.as_slice()), (B, b"b"), (C, b"")] {
            keep(&disk, &key, content);
            assert!(disk.has(&key));
            assert_eq!(disk.read(&key).as_deref(), Some(content));
        }
        keep(&disk, &B, b"b");
        assert_eq!(names(&disk), 3);
    }

    #[test]
    fn whatever_is_damaged_is_refused_and_removed() {
        let (_folder, disk) = disk(1 << 20);
        keep(&disk, &A, b"content");
        let good = fs::read(disk.path(&A)).unwrap();
        let mut spoilt: Vec<Vec<u8>> = (0..good.len()).map(|n| good[..n].to_vec()).collect();
        spoilt.extend((0..good.len()).map(|n| {
            let mut bytes = good.clone();
            bytes[n] ^= 0x10;
            bytes
        }));
        spoilt.push([good.as_slice(), b"\0"].concat());
        for bytes in spoilt {
            fs::write(disk.path(&A), &bytes).unwrap();
            assert_eq!(disk.read(&A), None, "{bytes:?}");
            assert!(!disk.has(&A));
        }
    }

    #[test]
    fn a_file_under_another_name_is_not_taken_for_it() {
        let (_folder, disk) = disk(1 << 20);
        keep(&disk, &A, b"content");
        fs::rename(disk.path(&A), disk.path(&B)).unwrap();
        assert_eq!((disk.read(&A), disk.read(&B)), (None, None));
    }

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let (_folder, disk) = disk(2 * whole(100));
        keep(&disk, &A, &[0; 100]);
        keep(&disk, &B, &[0; 100]);
        age(&disk, &A, 20);
        age(&disk, &B, 10);
        assert!(disk.read(&A).is_some());
        keep(&disk, &C, &[0; 100]);
        assert_eq!([&A, &B, &C].map(|key| disk.has(key)), [true, false, true]);
    }

    #[test]
    fn what_has_no_room_by_itself_drives_nothing_out() {
        let (_folder, disk) = disk(whole(100));
        keep(&disk, &A, &[0; 100]);
        keep(&disk, &B, &[0; 101]);
        assert!(disk.has(&A) && !disk.has(&B));
    }

    #[test]
    fn a_stop_leaves_nothing_behind() {
        let (_folder, disk) = disk(1 << 22);
        let asked = std::cell::Cell::new(0);
        let stop = || asked.replace(asked.get() + 1) == 2;
        disk.write(&A, &vec![0; 3 * PIECE], &stop).unwrap();
        assert_eq!(names(&disk), 0);
    }

    #[test]
    fn what_a_crash_left_is_removed_and_what_is_being_written_is_not() {
        let (_folder, disk) = disk(1 << 20);
        keep(&disk, &A, b"a");
        for (name, minutes) in [("1-0.part", 1), ("2-0.part", 100)] {
            let file = File::create(disk.folder.join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(60 * minutes)).unwrap();
        }
        fs::write(disk.folder.join("notes.txt"), "somebody's").unwrap();
        keep(&disk, &B, b"b");
        assert_eq!(names(&disk), 4);
        assert!(!disk.folder.join("2-0.part").exists());
    }

    #[test]
    fn a_folder_that_cannot_be_is_an_error_and_no_more() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let disk = Disk::new(file.path().join("below a file"), 1 << 20);
        assert!(disk.write(&A, b"a", &|| false).is_err());
        assert_eq!(disk.read(&A), None);
    }

    #[test]
    fn several_writers_and_readers_never_see_half_of_one() {
        let (_folder, disk) = disk(3 * whole(PIECE));
        let contents: Vec<Vec<u8>> = (0..8).map(|n| vec![n; PIECE]).collect();
        std::thread::scope(|scope| {
            for at in 0..4 {
                let (disk, contents) = (&disk, &contents);
                scope.spawn(move || {
                    for n in (0..40).map(|i| (i * 3 + at) % 8) {
                        // Another may sweep the folder at the same time, which is no failure.
                        let _ = disk.write(&[n as u8; 32], &contents[n], &|| false);
                        let read = disk.read(&[n as u8; 32]);
                        assert!(read.is_none_or(|read| read == contents[n]));
                    }
                });
            }
        });
        keep(&disk, &A, b"a");
        let total: u64 =
            fs::read_dir(&disk.folder).unwrap().map(|f| f.unwrap().metadata().unwrap().len()).sum();
        assert!(total <= disk.limit);
    }
}
