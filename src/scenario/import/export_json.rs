//! Exports as JSON: managedDevices as Graph answers, or the bare list that a script keeps of it. Must not interpret a
//! field's value.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::columns::Column;
use super::export::{DeviceField, Export, ExportPlace, ExportRow};
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};

/// Members of an answer that hold the devices: of Graph, and of the Reports API.
const LISTS: [&str; 2] = ["value", "values"];
const NEXT: &str = "@odata.nextLink";

/// The members of an object; the last of two with one name counts.
type Members<'t> = BTreeMap<String, &'t RawValue>;

/// Reads one value after the other: an answer with its devices in `value`, a list of devices or of answers, a device by
/// itself, or a line for each of these.
pub(crate) fn read(text: &str, at: ExportPlace) -> Result<Export, Diagnostic> {
    let body = text.trim_start_matches('\u{feff}');
    let mut reading = Reading { text, at, base: text.len() - body.len(), export: Export::default() };
    for value in serde_json::Deserializer::from_str(body).into_iter::<&RawValue>() {
        let value = value.map_err(|error| reading.not_json(body, &error))?;
        reading.value(value)?;
    }
    Ok(reading.export)
}

/// The export while it is read.
struct Reading<'t> {
    text: &'t str,
    at: ExportPlace,
    /// Where the first value may begin.
    base: usize,
    export: Export,
}

impl<'t> Reading<'t> {
    /// A value that stands by itself.
    fn value(&mut self, value: &'t RawValue) -> Result<(), Diagnostic> {
        match serde_json::from_str::<Vec<&RawValue>>(value.get()) {
            Ok(items) => items.into_iter().try_for_each(|item| self.item(item, false)),
            Err(_) => self.item(value, true),
        }
    }

    /// An answer with devices, or one device.
    fn item(&mut self, item: &'t RawValue, is_alone: bool) -> Result<(), Diagnostic> {
        let members: Option<Members<'t>> = serde_json::from_str(item.get()).ok();
        let place = self.at.line(self.text, self.start_of(item));
        let Some(members) = members else {
            let message = if is_alone { NO_LIST } else { "a device that is not an object" };
            return Err(Diagnostic::new(Code::Export, place, message).help(SAVE));
        };
        let list = LISTS.iter().find_map(|name| serde_json::from_str::<Vec<&RawValue>>(members.get(*name)?.get()).ok());
        if let Some(devices) = list {
            let link = members.get(NEXT).filter(|link| link.get() != "null");
            // Of several pages only the last may link to another one.
            self.export.more = link.map(|link| self.at.line(self.text, self.start_of(link)));
            return devices.into_iter().try_for_each(|device| self.device(device));
        }
        let is_device =
            members.keys().filter_map(|name| Column::of(name)).any(|column| column.field == Some(DeviceField::Id));
        if is_alone && !is_device {
            return Err(Diagnostic::new(Code::Export, place, NO_LIST).help(SAVE));
        }
        self.device(item)
    }

    fn device(&mut self, device: &'t RawValue) -> Result<(), Diagnostic> {
        let place = self.at.line(self.text, self.start_of(device));
        let Ok(members) = serde_json::from_str::<Members<'t>>(device.get()) else {
            return Err(Diagnostic::new(Code::Export, place, "a device that is not an object").help(SAVE));
        };
        let known = members.into_iter().filter_map(|(name, value)| Some((Column::of(&name)?, value)));
        let mut known: Vec<(Column, &RawValue)> = known.collect();
        known.sort_by_key(|(column, _)| column.is_localised);
        let mut row = ExportRow::at(place);
        for (column, value) in known {
            if let Some(word) = scalar(value) {
                let start = self.start_of(value);
                row.keep(column, &word, self.at.place(start, start + value.get().len()));
            }
        }
        self.export.rows.push(row);
        Ok(())
    }

    fn start_of(&self, part: &RawValue) -> usize {
        part.get().as_ptr().addr() - self.text.as_ptr().addr()
    }

    fn not_json(&self, body: &str, error: &serde_json::Error) -> Diagnostic {
        let start = self.base + byte_of(body, error.line(), error.column());
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default();
        let found = Diagnostic::new(Code::Export, self.at.line(self.text, start), format!("this is not JSON: {said}"));
        found.help("an export that breaks off was not saved whole: export it once more")
    }
}

const NO_LIST: &str = "neither a list of devices, nor an answer of Graph with one in `value`";
const SAVE: &str = "save the answer to GET deviceManagement/managedDevices";

/// A text, a number or a flag; anything else counts as `null`.
fn scalar(value: &RawValue) -> Option<String> {
    let text = value.get();
    match text.as_bytes().first()? {
        b'"' => serde_json::from_str(text).ok(),
        b't' | b'f' | b'-' | b'0'..=b'9' => Some(text.to_owned()),
        _ => None,
    }
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
