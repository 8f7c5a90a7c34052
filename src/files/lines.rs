//! A file of lines that grows by one for each piece of work, so that a run that was stopped goes on.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// What the file at `path` holds, and the file, to append to; it is begun where there is none.
///
/// A run that was killed may have left half a line, and in it half a character: the next line
/// begins on its own all the same.
pub fn continued(path: &Path) -> io::Result<(String, File)> {
    let before = match std::fs::read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    if !before.is_empty() && !before.ends_with('\n') {
        writeln!(file)?;
    }
    Ok((before, file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_off_is_no_part_of_the_next_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lines");
        let (before, mut file) = continued(&path).expect("a new file");
        assert_eq!(before, "");
        file.write_all(b"one\ntw\xc3").expect("room");
        let (before, mut file) = continued(&path).expect("the file");
        assert_eq!(before, "one\ntw\u{fffd}");
        writeln!(file, "two").expect("room");
        let whole = continued(&path).expect("the file").0;
        assert_eq!(whole.lines().collect::<Vec<_>>(), ["one", "tw\u{fffd}", "two"]);
    }
}
