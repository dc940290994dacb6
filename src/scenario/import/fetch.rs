//! Imports: fetches the exports that a scenario names and puts them into the document. Must not create devices.

use std::collections::BTreeMap;

use super::encoding;
use super::entry::{ExportPlace, ExportText};
use super::export::{self, Export};
use super::groups::{self, GroupExport, MemberExport};
use super::users::{self, UserExport};
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, Diagnostics, shown};
use crate::scenario::diagnostics::limits::{FILE_BYTES_MAX, FILES_MAX, TOTAL_BYTES_MAX};
use crate::scenario::diagnostics::source::{Quoting, Source, SourceSpan};
use crate::scenario::text::document::{DocumentValue, Entry, Node, Table};
use crate::scenario::text::include::{OUTSIDE, Reader, beside, is_relative};

/// The contents of every export that a scenario names, one for each table that may name one.
#[derive(Debug, Default)]
pub(crate) struct Exports {
    /// Of `[[fleet.import]]`.
    pub(crate) devices: Vec<Export>,
    /// Of `[[directory.users]]`.
    pub(crate) users: Vec<UserExport>,
    /// Of `[[directory.groups]]`.
    pub(crate) groups: Vec<GroupExport>,
    /// Of `[[group]]`, by the index of its table.
    pub(crate) members: BTreeMap<usize, MemberExport>,
}

/// Reads every export and puts it, reduced to what the fleet uses, in the place of the file's name: so the hash of a
/// scenario covers it, and a scenario that is sent elsewhere includes it.
pub(crate) fn fetch(root: &mut Table, read: Reader<'_>, out: &mut Diagnostics) -> Exports {
    let devices = ExportFormat { read: export::read, write: export::write, is_needed: true };
    let users = ExportFormat { read: users::read, write: users::write, is_needed: true };
    let groups = ExportFormat { read: groups::read, write: groups::write, is_needed: true };
    let members = ExportFormat { read: groups::read_members, write: groups::write_members, is_needed: false };
    Exports {
        devices: or_empty(devices.fetch(tables(root, &["fleet", "import"]), read, out)),
        users: or_empty(users.fetch(tables(root, &["directory", "users"]), read, out)),
        groups: or_empty(groups.fetch(tables(root, &["directory", "groups"]), read, out)),
        members: members
            .fetch(tables(root, &["group"]), read, out)
            .into_iter()
            .enumerate()
            .filter_map(|(at, found)| Some((at, found?)))
            .collect(),
    }
}

/// One export for each table: an empty one where there is none.
fn or_empty<E: Default>(found: Vec<Option<E>>) -> Vec<E> {
    found.into_iter().map(Option::unwrap_or_default).collect()
}

/// The tables of the array at a path of keys.
fn tables<'r>(root: &'r mut Table, path: &[&str]) -> Vec<(&'r mut Table, SourceSpan)> {
    let Some((key, rest)) = path.split_first() else { return Vec::new() };
    match root.entries.get_mut(*key).map(|entry| &mut entry.node.value) {
        Some(DocumentValue::Table(inner)) => tables(inner, rest),
        Some(DocumentValue::Array(items)) if rest.is_empty() => {
            let table = |item: &'r mut Node| match &mut item.value {
                DocumentValue::Table(table) => Some((table, item.place)),
                _ => None,
            };
            items.iter_mut().filter_map(table).collect()
        }
        _ => Vec::new(),
    }
}

/// How the exports of one kind of table are read and written.
struct ExportFormat<E> {
    read: fn(ExportText<'_>) -> Result<E, Diagnostic>,
    write: fn(&E) -> String,
    /// A table without an export is a mistake.
    is_needed: bool,
}

impl<E> ExportFormat<E> {
    /// The export of each table, if it has a sound one.
    fn fetch(&self, tables: Vec<(&mut Table, SourceSpan)>, read: Reader<'_>, out: &mut Diagnostics) -> Vec<Option<E>> {
        let one = |(table, place): (&mut Table, SourceSpan)| {
            self.one(table, place, read, out).unwrap_or_else(|problem| {
                out.report(problem);
                None
            })
        };
        tables.into_iter().map(one).collect()
    }

    /// The export of one table; `None` if it has none, or if the check of the grammar will report why.
    fn one(
        &self,
        table: &mut Table,
        place: SourceSpan,
        read: Reader<'_>,
        out: &mut Diagnostics,
    ) -> Result<Option<E>, Diagnostic> {
        let conflict = |message: &str| {
            let found = Diagnostic::new(Code::Conflict, place, message);
            found.help("add `file = …`, the path of an export relative to this file")
        };
        match (table.entries.get("file"), table.entries.get("export")) {
            (None, None) if self.is_needed => Err(conflict("an import needs `file`")),
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(conflict("an import has either `file` or `export`")),
            (None, Some(entry)) => {
                let Some(text) = entry.node.as_text() else { return Ok(None) };
                (self.read)(ExportText::inline(text, entry.node.place)).map(Some)
            }
            (Some(entry), None) => {
                let Some(path) = entry.node.as_text() else { return Ok(None) };
                let (key_place, named) = (entry.key_place, entry.node.place);
                let source = file(path, named, read, out)?;
                let Source { name, text, .. } = &out.sources()[source];
                let text = ExportText { name, text, at: ExportPlace::Source(source), named };
                let export = (self.read)(text)?;
                let value = DocumentValue::Text((self.write)(&export));
                let node = Node { value, place: SourceSpan { source, start: 0, end: 0 } };
                table.entries.remove("file");
                table.entries.insert("export".to_owned(), Entry { key_place, node });
                Ok(Some(export))
            }
        }
    }
}

/// The file at `path` as a source.
fn file(path: &str, named: SourceSpan, read: Reader<'_>, out: &mut Diagnostics) -> Result<usize, Diagnostic> {
    let bad = |message: String| Diagnostic::new(Code::Export, named, message);
    if !is_relative(path) {
        let found = bad("the file of an import is a path relative to this file".to_owned());
        return Err(found.help("put the export beside the scenario, and name it without its drive or root"));
    }
    // A path from a flag is relative to the scenario.
    let from = out.source(named);
    let from = if from.name.starts_with("--") { &out.sources()[0] } else { from };
    let full = beside(&from.name, path);
    if out.sources().len() > FILES_MAX {
        return Err(Diagnostic::new(Code::TooMuch, named, "too many files").help("at most 256 in a scenario"));
    }
    let bytes = read(&full).map_err(|why| {
        let found = bad(format!("cannot read {}", shown(&full))).label(shown(&why));
        found.help(OUTSIDE)
    })?;
    let text = encoding::decode(bytes).map_err(|why| bad(why.message).help(why.help))?;
    let bytes: usize = out.sources().iter().map(|source| source.text.len()).sum();
    if text.len() > FILE_BYTES_MAX || bytes + text.len() > TOTAL_BYTES_MAX {
        let found = Diagnostic::new(Code::TooMuch, named, format!("{} is {} bytes long", shown(&full), text.len()));
        return Err(found.help("a file has at most 16 MiB, a scenario with all its files 64 MiB"));
    }
    // Of an export only places are shown: its lines contain names and addresses of people.
    Ok(out.add_source(Source::new(full, text).quoting(Quoting::PlacesOnly)))
}
