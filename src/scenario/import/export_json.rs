//! Exports as JSON: managedDevices as Graph answers, or the bare list that a script keeps of it. Knows no value of a field.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::diagnostic::{Code, Diagnostic};
use super::export::{At, Export, Field, Row};

/// An answer of Graph; its other members do not matter.
#[derive(serde::Deserialize)]
struct Page<'t> {
    #[serde(borrow)]
    value: Vec<&'t RawValue>,
    #[serde(borrow, rename = "@odata.nextLink")]
    more: Option<&'t RawValue>,
}

/// The devices of `{ "value": [ … ] }` or of `[ … ]`.
pub(crate) fn read(text: &str, at: At) -> Result<Export, Diagnostic> {
    let body = text.trim_start_matches('\u{feff}');
    let base = text.len() - body.len();
    let page = if body.trim_start().starts_with('[') {
        serde_json::from_str(body).map(|value| Page { value, more: None })
    } else {
        serde_json::from_str(body)
    };
    let page: Page<'_> = page.map_err(|error| {
        let start = base + byte_of(body, error.line(), error.column());
        if error.is_data() {
            let message = "neither a list of devices, nor an answer of Graph with one in `value`";
            let found = Diagnostic::new(Code::Export, at.line(text, base), message);
            return found.help("save the answer to GET deviceManagement/managedDevices");
        }
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default();
        let found = Diagnostic::new(Code::Export, at.line(text, start), format!("this is not JSON: {said}"));
        found.help("an export that breaks off was not saved whole: export it once more")
    })?;
    let start_of = |part: &RawValue| part.get().as_ptr().addr() - text.as_ptr().addr();
    let mut rows = Vec::with_capacity(page.value.len());
    for device in page.value {
        let place = at.line(text, start_of(device));
        let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(device.get()) else {
            let found = Diagnostic::new(Code::Export, place, "a device that is not an object");
            return Err(found.help("save the answer to GET deviceManagement/managedDevices"));
        };
        let mut row = Row::at(place);
        for (name, value) in members {
            // A field that is no text tells as little as `null`.
            if let (Some(field), Ok(word)) = (Field::of(&name), serde_json::from_str::<String>(value.get())) {
                let start = start_of(value);
                row.keep(field, &word, at.place(start, start + value.get().len()));
            }
        }
        rows.push(row);
    }
    let more = page.more.filter(|link| link.get() != "null").map(|link| at.line(text, start_of(link)));
    Ok(Export { rows, more })
}

/// The byte at a line and a column, which count from 1, and columns in bytes.
fn byte_of(text: &str, line: usize, column: usize) -> usize {
    let line_start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut byte = (line_start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}
