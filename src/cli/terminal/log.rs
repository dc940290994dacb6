//! What goes to standard error, as text for people or as one JSON object a line. Everything that is said passes here, and here
//! characters that are not seen are written as `\u{…}`; nothing here knows a message's text, and data never comes this way.

use std::fmt;
use std::io::{self, Write};

use clap::ValueEnum;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::{Compact, Format, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt as layer};

use crate::report::Ink;
use crate::rules::base::visible::{self, Notation};

/// The target of what is written for people: as text it stands alone, without time and level.
pub(crate) const PEOPLE: &str = "reveille::people";

/// The form of what goes to standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// From now on events go to standard error: all of warnings and errors, unless quiet is wanted the rest for people, and the more
/// of what happens inside the more `verbose` it is. Our own colours are let through if there is ink.
pub(crate) fn start(format: LogFormat, ink: Ink, quiet: bool, verbose: u8) {
    let level = match (quiet, verbose) {
        (true, _) => LevelFilter::WARN,
        (false, 0) => LevelFilter::INFO,
        (false, 1) => LevelFilter::DEBUG,
        (false, 2..) => LevelFilter::TRACE,
    };
    // What libraries say of themselves is nobody's business here.
    let ours = Targets::new().with_target("reveille", level);
    let to_stderr = layer::layer().with_writer(move || Cleaning { format, ink }).log_internal_errors(false);
    let started = match format {
        LogFormat::Text => {
            let to_stderr = to_stderr.with_ansi(false).event_format(Plain(layer::format().compact()));
            tracing_subscriber::registry().with(to_stderr.with_filter(ours)).try_init()
        }
        LogFormat::Json => {
            let to_stderr = to_stderr.json().flatten_event(true).with_current_span(false).with_span_list(false);
            tracing_subscriber::registry().with(to_stderr.with_filter(ours)).try_init()
        }
    };
    // A second start in one process, as in a test, goes on with the first.
    drop(started);
}

/// Words for people as they are, everything else with time, level and fields.
struct Plain(Format<Compact>);

impl<S, N> FormatEvent<S, N> for Plain
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        if event.metadata().target() != PEOPLE {
            return self.0.format_event(context, out, event);
        }
        if *event.metadata().level() == Level::ERROR {
            out.write_str("error: ")?;
        }
        let mut words = Words(String::new());
        event.record(&mut words);
        writeln!(out, "{}", words.0)
    }
}

/// Standard error, as the one way to it: an event comes whole, in one write.
struct Cleaning {
    format: LogFormat,
    ink: Ink,
}

impl Write for Cleaning {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let clean = match (self.format, self.ink) {
            (LogFormat::Json, _) => visible::document(&text, Notation::Json),
            (LogFormat::Text, Ink::Plain) => visible::lines(&text),
            (LogFormat::Text, Ink::Colour) => visible::painted(&text),
        };
        io::stderr().lock().write_all(clean.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}

/// An event's message; its fields are for programs.
struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
