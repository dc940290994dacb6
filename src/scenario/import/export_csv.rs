//! Exports as CSV: a list of an admin centre, or a script's list of Graph's. The only file that depends on CSV.

use std::borrow::Cow;

use csv::{ErrorKind, Position, ReaderBuilder, StringRecord, WriterBuilder};

use super::entry::{ExportEntry, ExportNoun, ExportText, ExportValue};
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};

/// Delimiters of fields: that of Graph's tools, that of Excel where a comma is the decimal sign, and that of text
/// copied from a table.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// The rows of a list with a column for each title; the first line has the titles.
pub(crate) fn each(
    export: ExportText<'_>,
    noun: &ExportNoun,
    visit: &mut dyn FnMut(ExportEntry<'_>),
) -> Result<(), Diagnostic> {
    let ExportText { text, at, .. } = export;
    let (body, delimiter) = body(text, noun.is_needed);
    let base = text.len() - body.len();
    let start = |position: Option<&Position>| {
        let byte = position.map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0));
        (base + byte).min(text.len())
    };
    let wrong = |error: &csv::Error| {
        let message = match error.kind() {
            ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("a line of {len} fields under {expected_len} titles")
            }
            _ => "this is not CSV".to_owned(),
        };
        let found = Diagnostic::new(Code::Export, at.line(text, start(error.position())), message);
        found.help("a value with the separator in it stands in quotes; export the list once more")
    };
    let mut reader = ReaderBuilder::new().delimiter(delimiter).from_reader(body.as_bytes());
    let titles = reader.headers().map_err(|error| wrong(&error))?.clone();
    if !titles.iter().any(noun.is_needed) {
        let (message, help) = noun.no_title;
        return Err(Diagnostic::new(Code::Export, at.line(text, base), message).help(help));
    }
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| wrong(&error))? {
        let place = at.line(text, start(record.position()));
        let value = |(title, value)| ExportValue { title: Cow::Borrowed(title), value: Cow::Borrowed(value), place };
        let values = titles.iter().zip(&record).map(value).collect();
        visit(ExportEntry { place, values, nested: None, has_more_nested: false });
    }
    Ok(())
}

/// The text from its titles on, and its delimiter. Windows PowerShell writes a line `#TYPE …` before the titles, Excel
/// `sep=;`.
fn body(text: &str, is_needed: fn(&str) -> bool) -> (&str, u8) {
    let mut body = text.trim_start_matches('\u{feff}');
    let mut given = None;
    loop {
        let (line, rest) = body.split_once('\n').unwrap_or((body, ""));
        let line = line.trim_end_matches('\r').trim_matches('"');
        match line.strip_prefix("sep=").map(str::as_bytes) {
            Some([delimiter]) => given = Some(*delimiter),
            _ if line.starts_with("#TYPE") => {}
            _ => break,
        }
        body = rest;
    }
    let titles = body.lines().next().unwrap_or_default();
    let has_needed = |delimiter: &u8| {
        let mut fields = titles.split(char::from(*delimiter));
        fields.any(|title| is_needed(title.trim().trim_matches('"')))
    };
    (body, given.or_else(|| DELIMITERS.into_iter().find(has_needed)).unwrap_or(b','))
}

/// A list as CSV: titles, and a value for each of them in every row.
pub(crate) fn write(titles: &[&str], rows: impl Iterator<Item = Vec<impl AsRef<[u8]>>>) -> String {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    let whole = "memory takes all";
    writer.write_record(titles).expect(whole);
    for row in rows {
        writer.write_record(row).expect(whole);
    }
    String::from_utf8(writer.into_inner().expect(whole)).expect("it was made from strings")
}
