//! An atomic file: written beside its target and renamed when it is complete, so that a reader never sees half a
//! report, and an old one stays until there is a new one. Must not know a format.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::files::io_reason::reason_to_write;

/// Names that are tried for the file beside the target, at most; each is taken only by a process that died.
const NAMES_MAX: u32 = 1_000;

/// Numbers the temporary files of this process.
static NEXT: AtomicU32 = AtomicU32::new(0);
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
    /// The temporary path and its target; `None` for a device or a pipe, which is written to directly.
    renamed: Option<(PathBuf, PathBuf)>,
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
        if let Some((temporary, target)) = &self.renamed {
            // Without a sync, a power cut could leave the new name on an empty file.
            self.file.get_ref().sync_all()?;
            fs::rename(temporary, target)?;
            under_way().remove(temporary);
            self.renamed = None;
        }
        Ok(())
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if let Some((temporary, _)) = &self.renamed {
            // The error that left it unfinished was already reported.
            let _ = fs::remove_file(temporary);
            under_way().remove(temporary);
        }
    }
}

fn cannot_write(path: &str, error: &io::Error) -> anyhow::Error {
    anyhow::anyhow!("cannot write {path}: {}", reason_to_write(error))
}

fn begin(path: &Path) -> io::Result<(File, Option<(PathBuf, PathBuf)>)> {
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
    if let Err(error) = file.set_permissions(old.permissions()) {
        let _ = fs::remove_file(&temporary);
        under_way().remove(&temporary);
        return Err(error);
    }
    Ok((file, Some((temporary, target))))
}

/// A new file in the folder of another.
fn beside(target: &Path) -> io::Result<(File, PathBuf)> {
    let folder = target.parent().unwrap_or(Path::new(""));
    if target.file_name().is_none() || target.to_string_lossy().ends_with('/') {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    for _ in 0..NAMES_MAX {
        let name = format!(".reveille-{}-{}.tmp", std::process::id(), NEXT.fetch_add(1, Relaxed));
        let path = folder.join(name);
        match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(file) => {
                under_way().insert(path.clone());
                return Ok((file, path));
            }
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of one test, empty at first.
    fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("reveille-draft-{}-{name}", std::process::id()));
        // It exists only if a process with this id died before.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).expect("a folder can be made");
        path
    }

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
        let folder = folder("old");
        fs::write(folder.join("a"), "old").expect("it can be written");
        let mut draft = begin_in(&folder, "a");
        draft.write(b"ne").expect("there is room");
        assert_eq!(fs::read(folder.join("a")).expect("it is there"), b"old");
        draft.write(b"w").expect("there is room");
        draft.finish().expect("it is put in its place");
        assert_eq!(
            (names(&folder), fs::read(folder.join("a")).expect("it is there")),
            (vec!["a".to_owned()], b"new".to_vec())
        );
        fs::remove_dir_all(folder).expect("it can be removed");
    }

    #[test]
    fn an_unfinished_file_is_removed() {
        let folder = folder("dropped");
        let mut draft = begin_in(&folder, "a");
        draft.write(&vec![0; 100_000]).expect("there is room");
        assert_eq!(names(&folder).len(), 1, "it is under way");
        drop(draft);
        assert_eq!(names(&folder), [""; 0]);
        fs::remove_dir_all(folder).expect("it can be removed");
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay_as_they_are() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = folder("mode");
        fs::write(folder.join("a"), "old").expect("it can be written");
        fs::set_permissions(folder.join("a"), fs::Permissions::from_mode(0o640))
            .expect("the file belongs to this process");
        std::os::unix::fs::symlink("a", folder.join("link")).expect("a link can be made");
        let mut draft = begin_in(&folder, "link");
        draft.write(b"new").expect("there is room");
        draft.finish().expect("it is put in its place");
        assert!(fs::symlink_metadata(folder.join("link")).expect("it is there").is_symlink());
        assert_eq!(fs::read(folder.join("a")).expect("it is there"), b"new");
        let mode = fs::metadata(folder.join("a")).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        fs::remove_dir_all(folder).expect("it can be removed");
    }

    #[test]
    fn a_folder_is_refused() {
        let folder = folder("folder");
        for path in [folder.display().to_string(), format!("{}/new/", folder.display())] {
            let error = AtomicFile::begin(&path).expect_err("it is a folder").to_string();
            assert!(error.starts_with(&format!("cannot write {path}: ")), "{error}");
        }
        assert_eq!(names(&folder), [""; 0]);
        fs::remove_dir_all(folder).expect("it can be removed");
    }
}
