//! The audit log's file: lines are appended, and files are rotated by size, so that the record takes a bounded part of
//! the disk. Must not know what a line says.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::private_file::{self, FileContent};

/// Bytes of one file, at most: some 40,000 lines.
const FILE_BYTES_MAX: u64 = 16 << 20;
/// Files, at most, with the one that is written: 128 MiB together.
const FILES_MAX: u32 = 8;

/// A file that lines are appended to; older lines are in `FILE.1`, the oldest in the file with the highest number.
#[derive(Debug)]
pub(super) struct AuditFile {
    path: PathBuf,
    file: File,
    bytes: u64,
    bytes_max: u64,
    files_max: u32,
}

impl AuditFile {
    /// Opens the file, which is created for its owner alone.
    ///
    /// # Errors
    /// If it cannot be written, or others can read it.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        Self::bounded(path, FILE_BYTES_MAX, FILES_MAX)
    }

    fn bounded(path: &Path, bytes_max: u64, files_max: u32) -> anyhow::Result<Self> {
        let cannot = || format!("cannot write the audit log {}", path.display());
        let file = appended(path).with_context(cannot)?;
        let about = file.metadata().with_context(cannot)?;
        private_file::check(path, &about, FileContent::Secret)?;
        Ok(Self { path: path.to_owned(), file, bytes: about.len(), bytes_max, files_max })
    }

    /// Opens the file anew, as after another program moved it.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) fn reopen(&mut self) -> anyhow::Result<()> {
        *self = Self::bounded(&self.path, self.bytes_max, self.files_max)?;
        Ok(())
    }

    /// Appends a line in one call, after a rotation if the file would become too long.
    ///
    /// # Errors
    /// Those of the system; the line may be lost.
    pub(super) fn append(&mut self, line: &str) -> io::Result<()> {
        if self.bytes > 0 && self.bytes + line.len() as u64 > self.bytes_max {
            self.rotate()?;
        }
        self.file.write_all(line.as_bytes())?;
        self.bytes += line.len() as u64;
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        for number in (1..self.files_max).rev() {
            let from = if number == 1 { self.path.clone() } else { self.numbered(number - 1) };
            match fs::rename(from, self.numbered(number)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        self.file = appended(&self.path)?;
        self.bytes = self.file.metadata()?.len();
        Ok(())
    }

    fn numbered(&self, number: u32) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        name.into()
    }
}

/// The file, to append to; a new one can be read by its owner only.
fn appended(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u64) -> String {
        format!("{number:09}\n")
    }

    #[test]
    fn the_newest_lines_are_kept_in_a_bounded_number_of_files() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("audit.log");
        let mut log = AuditFile::bounded(&path, 40, 3).expect("it can be written");
        for number in 0..50 {
            log.append(&line(number)).expect("it can be written");
            if number == 25 {
                log = AuditFile::bounded(&path, 40, 3).expect("a second start goes on");
            }
        }
        let mut files: Vec<_> = fs::read_dir(folder.path()).expect("it is there").flatten().collect();
        files.sort_by_key(fs::DirEntry::file_name);
        let names: Vec<_> = files.iter().map(|file| file.file_name().into_string().expect("UTF-8")).collect();
        assert_eq!(names, ["audit.log", "audit.log.1", "audit.log.2"]);
        let texts: Vec<_> = files.iter().rev().map(|file| fs::read_to_string(file.path()).expect("text")).collect();
        assert!(texts.iter().all(|text| text.len() <= 40));
        assert_eq!(texts.concat(), (40..50).map(line).collect::<String>());
    }

    #[test]
    fn a_file_that_was_moved_is_opened_anew() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("audit.log");
        let mut log = AuditFile::bounded(&path, 1_000, 3).expect("it can be written");
        log.append(&line(1)).expect("it can be written");
        fs::rename(&path, folder.path().join("moved")).expect("it can be moved");
        log.reopen().expect("it can be written");
        log.append(&line(2)).expect("it can be written");
        assert_eq!(fs::read_to_string(&path).expect("text"), line(2));
    }

    #[cfg(unix)]
    #[test]
    fn others_cannot_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("audit.log");
        drop(AuditFile::open(&path).expect("it can be written"));
        let mode = fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("it is ours");
        let error = AuditFile::open(&path).expect_err("others can read it").to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }
}
