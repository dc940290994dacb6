//! The folder of a store: whose it is, and the lock by which one process has it. Must not open the database.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::head::io_error;

/// The folder, for as long as this process has it.
#[derive(Debug)]
pub(super) struct StoreFolder {
    path: PathBuf,
    /// Locked until it is dropped.
    _lock: File,
}

impl StoreFolder {
    /// Takes a folder that has a store, or is new or empty if `new` allows it.
    ///
    /// # Errors
    /// Any but those of the database; then nothing has changed on disk.
    pub(super) fn take(path: &Path, new: bool) -> Result<Self, StoreError> {
        if !path.join(DATABASE).exists() {
            if !new {
                return Err(StoreError::Absent(path.to_owned()));
            }
            make(path)?;
        }
        check_private(path, 0o077, "700")?;
        let lock = path.join(LOCK);
        let file = private(&lock)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(io_error(&lock, &error)),
        }
        let folder = Self { path: path.to_owned(), _lock: file };
        if folder.has_database() {
            check_private(&folder.database(), 0o077, "600")?;
        }
        if folder.keys().exists() {
            check_private(&folder.keys(), 0o077, "600")?;
        }
        Ok(folder)
    }

    /// The database.
    pub(super) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// The head file.
    pub(super) fn head(&self) -> PathBuf {
        self.path.join("head")
    }

    /// The file of keys.
    pub(super) fn keys(&self) -> PathBuf {
        self.path.join(KEYS)
    }

    /// Is there a database with something in it? A server may have been ended before it made one.
    pub(super) fn has_database(&self) -> bool {
        fs::metadata(self.database()).is_ok_and(|about| about.len() > 0)
    }

    /// Makes the file of a new database, so that only its owner can read it and what `SQLite` puts beside it.
    pub(super) fn make_database(&self) -> Result<(), StoreError> {
        private(&self.database()).map(drop)
    }

    /// Syncs the names of its files.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        let synced = File::open(&self.path).and_then(|folder| folder.sync_all());
        synced.map_err(|error| io_error(&self.path, &error))
    }
}

/// The file of the database.
const DATABASE: &str = "store.db";
/// The file that is locked.
const LOCK: &str = "lock";
/// The file of keys.
const KEYS: &str = "keys";

/// The file of keys beside a database.
pub(super) fn keys_beside(database: &Path) -> PathBuf {
    database.with_file_name(KEYS)
}

/// Makes a folder, or finds it empty but for what an ended server may have left.
fn make(path: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| io_error(path, &error))?;
    for entry in fs::read_dir(path).map_err(|error| io_error(path, &error))? {
        let name = entry.map_err(|error| io_error(path, &error))?.file_name();
        if name != LOCK {
            let what = format!("it has {}, and no {DATABASE}", name.display());
            return Err(StoreError::Foreign { path: path.to_owned(), what });
        }
    }
    Ok(())
}

/// Opens a file to write, and makes it for its owner alone if it is not there.
pub(super) fn private(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| io_error(path, &error))
}

/// Checks that no other user can do what these bits of the permissions allow.
#[cfg(unix)]
fn check_private(path: &Path, forbidden: u32, wanted: &str) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt as _;
    let about = fs::metadata(path).map_err(|error| io_error(path, &error))?;
    if about.permissions().mode() & forbidden == 0 {
        return Ok(());
    }
    Err(StoreError::Open { path: path.to_owned(), remedy: format!("chmod {wanted} {}", path.display()) })
}

/// On systems without permissions nothing is refused.
#[cfg(not(unix))]
fn check_private(_: &Path, _: u32, _: &str) -> Result<(), StoreError> {
    Ok(())
}
