//! Exports as CSV: the list of devices of the admin centre, or what a script made of Graph's. The only file that knows CSV.

use csv::{ErrorKind, Position, ReaderBuilder, StringRecord, WriterBuilder};

use super::diagnostic::{Code, Diagnostic};
use super::export::{At, Export, Field, Row};

/// The rows of a list with a column for each field; the first line has their titles.
pub(crate) fn read(text: &str, at: At) -> Result<Export, Diagnostic> {
    let body = text.trim_start_matches('\u{feff}');
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
        found.help("a value with a comma in it stands in quotes; export the list once more")
    };
    let mut reader = ReaderBuilder::new().from_reader(body.as_bytes());
    let titles = reader.headers().map_err(|error| wrong(&error))?;
    let columns: Vec<Option<Field>> = titles.iter().map(Field::of).collect();
    if !columns.contains(&Some(Field::Id)) {
        let found = Diagnostic::new(Code::Export, at.line(text, base), "no column is called `Device ID`");
        let is_elsewhere = titles.len() == 1 && titles.iter().any(|title| title.contains([';', '\t']));
        return Err(found.help(if is_elsewhere {
            "save it with commas between the fields"
        } else {
            "use the export of `All devices`; only its column titles may stand in the first line"
        }));
    }
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| wrong(&error))? {
        let place = at.line(text, start(record.position()));
        let mut row = Row::at(place);
        for (field, value) in columns.iter().zip(&record) {
            if let Some(field) = field {
                row.keep(*field, value, place);
            }
        }
        rows.push(row);
    }
    Ok(Export { rows, more: None })
}

/// An export as CSV with nothing in it but what a fleet is made from: read again, it holds the same.
pub(crate) fn write(export: &Export) -> String {
    let told = |field: &Field| *field == Field::Id || export.rows.iter().any(|row| row.get(*field).is_some());
    let fields: Vec<Field> = Field::ALL.into_iter().filter(told).collect();
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    let whole = "memory takes all";
    writer.write_record(fields.iter().map(|field| field.title())).expect(whole);
    for row in &export.rows {
        writer.write_record(fields.iter().map(|field| row.get(*field).map_or("", |spot| spot.value))).expect(whole);
    }
    String::from_utf8(writer.into_inner().expect(whole)).expect("it was made from strings")
}
