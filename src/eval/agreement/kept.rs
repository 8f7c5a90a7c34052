//! Margins that were measured before: asking a model about hundreds of answers takes long, fitting
//! and reporting do not.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::domain::Margin;
use crate::files::continued;

/// Margins by what was asked, in a file that grows by a line a row. A run that was stopped goes on
/// where it was; a line that was cut short is measured again.
#[derive(Debug)]
pub struct Kept {
    margins: HashMap<String, Vec<Margin>>,
    file: File,
}

#[derive(Serialize, Deserialize)]
struct Line {
    key: String,
    margins: Vec<Margin>,
}

impl Kept {
    /// Opens or begins the file at `path`.
    pub fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let (before, file) = continued(path)?;
        let lines = before.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        let margins = lines.map(|line| (line.key, line.margins)).collect();
        Ok(Self { margins, file })
    }

    /// The margins kept under `key`.
    pub fn get(&self, key: &str) -> Option<&Vec<Margin>> {
        self.margins.get(key)
    }

    /// Keeps margins under `key`.
    pub fn keep(&mut self, key: &str, margins: &[Margin]) -> io::Result<()> {
        let line = Line { key: key.to_owned(), margins: margins.to_vec() };
        writeln!(self.file, "{}", serde_json::to_string(&line)?)?;
        self.margins.insert(line.key, line.margins);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_there_again_and_a_torn_line_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("eval/margins.jsonl");
        let mut kept = Kept::open(&path).expect("a new file");
        kept.keep("a", &[Margin(0.5), Margin(-1.25)]).expect("room");
        drop(kept);
        fs::write(&path, fs::read_to_string(&path).expect("it") + "{\"key\":\"b\",\"mar")
            .expect("it");
        let mut kept = Kept::open(&path).expect("the file");
        assert_eq!(kept.get("a"), Some(&vec![Margin(0.5), Margin(-1.25)]));
        assert_eq!(kept.get("b"), None);
        kept.keep("b", &[Margin(2.0)]).expect("room");
        let again = Kept::open(&path).expect("the file");
        assert_eq!((again.margins.len(), again.get("b")), (2, Some(&vec![Margin(2.0)])));
    }
}
