//! Opening the file.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::{StoreError, schema};

/// How long to wait before trying again what `SQLite` does not wait for itself.
const PAUSE: Duration = Duration::from_millis(10);

/// Opens the file for reading and writing, made and brought up to date where that is needed.
/// `patience` is how long to wait for other writers.
pub(super) fn open(path: &Path, patience: Duration) -> Result<Connection, StoreError> {
    create(path)?;
    let at = StoreError::at(path);
    // Without the create flag: the file is there, with the permissions we gave it.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(at)?;
    connection.busy_timeout(patience).map_err(at)?;
    schema::check(&connection, path)?;
    prepare(&mut connection, patience).map_err(at)?;
    Ok(connection)
}

/// Makes the journal durable and its schema current.
///
/// Two processes that switch a new file to write-ahead mode wait for each other's lock, and
/// `SQLite` then fails one of them at once, whatever its timeout: so that one tries again.
fn prepare(connection: &mut Connection, patience: Duration) -> rusqlite::Result<()> {
    let deadline = Instant::now() + patience;
    loop {
        match durable(connection).and_then(|()| schema::migrate(connection)) {
            Err(error) if busy(&error) && Instant::now() < deadline => std::thread::sleep(PAUSE),
            outcome => return outcome,
        }
    }
}

/// Sets what the module's documentation promises. The first is kept in the file, the others
/// belong to the connection.
fn durable(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)
}

fn busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
}

/// Makes folder and file where they are missing: 0700 and 0600.
///
/// A file that exists is not opened here. Closing it would drop the locks that other connections
/// of this process hold on it, which is how POSIX locks are.
fn create(path: &Path) -> Result<(), StoreError> {
    if let Some(folder) = path.parent() {
        private_folder().create(folder).map_err(|error| StoreError::create(folder, error))?;
    }
    match private_file().open(path) {
        Ok(_) => {
            flush_folders(path);
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::create(path, error)),
    }
}

/// Flushes the names that lead to a new file. `SQLite` flushes the file and the folder it is in;
/// folders above may be as new, and would take it with them in a power cut. Some systems cannot
/// flush a folder, or not one of others: those have nothing more to offer.
fn flush_folders(path: &Path) {
    for folder in path.ancestors().skip(1) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

fn private_folder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
