//! Exports as CSV: the admin centre's list of devices, or a script's list of Graph's. The only file that depends on
//! CSV.

use csv::{ErrorKind, Position, ReaderBuilder, StringRecord, WriterBuilder};
use strum::VariantArray as _;

use super::columns::Column;
use super::export::{DeviceField, Export, ExportPlace, ExportRow};
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};

/// Delimiters of fields: that of Graph's tools, that of Excel where a comma is the decimal sign, and that of text
/// copied from a table.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// The rows of a list with a column for each field; the first line has their titles.
pub(crate) fn read(text: &str, at: ExportPlace) -> Result<Export, Diagnostic> {
    let (body, delimiter) = body(text);
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
    let titles = reader.headers().map_err(|error| wrong(&error))?;
    let mut columns: Vec<(usize, Column)> =
        titles.iter().enumerate().filter_map(|(at, title)| Some((at, Column::of(title)?))).collect();
    columns.sort_by_key(|(at, column)| (column.is_localised, *at));
    if !columns.iter().any(|(_, column)| column.field == Some(DeviceField::Id)) {
        let found = Diagnostic::new(Code::Export, at.line(text, base), "no column is called `Device ID`");
        return Err(found.help(
            "use the export of `All devices` in English, French, German or Spanish, or name the column `Device ID`",
        ));
    }
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| wrong(&error))? {
        let place = at.line(text, start(record.position()));
        let mut row = ExportRow::at(place);
        for (at, column) in &columns {
            row.keep(*column, record.get(*at).unwrap_or_default(), place);
        }
        rows.push(row);
    }
    Ok(Export { rows, more: None })
}

/// The text from its titles on, and its delimiter. Windows PowerShell writes a line `#TYPE …` before the titles, Excel
/// `sep=;`.
fn body(text: &str) -> (&str, u8) {
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
    let has_id = |delimiter: &u8| {
        let mut fields = titles.split(char::from(*delimiter));
        fields.any(|title| {
            Column::of(title.trim().trim_matches('"')).is_some_and(|column| column.field == Some(DeviceField::Id))
        })
    };
    (body, given.or_else(|| DELIMITERS.into_iter().find(has_id)).unwrap_or(b','))
}

/// An export as CSV with the fields of the fleet only: read again, it holds the same.
pub(crate) fn write(export: &Export) -> String {
    let given =
        |field: &DeviceField| *field == DeviceField::Id || export.rows.iter().any(|row| row.get(*field).is_some());
    let fields: Vec<DeviceField> = DeviceField::VARIANTS.iter().copied().filter(given).collect();
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    let whole = "memory takes all";
    writer.write_record(fields.iter().map(|field| field.title())).expect(whole);
    for row in &export.rows {
        writer.write_record(fields.iter().map(|field| row.get(*field).map_or("", |spot| spot.value))).expect(whole);
    }
    String::from_utf8(writer.into_inner().expect(whole)).expect("it was made from strings")
}
