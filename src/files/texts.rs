//! The texts of a scenario: its own and those that it includes, each read once. Must not judge a text.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::folder::{self, Folder};
use super::io_reason::reason;
use crate::scenario::limits::FILE_BYTES_MAX;
use crate::scenario::{Diagnostics, Loaded, Overrides, Quoting, Source, load_unless_stopped, names_in, shipped};

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
    pub(crate) fn read(path: &str, include_root: Option<&Path>) -> Result<Self, Unusable> {
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
        let folder = Folder::of(place, include_root).map_err(Unusable::Unreadable)?;
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
    pub(crate) fn load(&mut self, overrides: &Overrides, stop: &CancellationToken) -> Result<Loaded, Unusable> {
        let (included, folder) = (&mut self.included, self.folder.as_ref());
        let mut read = |path: &str| {
            let read = || shipped::beside(path).unwrap_or_else(|| open(path, folder));
            included.entry(path.to_owned()).or_insert_with(read).clone()
        };
        let loaded = load_unless_stopped(&self.root, &mut read, overrides, stop);
        loaded.map_err(|found| Unusable::Invalid(Box::new(found)))?.ok_or(Unusable::Stopped)
    }
}

impl Texts {
    /// The same as [`Texts::load`] with the texts that earlier loads have read.
    ///
    /// # Errors
    /// [`Unusable::Invalid`] or [`Unusable::Stopped`].
    pub(crate) fn load_again(&self, overrides: &Overrides, stop: &CancellationToken) -> Result<Loaded, Unusable> {
        let unread = || Err("it was not read at first".to_owned());
        let mut read = |path: &str| self.included.get(path).cloned().unwrap_or_else(unread);
        let loaded = load_unless_stopped(&self.root, &mut read, overrides, stop);
        loaded.map_err(|found| Unusable::Invalid(Box::new(found)))?.ok_or(Unusable::Stopped)
    }

    /// The names of the tables of a key, such as `fault`, in a scenario that need not be valid.
    pub(crate) fn names(&self, key: &str) -> Vec<String> {
        let folder = self.folder.as_ref();
        names_in(&self.root, &mut |path| shipped::beside(path).unwrap_or_else(|| open(path, folder)), key)
    }
}

/// The bytes of a file that a scenario names.
fn open(path: &str, folder: Option<&Folder>) -> Result<Vec<u8>, String> {
    let folder = folder.ok_or_else(|| "it lies outside the program".to_owned())?;
    folder.allow(path).and_then(|path| folder::open(&path)).and_then(limited)
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
