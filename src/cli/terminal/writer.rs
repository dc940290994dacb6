//! What is printed where: data to standard output, everything else to standard error, coloured only where it is seen. The one
//! writer of the program: a name in a scenario, a part or a baseline, a path, or an answer of a server may hold anything, and
//! nothing that is not seen gets through it.

use clap::ValueEnum;
use std::io::{self, IsTerminal as _, Write as _};

use crate::report::Ink;
use crate::rules::base::visible::{self, Notation};
use crate::scenario::Paint;

use super::log::{LogFormat, PEOPLE};

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How to talk to whoever started the program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    /// Colours on standard output.
    pub(crate) out: Ink,
    /// Colours on standard error.
    pub(crate) err: Ink,
    /// No start line, no progress.
    pub(crate) quiet: bool,
    /// The form of standard error.
    pub(crate) log: LogFormat,
}

impl Terminal {
    pub(crate) fn new(when: When, quiet: bool, log: LogFormat) -> Self {
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
    pub(crate) fn paint(self) -> Paint {
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
    pub(crate) fn note(self, line: &str) {
        say(line);
    }

    /// Several lines for people, or one with colours: names in it are on one line already (`visible::one_line`, `Ink::finish`).
    #[expect(clippy::unused_self, reason = "it is said like everything else")]
    pub(crate) fn notes(self, lines: &str) {
        tracing::info!(target: PEOPLE, "{lines}");
    }

    /// A line for people who want to know more.
    #[expect(clippy::unused_self, reason = "it is said like everything else")]
    pub(crate) fn detail(self, line: &str) {
        let line = visible::one_line(line);
        tracing::debug!(target: PEOPLE, "{line}");
    }

    /// What went wrong; never silenced.
    #[expect(clippy::unused_self, reason = "an error is said like everything else")]
    pub(crate) fn error(self, what: &str) {
        let what = visible::one_line(what);
        tracing::error!(target: PEOPLE, "{what}");
    }

    /// A text for people to standard output, finished with the ink of standard output.
    ///
    /// # Errors
    /// If it could not be written.
    pub(crate) fn page(self, text: &str) -> anyhow::Result<()> {
        write(&match self.out {
            Ink::Plain => visible::lines(text),
            Ink::Colour => visible::painted(text),
        })
    }
}

/// The convention of no-color.org: set and not empty.
fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// A line to standard error, unless quiet is wanted. If nobody reads it any more, nobody can be told.
pub(crate) fn say(line: &str) {
    let line = visible::one_line(line);
    tracing::info!(target: PEOPLE, "{line}");
}

/// Lines that quiet does not silence, with colours or without.
pub(crate) fn caution(lines: &str) {
    tracing::warn!(target: PEOPLE, "{lines}");
}

/// Our own data to standard output, byte for byte: schemas, completions, tokens. On a terminal nothing unseen is in it.
///
/// # Errors
/// If it could not be written.
pub(crate) fn data(text: &str) -> anyhow::Result<()> {
    if io::stdout().is_terminal() { write(&visible::document(text, Notation::Braces)) } else { write(text) }
}

/// A document with texts of others to standard output, in which they say the same without a character that is not seen.
///
/// # Errors
/// If it could not be written.
pub(crate) fn document(text: &str, notation: Notation) -> anyhow::Result<()> {
    write(&visible::document(text, notation))
}

/// A reader that has seen enough and hung up is no error.
fn write(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(anyhow::Error::new(error).context("cannot write to standard output"))
        }
        _ => Ok(()),
    }
}
