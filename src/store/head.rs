//! The head file: the number of the last commit, beside the database. `SQLite` takes a damaged log for a shorter one; a
//! database whose last commit is before that of the head has lost some. Must not be synced: after a power cut it may be
//! older than the database, which is no harm.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::error::StoreError;
use super::stored_input::shortened;

/// The first bytes of the file.
const MAGIC: &[u8; 8] = b"RVLHEAD1";
/// Bytes of the file: the magic, the number, a checksum of both.
const BYTES: usize = 32;

/// The open file.
#[derive(Debug)]
pub(super) struct Head {
    path: PathBuf,
    file: File,
}

impl Head {
    /// The number of the last commit that the file tells of; `None` if there is no file, as in a restored copy of the database.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and [`StoreError::Io`].
    pub(super) fn last(path: &Path) -> Result<Option<u64>, StoreError> {
        let mut bytes = Vec::new();
        match File::open(path) {
            Ok(mut file) => file.read_to_end(&mut bytes).map_err(|error| io_error(path, &error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error(path, &error)),
        };
        let number = bytes.get(8..16).map_or([0; 8], |number| number.try_into().expect("it has 8 bytes"));
        let number = u64::from_le_bytes(number);
        if bytes == written(number) {
            return Ok(Some(number));
        }
        Err(StoreError::Damaged {
            path: path.to_owned(),
            place: "the number of the last commit".to_owned(),
            what: "its checksum does not fit it; if the database is whole, remove this file".to_owned(),
        })
    }

    /// Opens the file to write numbers.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub(super) fn open(path: &Path, number: u64) -> Result<Self, StoreError> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| io_error(path, &error))?;
        let mut head = Self { path: path.to_owned(), file };
        head.write(number)?;
        // Its length is never changed again, so that a power cut leaves an older number and not half of a file.
        head.file.sync_all().map_err(|error| io_error(path, &error))?;
        Ok(head)
    }

    /// Writes the number of a commit that is on disk.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub(super) fn write(&mut self, number: u64) -> Result<(), StoreError> {
        let wrote = self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.write_all(&written(number)));
        wrote.map_err(|error| io_error(&self.path, &error))
    }
}

/// The content of the file.
fn written(number: u64) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..16].copy_from_slice(&number.to_le_bytes());
    let mut hash = Sha256::new();
    hash.update(&bytes[..16]);
    bytes[16..].copy_from_slice(&shortened(hash));
    bytes
}

/// An error of the system at a file.
pub(super) fn io_error(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Io { path: path.to_owned(), cause: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flipped_bit_or_a_lost_byte_is_found() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("head");
        assert_eq!(Head::last(&path), Ok(None));
        let mut head = Head::open(&path, 3).expect("it can be made");
        head.write(4_711).expect("it can be written");
        assert_eq!(Head::last(&path), Ok(Some(4_711)));
        let whole = std::fs::read(&path).expect("it is there");
        for bit in 0..BYTES * 8 {
            let mut damaged = whole.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, &damaged).expect("it can be written");
            assert!(matches!(Head::last(&path), Err(StoreError::Damaged { .. })), "bit {bit}");
        }
        for bytes in 0..BYTES {
            std::fs::write(&path, &whole[..bytes]).expect("it can be written");
            assert!(matches!(Head::last(&path), Err(StoreError::Damaged { .. })), "{bytes} bytes");
        }
    }
}
