//! Which files a scenario may name: regular files below one folder. Must not read files.

use super::io_reason::reason;
use std::fs::{self, File, FileType, Metadata};
use std::path::{Component, Path, PathBuf};

/// `..` steps of one path, at most; no hand-written path has more.
const CLIMBS_MAX: usize = 256;

/// The folder below which a scenario's includes and exports lie.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    /// The folder that paths are relative to, with links resolved.
    base: PathBuf,
    /// Length of that folder's part in a path that was resolved against the scenario, in bytes.
    prefix: usize,
    /// The folder that paths must not leave, with links resolved.
    limit: PathBuf,
}

impl Folder {
    /// The folder of a scenario's file, or the one that `--include-root` names. For standard input it is the current
    /// one.
    ///
    /// # Errors
    /// Why the named folder cannot be used.
    pub(crate) fn of(scenario: &str, include_root: Option<&Path>) -> Result<Self, String> {
        let separators: &[char] = if cfg!(windows) { &['/', '\\'] } else { &['/'] };
        let prefix = scenario.rfind(separators).map_or(0, |at| at + 1);
        let folder = if prefix == 0 { Path::new(".") } else { Path::new(&scenario[..prefix]) };
        let base = folder.canonicalize().map_err(|error| reason(&error))?;
        let limit = match include_root {
            None => base.clone(),
            Some(root) => {
                let wrong = |why: &str| format!("--include-root {}: {why}", root.display());
                let limit = root.canonicalize().map_err(|error| wrong(&reason(&error)))?;
                if !limit.is_dir() {
                    return Err(wrong("it is no directory"));
                }
                limit
            }
        };
        Ok(Self { base, prefix, limit })
    }

    /// The file at a path that was resolved against the scenario, with links resolved.
    ///
    /// # Errors
    /// Why it may not be read. A path outside the folder is not looked up, so the error does not reveal whether a file
    /// exists.
    pub(crate) fn allow(&self, path: &str) -> Result<PathBuf, String> {
        let outside = || "it lies outside the scenario's folder".to_owned();
        let below = path.get(self.prefix..).unwrap_or(path);
        let written = plain(&self.base.join(below)).ok_or_else(outside)?;
        if !written.starts_with(&self.limit) {
            return Err(outside());
        }
        // The path is inside by its text; a link may still lead out.
        let real = self.base.join(below).canonicalize().map_err(|error| reason(&error))?;
        if real.starts_with(&self.limit) { Ok(real) } else { Err(outside()) }
    }
}

/// Removes `.` and `..` from a path, by its text alone.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    let mut climbs = 0;
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                climbs += 1;
                if climbs > CLIMBS_MAX || !out.pop() {
                    return None;
                }
            }
            component => out.push(component),
        }
    }
    Some(out)
}

/// Opens a regular file. Others are refused before they are opened: opening a FIFO waits for a writer, and reading a
/// device may block for ever or have side effects.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn open(path: &Path) -> Result<File, String> {
    let regular = |found: &Metadata| match kind(found.file_type()) {
        None => Ok(()),
        Some(kind) => Err(format!("it is {kind}, and not a regular file")),
    };
    regular(&fs::metadata(path).map_err(|error| reason(&error))?)?;
    let file = File::open(path).map_err(|error| reason(&error))?;
    // The file may have been replaced in between.
    regular(&file.metadata().map_err(|error| reason(&error))?)?;
    Ok(file)
}

/// The kind of file at a path, if it exists and is not a regular file.
pub(crate) fn other_kind(path: &Path) -> Option<&'static str> {
    kind(fs::metadata(path).ok()?.file_type())
}

/// The kind of file, unless it is a regular one.
fn kind(of: FileType) -> Option<&'static str> {
    if of.is_file() {
        return None;
    }
    if of.is_dir() {
        return Some("a directory");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if of.is_fifo() {
            return Some("a pipe (give its text on standard input, as `-`)");
        }
        if of.is_socket() {
            return Some("a socket");
        }
        if of.is_char_device() || of.is_block_device() {
            return Some("a device");
        }
    }
    Some("something else")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_paths_that_leave_are_recognised_by_their_text() {
        let plain = |path: &str| plain(Path::new(path)).map(|path| path.display().to_string());
        assert_eq!(plain("/a/b/../c/./d"), Some("/a/c/d".to_owned()));
        assert_eq!(plain("/a/../.."), None);
        assert_eq!(plain(&format!("/a{}", "/b/..".repeat(CLIMBS_MAX + 1))), None);
    }

    #[test]
    fn a_path_outside_the_folder_is_not_looked_up() {
        let folder = Folder::of("Cargo.toml", None).expect("the current folder is one");
        assert!(folder.allow("Cargo.toml").is_ok() && folder.allow("src/../Cargo.toml").is_ok());
        for path in ["../x.toml", "src/../../x.toml", "../nothing/there.toml", "/etc/passwd"] {
            assert_eq!(folder.allow(path).err().as_deref(), Some("it lies outside the scenario's folder"), "{path}");
        }
        let wider = Folder::of("src/lib.rs", Some(Path::new("."))).expect("the current folder is one");
        assert!(wider.allow("src/../Cargo.toml").is_ok());
        assert!(Folder::of("src/lib.rs", None).expect("it is one").allow("src/../Cargo.toml").is_err());
        assert!(Folder::of("Cargo.toml", Some(Path::new("Cargo.toml"))).is_err());
    }
}
