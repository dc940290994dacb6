//! What is printed where: data to standard output, everything else to standard error, coloured only where it is seen.

use std::io::{self, IsTerminal as _, Write as _};

use crate::report::Ink;
use crate::scenario::Paint;

use super::args::When;
use super::log::{LogFormat, PEOPLE};

/// How to talk to whoever started the program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terminal {
    /// Colours on standard output.
    pub(super) out: Ink,
    /// Colours on standard error.
    pub(super) err: Ink,
    /// No start line, no progress.
    pub(super) quiet: bool,
    /// The form of standard error.
    pub(super) log: LogFormat,
}

impl Terminal {
    pub(super) fn new(when: When, quiet: bool, log: LogFormat) -> Self {
        let ink = |is_terminal: bool| match when {
            When::Always => Ink::Colour,
            When::Auto if is_terminal && !no_color() => Ink::Colour,
            When::Auto | When::Never => Ink::Plain,
        };
        let err = match log {
            LogFormat::Text => ink(io::stderr().is_terminal()),
            LogFormat::Json => Ink::Plain,
        };
        Self { out: ink(io::stdout().is_terminal()), err, quiet, log }
    }

    /// The colours of diagnostics.
    pub(super) fn paint(self) -> Paint {
        match self.err {
            Ink::Plain => Paint::Plain,
            Ink::Colour => Paint::Colour,
        }
    }

    /// Is there somebody who watches a bar?
    pub(super) fn has_watcher(self) -> bool {
        self.log == LogFormat::Text && io::stderr().is_terminal()
    }

    /// A line for people; nothing if they want quiet.
    #[expect(clippy::unused_self, reason = "it is said like everything else")]
    pub(super) fn note(self, line: &str) {
        say(line);
    }

    /// A line for people who want to know more.
    #[expect(clippy::unused_self, reason = "it is said like everything else")]
    pub(super) fn detail(self, line: &str) {
        tracing::debug!(target: PEOPLE, "{line}");
    }

    /// What went wrong; never silenced.
    #[expect(clippy::unused_self, reason = "an error is said like everything else")]
    pub(super) fn error(self, what: &str) {
        tracing::error!(target: PEOPLE, "{what}");
    }
}

/// The convention of no-color.org: set and not empty.
fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// A line to standard error, unless quiet is wanted. If nobody reads it any more, nobody can be told.
pub(super) fn say(line: &str) {
    tracing::info!(target: PEOPLE, "{line}");
}

/// A line that quiet does not silence.
pub(super) fn caution(line: &str) {
    tracing::warn!(target: PEOPLE, "{line}");
}

/// Data to standard output. A reader that has seen enough and hung up is no error.
///
/// # Errors
/// If it could not be written.
pub(super) fn data(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(anyhow::Error::new(error).context("cannot write to standard output"))
        }
        _ => Ok(()),
    }
}
