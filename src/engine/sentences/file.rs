//! Reading a file whole, if it is one of a length that makes sense.

use std::fs;
use std::path::Path;

use super::error::{SentencesError, SentencesFault};

/// The largest model of this kind has 1.4 GB.
const MOST_BYTES: u64 = 2_000_000_000;

/// What `read` makes of a file's bytes; a fault is told with the file's path.
pub(super) fn within<T>(
    path: &Path,
    read: impl FnOnce(&[u8]) -> Result<T, SentencesFault>,
) -> Result<T, SentencesError> {
    let outcome = bytes(path).and_then(|bytes| read(&bytes));
    outcome.map_err(|fault| SentencesError { path: path.to_owned(), fault })
}

fn bytes(path: &Path) -> Result<Vec<u8>, SentencesFault> {
    // Asked before opening: opening a pipe would wait for its other end.
    let about = fs::metadata(path)?;
    if !about.is_file() {
        return Err(SentencesFault::NotAFile);
    }
    if about.len() > MOST_BYTES {
        return Err(SentencesFault::TooLong { bytes: about.len(), most: MOST_BYTES });
    }
    Ok(fs::read(path)?)
}
