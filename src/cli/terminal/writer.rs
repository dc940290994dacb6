//! The one writer of the program: data to standard output, everything else to standard error, colours only on a
//! terminal. A name in a scenario, a part or a baseline, a path, or a server's answer may contain anything; invisible
//! characters must not pass through here.

use clap::ValueEnum;
use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;

use crate::report::{Ink, ReportLength, Screen};
use crate::rules::base::visible::{self, Notation};
use crate::scenario::Paint;

use super::log::{ADDRESSES, LogFormat, PEOPLE};

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

/// How to write to the user's terminal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    /// Colours and columns of standard output.
    pub(crate) out: Screen,
    /// Those of standard error.
    pub(crate) err: Screen,
    /// No start line, no progress.
    pub(crate) quiet: bool,
    /// How much of a report is printed.
    pub(crate) length: ReportLength,
    /// The form of standard error.
    pub(crate) log: LogFormat,
}

impl Terminal {
    pub(crate) fn new(when: When, (quiet, length): (bool, ReportLength), log: LogFormat) -> Self {
        let ink = |is_terminal: bool| match when {
            When::Always => Ink::Colour,
            When::Auto if is_terminal && !no_color() => Ink::Colour,
            When::Auto | When::Never => Ink::Plain,
        };
        let err = match log {
            LogFormat::Text => ink(io::stderr().is_terminal()),
            LogFormat::Json => Ink::Plain,
        };
        let columns = columns();
        let out = Screen::new(ink(io::stdout().is_terminal()), columns);
        Self { out, err: Screen::new(err, columns), quiet, length, log }
    }

    /// The colours of diagnostics.
    pub(crate) fn paint(self) -> Paint {
        match self.err.ink() {
            Ink::Plain => Paint::Plain,
            Ink::Colour => Paint::Colour,
        }
    }

    /// Is standard error a terminal for people, where a progress bar or a text to paste is of use?
    pub(crate) fn has_watcher(self) -> bool {
        self.log == LogFormat::Text && io::stderr().is_terminal()
    }

    /// Prints a line for people, unless `quiet` is set.
    #[expect(clippy::unused_self, reason = "a method like the other outputs")]
    pub(crate) fn note(self, line: &str) {
        say(line);
    }

    /// Prints several lines for people, or one with colours; names in them are already on one line
    /// (`visible::one_line`, `Ink::finish`).
    #[expect(clippy::unused_self, reason = "a method like the other outputs")]
    pub(crate) fn notes(self, lines: &str) {
        tracing::info!(target: PEOPLE, "{lines}");
    }

    /// Prints a line with an address, unless `quiet` is set and the port was given: a free port is known from here alone.
    pub(crate) fn address(self, line: &str, asked: SocketAddr) {
        if self.tells(asked) {
            let line = visible::one_line(line);
            tracing::info!(target: ADDRESSES, "{line}");
        }
    }

    /// Is the line with an address printed that was asked for like this?
    pub(crate) fn tells(self, asked: SocketAddr) -> bool {
        !self.quiet || asked.port() == 0
    }

    /// Prints a line for people if `verbose` is set.
    #[expect(clippy::unused_self, reason = "a method like the other outputs")]
    pub(crate) fn detail(self, line: &str) {
        let line = visible::one_line(line);
        tracing::debug!(target: PEOPLE, "{line}");
    }

    /// Prints an error, even if `quiet` is set.
    #[expect(clippy::unused_self, reason = "a method like the other outputs")]
    pub(crate) fn error(self, what: &str) {
        let what = visible::one_line(what);
        tracing::error!(target: PEOPLE, "{what}");
    }

    /// Prints a text for people to standard output, finished with the ink of standard output.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn page(self, text: &str) -> anyhow::Result<()> {
        write(&match self.out.ink() {
            Ink::Plain => visible::lines(text),
            Ink::Colour => visible::painted(text),
        })
    }
}

/// Columns of the terminal: `COLUMNS`, as for other tools, else those of the terminal that standard output is; `None`
/// if it is none.
fn columns() -> Option<usize> {
    let given = std::env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse().ok());
    let terminal = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    given.filter(|columns| *columns > 0).or_else(terminal)
}

/// The convention of no-color.org: set and not empty.
fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// Prints a line to standard error, unless `quiet` is set. A write error is ignored: there is no other place to report
/// it.
pub(crate) fn say(line: &str) {
    let line = visible::one_line(line);
    tracing::info!(target: PEOPLE, "{line}");
}

/// Prints lines that `quiet` does not suppress, with or without colours.
pub(crate) fn caution(lines: &str) {
    tracing::warn!(target: PEOPLE, "{lines}");
}

/// Prints the program's own data to standard output, byte for byte: schemas, completions, tokens. On a terminal,
/// invisible characters are escaped.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn data(text: &str) -> anyhow::Result<()> {
    if io::stdout().is_terminal() { write(&visible::document(text, Notation::Braces)) } else { write(text) }
}

/// Prints a document that contains foreign texts to standard output; invisible characters are written in the document's
/// own notation.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn document(text: &str, notation: Notation) -> anyhow::Result<()> {
    write(&visible::document(text, notation))
}

/// A reader that closes the pipe early is not an error.
fn write(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(anyhow::Error::new(error).context("cannot write to standard output"))
        }
        _ => Ok(()),
    }
}
