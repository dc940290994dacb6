//! Reads files that decide who may do what, and refuses those that other users of the machine can read or change. The
//! check is of the open file, not of a name that could be changed meanwhile. Must not know a format.

use std::fs::{File, Metadata};
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};

/// Bytes of such a file, at most: a list of all applications of a large tenant is smaller.
const BYTES_MAX: u64 = 16 << 20;

/// What a file has in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileContent {
    /// Keys or tokens: other users must not read it. A group may, since service managers pass secrets that way.
    Secret,
    /// Hashes, names and public keys: other users must not change it.
    Configuration,
}

/// The text of a file.
///
/// # Errors
/// If it cannot be read, or others can do what they must not, with the remedy.
pub(super) fn read(path: &Path, content: FileContent) -> anyhow::Result<String> {
    read_found(path, content)?.with_context(|| format!("cannot read {}: no such file", path.display()))
}

/// A file whose text says what it has in it, as `parse` finds out.
///
/// # Errors
/// As [`read`], and those of `parse`.
pub(super) fn read_judged<T>(
    path: &Path,
    parse: impl FnOnce(&str) -> anyhow::Result<(T, FileContent)>,
) -> anyhow::Result<T> {
    let opened = open(path)?.with_context(|| format!("cannot read {}: no such file", path.display()))?;
    // What others can write is not parsed at all.
    check(path, &opened.about, FileContent::Configuration)?;
    let about = opened.about.clone();
    let (parsed, content) = parse(&opened.text(path)?)?;
    check(path, &about, content)?;
    Ok(parsed)
}

/// The text of a file, or `None` if there is no such file.
///
/// # Errors
/// As [`read`].
pub(super) fn read_found(path: &Path, content: FileContent) -> anyhow::Result<Option<String>> {
    let Some(opened) = open(path)? else { return Ok(None) };
    check(path, &opened.about, content)?;
    opened.text(path).map(Some)
}

/// An open file, and what the system says of it.
struct Opened {
    file: File,
    about: Metadata,
}

/// Opens a file, if there is one.
fn open(path: &Path) -> anyhow::Result<Option<Opened>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        opened => opened.with_context(|| format!("cannot read {}", path.display()))?,
    };
    let about = file.metadata().with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Some(Opened { file, about }))
}

impl Opened {
    fn text(self, path: &Path) -> anyhow::Result<String> {
        let mut text = String::new();
        let read = self.file.take(BYTES_MAX + 1).read_to_string(&mut text);
        read.with_context(|| format!("cannot read {}", path.display()))?;
        ensure!(text.len() as u64 <= BYTES_MAX, "{} has more than {BYTES_MAX} bytes", path.display());
        Ok(text)
    }
}

/// Checks the permissions of an open file.
///
/// # Errors
/// What others can do, and the remedy.
pub(super) fn check(path: &Path, about: &Metadata, content: FileContent) -> anyhow::Result<()> {
    let path = path.display();
    match content {
        FileContent::Secret if mode(about) & 0o027 != 0 => {
            bail!("{path} can be read or written by other users of this machine, and has secrets: chmod 600 {path}")
        }
        FileContent::Configuration if mode(about) & 0o002 != 0 => {
            bail!("{path} can be written by every user of this machine, and says who may do what: chmod o-w {path}")
        }
        FileContent::Secret | FileContent::Configuration => Ok(()),
    }
}

/// Checks that a folder is for its owner alone.
///
/// # Errors
/// That it is not, and the remedy.
pub(super) fn check_folder(path: &Path) -> anyhow::Result<()> {
    let about = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    let path = path.display();
    if mode(&about) & 0o077 != 0 {
        bail!("{path} can be entered by other users of this machine, and keeps keys and tokens: chmod 700 {path}");
    }
    Ok(())
}

/// The permissions of a file; on systems without them nothing is refused.
#[cfg(unix)]
fn mode(about: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    about.permissions().mode()
}

#[cfg(not(unix))]
fn mode(_: &Metadata) -> u32 {
    0
}
