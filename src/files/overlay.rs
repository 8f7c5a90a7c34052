//! A user's folder of texts, to be laid over built-in material.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// How many folders deep a file is looked for. A bank is one deep; the rest lets misplaced files
/// be named, and ends a walk through a home folder that was named by mistake.
const DEEPEST: usize = 3;

/// A text file of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Its path within the folder, `/` between the parts.
    pub path: String,
    /// Its path.
    pub file: PathBuf,
    /// What it says.
    pub text: String,
}

/// A file or folder that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", file.display())]
pub struct Unread {
    /// Its path.
    pub file: PathBuf,
    /// Why not.
    pub why: Why,
}

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// It is not text.
    #[error("the file is not UTF-8 text: it holds the byte {byte:#04x}")]
    NotText {
        /// The first byte that is wrong.
        byte: u8,
        /// The line it stands in, from 1.
        line: usize,
    },
    /// It is too large for text that people write.
    #[error("the file has more than {LARGEST} bytes")]
    TooLarge,
    /// It is a device, a pipe or a socket, which might never end.
    #[error("this is no ordinary file")]
    NotAFile,
    /// It leads back to a folder it lies in.
    #[error("the link leads back to a folder that it lies in")]
    Loop,
    /// The system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Why {
    /// The line where it shows, from 1.
    pub fn line(&self) -> usize {
        match self {
            Self::NotText { line, .. } => *line,
            Self::TooLarge | Self::NotAFile | Self::Loop | Self::Io(_) => 1,
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NotText { .. } => "save it as UTF-8",
            Self::TooLarge => "split it: one entry a file",
            Self::NotAFile => "put an ordinary file in its place",
            Self::Loop => "take the link out",
            Self::Io(_) => "check that it exists and that you may read it",
        }
    }
}

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Overlay {
    /// The texts, ordered by path.
    pub texts: Vec<Text>,
    /// What could not be read.
    pub unread: Vec<Unread>,
}

/// Reads the files of a folder, and of the folders up to three deep in it, whose names end in
/// `.extension`. Hidden ones are passed over; links are followed.
pub fn read_overlay(folder: &Path, extension: &str) -> Overlay {
    let mut reader = Reader { extension, overlay: Overlay::default(), within: Vec::new() };
    reader.visit(folder, "");
    reader.overlay.texts.sort_by(|a, b| a.path.cmp(&b.path));
    reader.overlay
}

/// SHA-256 over paths and texts in their order, in hexadecimal. Lengths are part of it, so that
/// no two folders share a digest by moving text from one file to the next.
pub fn digest<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut sha = Sha256::new();
    for piece in texts.into_iter().flat_map(|(path, text)| [path, text]) {
        sha.update((piece.len() as u64).to_le_bytes());
        sha.update(piece);
    }
    sha.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

struct Reader<'a> {
    extension: &'a str,
    overlay: Overlay,
    /// The folders being read, outermost first, with links resolved.
    within: Vec<PathBuf>,
}

impl Reader<'_> {
    fn visit(&mut self, file: &Path, path: &str) {
        if let Err(why) = self.try_visit(file, path) {
            self.overlay.unread.push(Unread { file: file.to_owned(), why });
        }
    }

    fn try_visit(&mut self, file: &Path, path: &str) -> Result<(), Why> {
        let metadata = fs::metadata(file)?;
        if metadata.is_dir() {
            return self.folder(file, path);
        }
        if file.extension().is_some_and(|e| e == self.extension) {
            if !metadata.is_file() {
                return Err(Why::NotAFile);
            }
            let text = text(file)?;
            self.overlay.texts.push(Text { path: path.to_owned(), file: file.to_owned(), text });
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Path, path: &str) -> Result<(), Why> {
        let real = fs::canonicalize(folder)?;
        if self.within.contains(&real) {
            return Err(Why::Loop);
        }
        if self.within.len() > DEEPEST {
            return Ok(());
        }
        self.within.push(real);
        let entries: Result<Vec<_>, io::Error> = fs::read_dir(folder)?.collect();
        for entry in entries? {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') {
                self.visit(&entry.path(), &joined(path, &name));
            }
        }
        self.within.pop();
        Ok(())
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

fn text(file: &Path) -> Result<String, Why> {
    let mut bytes = Vec::new();
    File::open(file)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Why::TooLarge);
    }
    String::from_utf8(bytes).map_err(|error| {
        let (at, bytes) = (error.utf8_error().valid_up_to(), error.as_bytes());
        let line = bytes[..at].split(|byte| *byte == b'\n').count();
        Why::NotText { byte: bytes[at], line }
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Why, digest, read_overlay};

    #[test]
    fn files_are_found_by_their_ending_at_any_depth_and_hidden_ones_are_not() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("questions")).unwrap();
        for name in ["questions/b.toml", "questions/.b.toml", "questions/b.md", "a.toml"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let overlay = read_overlay(folder.path(), "toml");
        let paths: Vec<&str> = overlay.texts.iter().map(|t| t.path.as_str()).collect();
        assert_eq!(paths, ["a.toml", "questions/b.toml"]);
        assert_eq!(overlay.texts[1].text, "questions/b.toml");
        assert!(overlay.unread.is_empty());
    }

    #[test]
    fn what_is_no_text_is_named_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.toml"), b"id = 1\nsay = \"\xff\"\n").unwrap();
        fs::write(folder.path().join("b.toml"), vec![b' '; (1 << 20) + 1]).unwrap();
        let mut unread = read_overlay(folder.path(), "toml").unread;
        unread.sort_by(|a, b| a.file.cmp(&b.file));
        assert!(matches!(unread[0].why, Why::NotText { byte: 0xff, line: 2 }));
        assert!(matches!(unread[1].why, Why::TooLarge));
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_back_or_nowhere_end() {
        let folder = tempfile::tempdir().unwrap();
        let link = |to: &str, name: &str| {
            std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
        };
        link(".", "back");
        link("itself", "itself");
        link("/dev/zero", "endless.toml");
        let mut unread = read_overlay(folder.path(), "toml").unread;
        unread.sort_by(|a, b| a.file.cmp(&b.file));
        assert!(matches!(unread[0].why, Why::Loop));
        assert!(matches!(unread[1].why, Why::NotAFile));
        assert!(matches!(unread[2].why, Why::Io(_)));
        assert_eq!(unread.len(), 3);
    }

    #[test]
    fn a_digest_tells_apart_what_joins_to_the_same_text() {
        let one = digest([("a", "bc"), ("d", "")]);
        assert_eq!(one.len(), 64);
        assert_ne!(one, digest([("a", "b"), ("cd", "")]));
        assert_ne!(one, digest([("a", "bcd")]));
        assert_eq!(one, digest([("a", "bc"), ("d", "")]));
    }
}
