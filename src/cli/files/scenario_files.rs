//! Reads scenarios and the files that they include, and writes reports. Must not know a format.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::run::Part;
use crate::scenario::limits::FILE_BYTES_MAX;
use crate::scenario::{Diagnostics, Loaded, Overrides, Quoting, Source, load_unless_stopped, shipped};

use super::folder::{self, Folder, reason};
use crate::cli::args::definition::ScenarioFlags;
use crate::cli::process::atomic_file::AtomicFile;
use crate::cli::process::stop::Stop;

/// Bytes of a part of a forecast, which is read into memory, at most; a larger file was probably named by mistake.
const PART_BYTES_MAX: u64 = 4 << 30;
/// Bytes of a report to compare with, at most: ten times one of a year and ten thousand messages.
const REPORT_BYTES_MAX: u64 = 256 << 20;
/// Bytes that are read first, to recognise a part before a large file is read.
const PART_HEAD_BYTES: u64 = 64;

/// Why a scenario cannot be used.
#[derive(Debug)]
pub(crate) enum Unusable {
    /// It cannot be read; with the reason.
    Unreadable(String),
    /// It is invalid; with all diagnostics.
    Invalid(Box<Diagnostics>),
    /// A signal came before it was read and checked.
    Stopped,
}

/// Reads and checks a scenario; `-` is standard input, `example:NAME` a shipped one.
///
/// # Errors
/// See [`Unusable`].
pub(crate) fn scenario(path: &str, flags: &ScenarioFlags, stop: &Stop) -> Result<Loaded, Unusable> {
    Texts::read(path, flags)?.load(flags, stop)
}

/// The texts of a scenario, each read once, so that every load sees the same ones: standard input can be read only
/// once, and a file may change while many forecasts are made of it.
#[derive(Debug)]
pub(crate) struct Texts {
    root: Source,
    /// The folder that contains all files it may name; a scenario that is not a file may name shipped ones only.
    folder: Option<Folder>,
    included: BTreeMap<String, Result<Vec<u8>, String>>,
}

impl Texts {
    /// Reads the scenario's own text; included files are read on the first load.
    ///
    /// # Errors
    /// [`Unusable::Unreadable`].
    pub(crate) fn read(path: &str, flags: &ScenarioFlags) -> Result<Self, Unusable> {
        if let Some(name) = path.strip_prefix(shipped::PREFIX) {
            return shipped::scenario(name).map(Self::of).map_err(Unusable::Unreadable);
        }
        let unreadable = |reason: String| Unusable::Unreadable(format!("cannot read {path}: {reason}"));
        let (root, place) = if path == "-" {
            (Source::new("standard input", text(io::stdin().lock()).map_err(unreadable)?), "")
        } else {
            let text = folder::open(Path::new(path)).and_then(text).map_err(unreadable)?;
            (Source::new(path, text).quoting(quoting(path)), path)
        };
        let folder = Folder::of(place, flags.include_root.as_deref()).map_err(Unusable::Unreadable)?;
        Ok(Self { root, folder: Some(folder), included: BTreeMap::new() })
    }

    /// A scenario that is not a file.
    pub(crate) fn of(root: Source) -> Self {
        Self { root, folder: None, included: BTreeMap::new() }
    }

    /// Checks the scenario under these flags.
    ///
    /// # Errors
    /// [`Unusable::Invalid`] or [`Unusable::Stopped`].
    pub(crate) fn load(&mut self, flags: &ScenarioFlags, stop: &Stop) -> Result<Loaded, Unusable> {
        let overrides = Overrides { sets: flags.sets.clone(), seed: flags.seed, profile: flags.profile.clone() };
        let (included, folder) = (&mut self.included, self.folder.as_ref());
        let open = |path: &str| {
            let folder = folder.ok_or_else(|| "it lies outside the program".to_owned())?;
            folder.allow(path).and_then(|path| folder::open(&path)).and_then(limited)
        };
        let mut read = |path: &str| {
            let read = || shipped::beside(path).unwrap_or_else(|| open(path));
            included.entry(path.to_owned()).or_insert_with(read).clone()
        };
        let loaded = load_unless_stopped(&self.root, &mut read, &overrides, stop.shared_flag());
        loaded.map_err(|found| Unusable::Invalid(Box::new(found)))?.ok_or(Unusable::Stopped)
    }
}

/// Whether diagnostics quote lines of a scenario's own file. They do for a file with the ending of a scenario that does
/// not link to one without; any other file may have been named in order to have it printed.
fn quoting(path: &str) -> Quoting {
    let real = Path::new(path).canonicalize();
    let is_called_so = |path: &Path| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
    if real.is_ok_and(|real| is_called_so(&real)) { Quoting::Lines } else { Quoting::LinesOfToml }
}

/// At most one byte more than a file may have, so that an endless one is refused instead of read.
fn limited(from: impl io::Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    from.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
    Ok(bytes)
}

/// The same, as text.
fn text(from: impl io::Read) -> Result<String, String> {
    let read = String::from_utf8(limited(from)?);
    read.map_err(|error| format!("not UTF-8 at byte {}", error.utf8_error().valid_up_to()))
}

/// Why a file cannot be written. The file itself need not exist, but its directory must.
pub(crate) fn reason_to_write(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such directory".to_owned(),
        _ => reason(error),
    }
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

/// The peak memory of this process, in bytes, if the operating system reports it.
pub(crate) fn peak_rss_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}
