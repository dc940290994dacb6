//! Exports as JSON: a list as Graph answers, or the bare list that a script keeps of it. Must not interpret a value.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::entry::{ExportEntry, ExportNoun, ExportPlace, ExportText, ExportValue};
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic};
use crate::scenario::diagnostics::source::SourceSpan;

/// Members of an answer that hold the entries: of Graph, and of the Reports API.
const LISTS: [&str; 2] = ["value", "values"];
const NEXT: &str = "@odata.nextLink";
/// The member in which Microsoft's PowerShell keeps properties that its type does not have.
const ADDITIONAL: &str = "AdditionalProperties";

/// The members of an object; the last of two with one name counts.
type Members<'t> = BTreeMap<String, &'t RawValue>;

/// Reads one value after the other: an answer with its entries in `value`, a list of entries or of answers, an entry by
/// itself, or a line for each of these. Returns the place of a link to further pages.
pub(crate) fn each(
    export: ExportText<'_>,
    noun: &ExportNoun,
    visit: &mut dyn FnMut(ExportEntry<'_>),
) -> Result<Option<SourceSpan>, Diagnostic> {
    let ExportText { text, at, .. } = export;
    let body = text.trim_start_matches('\u{feff}');
    let mut reading = Reading { text, at, noun, visit, more: None };
    for value in serde_json::Deserializer::from_str(body).into_iter::<&RawValue>() {
        let value = value.map_err(|error| reading.not_json(body, &error))?;
        reading.value(value)?;
    }
    Ok(reading.more)
}

/// The export while it is read.
struct Reading<'t, 'v> {
    text: &'t str,
    at: ExportPlace,
    noun: &'v ExportNoun,
    visit: &'v mut dyn FnMut(ExportEntry<'_>),
    more: Option<SourceSpan>,
}

impl<'t> Reading<'t, '_> {
    /// A value that stands by itself.
    fn value(&mut self, value: &'t RawValue) -> Result<(), Diagnostic> {
        match serde_json::from_str::<Vec<&RawValue>>(value.get()) {
            Ok(items) => items.into_iter().try_for_each(|item| self.item(item, false)),
            Err(_) => self.item(value, true),
        }
    }

    /// An answer with entries, or one entry.
    fn item(&mut self, item: &'t RawValue, is_alone: bool) -> Result<(), Diagnostic> {
        let members: Option<Members<'t>> = serde_json::from_str(item.get()).ok();
        let Some(members) = members else {
            return Err(if is_alone { self.no_list(item) } else { self.no_object(item) });
        };
        let list = LISTS.iter().find_map(|name| serde_json::from_str::<Vec<&RawValue>>(members.get(*name)?.get()).ok());
        if let Some(entries) = list {
            let link = members.get(NEXT).filter(|link| link.get() != "null");
            // Of several pages only the last may link to another one.
            self.more = link.map(|link| self.line_of(link));
            for entry in entries {
                let members = serde_json::from_str(entry.get()).map_err(|_| self.no_object(entry))?;
                let entry = self.entry(entry, members)?;
                (self.visit)(entry);
            }
            return Ok(());
        }
        let is_entry = members.keys().any(|name| (self.noun.is_needed)(name) || self.is_nested(name));
        if is_alone && !is_entry {
            return Err(self.no_list(item));
        }
        let entry = self.entry(item, members)?;
        (self.visit)(entry);
        Ok(())
    }

    fn entry(&self, entry: &'t RawValue, members: Members<'t>) -> Result<ExportEntry<'t>, Diagnostic> {
        let link = self.noun.nested.map(|nested| format!("{nested}{NEXT}"));
        let has_more_nested = link.is_some_and(|link| members.keys().any(|name| name.eq_ignore_ascii_case(&link)));
        let mut read = ExportEntry {
            place: self.line_of(entry),
            values: Vec::with_capacity(members.len()),
            nested: None,
            has_more_nested,
        };
        for (name, value) in members {
            if let Some(word) = scalar(value) {
                let start = self.start_of(value);
                let place = self.at.place(start, start + value.get().len());
                read.values.push(ExportValue { title: Cow::Owned(name), value: Cow::Owned(word), place });
            } else if self.is_nested(&name) {
                let nested: Vec<&RawValue> = serde_json::from_str(value.get()).unwrap_or_default();
                read.nested = Some(nested.into_iter().map(|inner| self.inner(inner)).collect::<Result<_, _>>()?);
            } else if name == ADDITIONAL
                && let Ok(inner) = serde_json::from_str::<Members<'t>>(value.get())
            {
                read.values.extend(self.entry(value, inner)?.values);
            }
        }
        Ok(read)
    }

    /// An entry in another one.
    fn inner(&self, entry: &'t RawValue) -> Result<ExportEntry<'t>, Diagnostic> {
        let members: Members<'t> = serde_json::from_str(entry.get()).map_err(|_| self.no_object(entry))?;
        let plain = members.into_iter().filter(|(name, _)| !self.is_nested(name)).collect();
        self.entry(entry, plain)
    }

    fn is_nested(&self, name: &str) -> bool {
        self.noun.nested.is_some_and(|nested| name.eq_ignore_ascii_case(nested))
    }

    fn start_of(&self, part: &RawValue) -> usize {
        part.get().as_ptr().addr() - self.text.as_ptr().addr()
    }

    fn line_of(&self, part: &RawValue) -> SourceSpan {
        self.at.line(self.text, self.start_of(part))
    }

    fn no_list(&self, part: &RawValue) -> Diagnostic {
        let message = format!("neither a list of {}s, nor an answer of Graph with one in `value`", self.noun.noun);
        Diagnostic::new(Code::Export, self.line_of(part), message).help(self.noun.save)
    }

    fn no_object(&self, part: &RawValue) -> Diagnostic {
        let message = format!("a {} that is not an object", self.noun.noun);
        Diagnostic::new(Code::Export, self.line_of(part), message).help(self.noun.save)
    }

    fn not_json(&self, body: &str, error: &serde_json::Error) -> Diagnostic {
        let start = self.text.len() - body.len() + byte_of(body, error.line(), error.column());
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default();
        let found = Diagnostic::new(Code::Export, self.at.line(self.text, start), format!("this is not JSON: {said}"));
        found.help("an export that breaks off was not saved whole: export it once more")
    }
}

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
