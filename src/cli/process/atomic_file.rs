//! An atomic file: written beside its target and renamed when it is complete, so that a reader never sees half a
//! report, and an old one stays until there is a new one. Must not know a format.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempPath;

use crate::files::io_reason::reason_to_write;

/// The temporary files of this process, which are removed if a signal ends the program.
static UNDER_WAY: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn under_way() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all temporary files, which cannot be finished afterwards: the program must end.
pub(super) fn remove_all() {
    for path in std::mem::take(&mut *under_way()) {
        // It may have been renamed just now.
        let _ = fs::remove_file(path);
    }
}

/// A file under way, which replaces its target when finished. If it is dropped unfinished, it is removed.
#[derive(Debug)]
pub(crate) struct AtomicFile {
    /// The path as it was given.
    path: String,
    /// The file that is written.
    file: BufWriter<File>,
    /// The temporary file and its target; `None` for a device or a pipe, which is written to directly.
    renamed: Option<(TempPath, PathBuf)>,
}

impl AtomicFile {
    /// Begins a file, new or over an old one.
    ///
    /// # Errors
    /// If it cannot be written, with its name.
    pub(crate) fn begin(path: &str) -> anyhow::Result<Self> {
        let begun = begin(Path::new(path)).map_err(|error| cannot_write(path, &error))?;
        let (file, renamed) = begun;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file), renamed })
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// If they cannot be written, with the file's name.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.file.write_all(bytes).map_err(|error| cannot_write(&self.path, &error))
    }

    /// Renames it to its target.
    ///
    /// # Errors
    /// If the rest cannot be written, with the file's name; then the old one stays.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        self.put().map_err(|error| cannot_write(&self.path, &error))
    }

    fn put(&mut self) -> io::Result<()> {
        self.file.flush()?;
        if let Some((temporary, target)) = self.renamed.take() {
            let path = temporary.to_path_buf();
            // Without a sync, a power cut could leave the new name on an empty file. An error removes the file.
            let put = self.file.get_ref().sync_all().and_then(|()| temporary.persist(target).map_err(io::Error::from));
            under_way().remove(&path);
            return put;
        }
        Ok(())
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if let Some((temporary, _)) = &self.renamed {
            under_way().remove(&**temporary);
        }
    }
}

fn cannot_write(path: &str, error: &io::Error) -> anyhow::Error {
    anyhow::anyhow!("cannot write {path}: {}", reason_to_write(error))
}

fn begin(path: &Path) -> io::Result<(File, Option<(TempPath, PathBuf)>)> {
    let old = match fs::metadata(path) {
        Ok(old) => old,
        // A dangling link is replaced like a missing file.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let (file, temporary) = beside(path)?;
            return Ok((file, Some((temporary, path.to_owned()))));
        }
        Err(error) => return Err(error),
    };
    // Checks the permission to write to the old file, which a rename would not.
    let opened = OpenOptions::new().write(true).open(path)?;
    if !old.is_file() {
        return Ok((opened, None));
    }
    // The target of a link is replaced, not the link.
    let target = path.canonicalize()?;
    let (file, temporary) = beside(&target)?;
    file.set_permissions(old.permissions()).inspect_err(|_| {
        under_way().remove(&*temporary);
    })?;
    Ok((file, Some((temporary, target))))
}

/// A new file in the folder of another, with the permissions of a new file.
fn beside(target: &Path) -> io::Result<(File, TempPath)> {
    let folder = target.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    if target.file_name().is_none() || target.to_string_lossy().ends_with('/') {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".reveille-").suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let (file, path) = builder.tempfile_in(folder)?.into_parts();
    under_way().insert(path.to_path_buf());
    Ok((file, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("it is there");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn begin_in(folder: &Path, name: &str) -> AtomicFile {
        AtomicFile::begin(folder.join(name).to_str().expect("UTF-8")).expect("it can be begun")
    }

    #[test]
    fn the_old_file_stays_until_the_new_one_is_whole() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        fs::write(folder.path().join("a"), "old").expect("it can be written");
        let mut draft = begin_in(folder.path(), "a");
        draft.write(b"ne").expect("there is room");
        assert_eq!(fs::read(folder.path().join("a")).expect("it is there"), b"old");
        draft.write(b"w").expect("there is room");
        draft.finish().expect("it is put in its place");
        assert_eq!(
            (names(folder.path()), fs::read(folder.path().join("a")).expect("it is there")),
            (vec!["a".to_owned()], b"new".to_vec())
        );
    }

    #[test]
    fn an_unfinished_file_is_removed() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let mut draft = begin_in(folder.path(), "a");
        draft.write(&vec![0; 100_000]).expect("there is room");
        assert_eq!(names(folder.path()).len(), 1, "it is under way");
        drop(draft);
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay_as_they_are() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a folder can be made");
        fs::write(folder.path().join("a"), "old").expect("it can be written");
        fs::set_permissions(folder.path().join("a"), fs::Permissions::from_mode(0o640))
            .expect("the file belongs to this process");
        std::os::unix::fs::symlink("a", folder.path().join("link")).expect("a link can be made");
        let mut draft = begin_in(folder.path(), "link");
        draft.write(b"new").expect("there is room");
        draft.finish().expect("it is put in its place");
        assert!(fs::symlink_metadata(folder.path().join("link")).expect("it is there").is_symlink());
        assert_eq!(fs::read(folder.path().join("a")).expect("it is there"), b"new");
        let mode = fs::metadata(folder.path().join("a")).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }

    #[test]
    fn a_folder_is_refused() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for path in [folder.path().display().to_string(), format!("{}/new/", folder.path().display())] {
            let error = AtomicFile::begin(&path).expect_err("it is a folder").to_string();
            assert!(error.starts_with(&format!("cannot write {path}: ")), "{error}");
        }
        assert_eq!(names(folder.path()), [""; 0]);
    }
}
