//! Whether what is on the shelf is what it claims to be, to the last bit.

use std::io;
use std::path::PathBuf;

use super::shelf::{file_size, hash};
use super::{Artifact, Digest, Piece, Shelf};

/// A file is not what it claims to be.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is not there.
    #[error("{name} is not here; `viva models pull {name}` fetches it")]
    Absent {
        /// The model.
        name: String,
    },
    /// A file of its name has another size.
    #[error("{} has {found} bytes where {expected} are expected; `viva models pull {name}` \
             fetches it anew", .path.display())]
    WrongSize {
        /// The model.
        name: String,
        /// The file.
        path: PathBuf,
        /// Bytes it has.
        found: u64,
        /// What the catalogue says.
        expected: u64,
    },
    /// Its bytes are not the ones of the catalogue.
    #[error(
        "{} has SHA-256 {found} where {expected} is expected; `viva models rm {name}` and \
         `viva models pull {name}` fetch it anew", .path.display()
    )]
    WrongDigest {
        /// The model.
        name: String,
        /// The file.
        path: PathBuf,
        /// What it has.
        found: Digest,
        /// What the catalogue says.
        expected: Digest,
    },
    /// It cannot be read.
    #[error("cannot read {}: {cause}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
}

impl Shelf {
    /// Hashes a model's files and compares; `step` hears how many bytes of all are done.
    pub fn verify(
        &self,
        artifact: &Artifact<'_>,
        step: &mut dyn FnMut(u64),
    ) -> Result<(), VerifyError> {
        let mut before = 0;
        for piece in &artifact.pieces {
            self.verify_piece(artifact.name, piece, &mut |done| step(before + done))?;
            before += piece.size;
        }
        Ok(())
    }

    fn verify_piece(
        &self,
        name: &str,
        piece: &Piece,
        step: &mut dyn FnMut(u64),
    ) -> Result<(), VerifyError> {
        let (name, path) = (name.to_owned(), self.piece(piece));
        match file_size(&path) {
            None => return Err(VerifyError::Absent { name }),
            Some(found) if found != piece.size => {
                return Err(VerifyError::WrongSize { name, path, found, expected: piece.size });
            }
            Some(_) => {}
        }
        let expected = piece.sha256;
        match hash(&path, step) {
            Ok(found) if found == expected => Ok(()),
            Ok(found) => Err(VerifyError::WrongDigest { name, path, found, expected }),
            Err(cause) => Err(VerifyError::Unreadable { path, cause }),
        }
    }
}
