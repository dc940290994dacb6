//! Reads scenarios and the files that they include, and writes reports. Must not know a format.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::files::texts::{Texts, Unusable};
use crate::run::Part;
use crate::scenario::Loaded;

use crate::cli::args::definition::ScenarioFlags;
use crate::cli::process::atomic_file::AtomicFile;
use crate::cli::process::stop::Stop;
use crate::files::folder;
use crate::files::io_reason::{reason, reason_to_write};

/// Bytes of a part of a forecast, which is read into memory, at most; a larger file was probably named by mistake.
const PART_BYTES_MAX: u64 = 4 << 30;
/// Bytes of a report to compare with, at most: ten times one of a year and ten thousand messages.
const REPORT_BYTES_MAX: u64 = 256 << 20;
/// Bytes that are read first, to recognise a part before a large file is read.
const PART_HEAD_BYTES: u64 = 64;

/// Reads and checks a scenario; `-` is standard input, `example:NAME` a shipped one.
///
/// # Errors
/// See [`Unusable`].
pub(crate) fn scenario(path: &str, flags: &ScenarioFlags, stop: &Stop) -> Result<Loaded, Unusable> {
    Texts::read(path, flags.include_root.as_deref())?.load(&flags.overrides(), stop.token())
}

/// The bytes of a JSON report.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn report(path: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = folder::open(Path::new(path))?;
    file.take(REPORT_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
    if bytes.len() as u64 > REPORT_BYTES_MAX {
        return Err(format!("a report to compare with has at most {REPORT_BYTES_MAX} bytes"));
    }
    Ok(bytes)
}

/// The bytes of a part of a forecast; only the first ones, if they do not begin like a part.
///
/// # Errors
/// Why it cannot be read, with its name.
pub(crate) fn part(path: &str) -> Result<Vec<u8>, String> {
    let path = Path::new(path);
    if let Some(kind) = folder::other_kind(path) {
        return Err(format!("{} is not a part of a forecast: it is {kind}, and not a regular file", path.display()));
    }
    read_part(path).map_err(|reason| format!("cannot read {}: {reason}", path.display()))
}

fn read_part(path: &Path) -> Result<Vec<u8>, String> {
    let file = folder::open(path)?;
    let mut bytes = Vec::new();
    (&file).take(PART_HEAD_BYTES).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
    if !Part::begins_with(&bytes) {
        return Ok(bytes);
    }
    (&file).take(PART_BYTES_MAX).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
    if bytes.len() as u64 > PART_BYTES_MAX {
        return Err(format!("a part has at most {PART_BYTES_MAX} bytes"));
    }
    Ok(bytes)
}

/// Writes a file, new or over an old one, completely or not at all.
///
/// # Errors
/// If it cannot be written, with its name.
pub(crate) fn write(path: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let mut draft = AtomicFile::begin(path)?;
    draft.write(bytes)?;
    draft.finish()
}

/// Writes a file that must not exist yet.
///
/// # Errors
/// If it exists or cannot be written.
pub(crate) fn write_new(path: &str, text: &str) -> anyhow::Result<()> {
    let written = File::create_new(path).and_then(|mut file| io::Write::write_all(&mut file, text.as_bytes()));
    written.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => anyhow::anyhow!("{path} is there already; it is left as it is"),
        _ => anyhow::anyhow!("cannot write {path}: {}", reason_to_write(&error)),
    })
}

/// Writes a file that a new scenario names, and its folder. The same file may be there already.
///
/// # Errors
/// If another one is there, or it cannot be written.
pub(crate) fn write_beside(path: &str, text: &str) -> anyhow::Result<()> {
    if std::fs::read(path).is_ok_and(|found| found == text.as_bytes()) {
        return Ok(());
    }
    if let Some(folder) = Path::new(path).parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| anyhow::anyhow!("cannot write {path}: {}", reason_to_write(&error)))?;
    }
    write_new(path, text)
}
