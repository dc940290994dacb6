//! What goes to standard error, as text for people or as one JSON object a line. All of it must pass through here,
//! where invisible characters are escaped as `\u{…}`. The texts of messages and data must not be logged.

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

/// The target of events for people, which are printed without time and level.
pub(crate) const PEOPLE: &str = "reveille::people";
/// The target of the lines about addresses that only the server knows. They are printed like those for people, with `quiet` too.
pub(crate) const ADDRESSES: &str = "reveille::addresses";

/// The form of what goes to standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Sends events to standard error from now on: warnings and errors always, notes for people unless `quiet`, and more
/// internal events the higher `verbose` is. The program's own colours pass if `ink` has colours.
pub(crate) fn start(format: LogFormat, ink: Ink, quiet: bool, verbose: u8) {
    let level = match (quiet, verbose) {
        (true, _) => LevelFilter::WARN,
        (false, 0) => LevelFilter::INFO,
        (false, 1) => LevelFilter::DEBUG,
        (false, 2..) => LevelFilter::TRACE,
    };
    // Events of libraries are not printed.
    let ours = Targets::new().with_target("reveille", level).with_target(ADDRESSES, LevelFilter::INFO.max(level));
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
    // A second start in one process, as in a test, keeps the first configuration.
    drop(started);
}

/// Formats events for people without additions, all others with time, level and fields.
struct Plain(Format<Compact>);

impl<S, N> FormatEvent<S, N> for Plain
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        if ![PEOPLE, ADDRESSES].contains(&event.metadata().target()) {
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

/// A writer to standard error that cleans an event and writes it in one call.
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

/// An event's message, without its fields.
struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
