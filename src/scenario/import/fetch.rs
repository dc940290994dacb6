//! Imports: fetches the exports that a scenario names and puts them into the document. Must not create devices.

use super::export::{self, Export, ExportPlace};
use super::{encoding, export_csv};
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, Diagnostics, shown};
use crate::scenario::diagnostics::limits::{FILE_BYTES_MAX, FILES_MAX, TOTAL_BYTES_MAX};
use crate::scenario::diagnostics::source::{Quoting, Source, SourceSpan};
use crate::scenario::text::document::{DocumentValue, Entry, Node, Table};
use crate::scenario::text::include::{OUTSIDE, Reader, beside, is_relative};

/// Reads the export of every import and puts it, reduced to the fields of the fleet, in the place of the file's name:
/// so the hash of a scenario covers the devices, and a scenario that is sent elsewhere includes them. One export for
/// each table.
pub(crate) fn fetch(root: &mut Table, read: Reader<'_>, out: &mut Diagnostics) -> Vec<Export> {
    let fleet = root.entries.get_mut("fleet").map(|entry| &mut entry.node.value);
    let Some(DocumentValue::Table(fleet)) = fleet else { return Vec::new() };
    let imports = fleet.entries.get_mut("import").map(|entry| &mut entry.node.value);
    let Some(DocumentValue::Array(imports)) = imports else { return Vec::new() };
    let mut exports = Vec::with_capacity(imports.len());
    for item in imports {
        let DocumentValue::Table(import) = &mut item.value else { continue };
        let export = one(import, item.place, read, out);
        exports.push(export.unwrap_or_else(|problem| {
            if let Some(problem) = problem {
                out.report(problem);
            }
            Export::default()
        }));
    }
    exports
}

/// The export of one import; `Err(None)` if the check of the grammar will report why there is none.
fn one(
    import: &mut Table,
    place: SourceSpan,
    read: Reader<'_>,
    out: &mut Diagnostics,
) -> Result<Export, Option<Diagnostic>> {
    let conflict = |message: &str| {
        let found = Diagnostic::new(Code::Conflict, place, message);
        Some(found.help("add `file = …`, the path of an export relative to this file"))
    };
    match (import.entries.get("file"), import.entries.get("export")) {
        (None, None) => Err(conflict("an import needs `file`")),
        (Some(_), Some(_)) => Err(conflict("an import has either `file` or `export`")),
        (None, Some(entry)) => {
            let text = entry.node.as_text().ok_or(None)?;
            export_csv::read(text, ExportPlace::Value(entry.node.place)).map_err(Some)
        }
        (Some(entry), None) => {
            let (key_place, named) = (entry.key_place, entry.node.place);
            let path = entry.node.as_text().ok_or(None)?.to_owned();
            let source = file(&path, named, read, out)?;
            let Source { name, text, .. } = &out.sources()[source];
            let export = export::read(name, text, ExportPlace::Source(source), named).map_err(Some)?;
            let value = DocumentValue::Text(export_csv::write(&export));
            let node = Node { value, place: SourceSpan { source, start: 0, end: 0 } };
            import.entries.remove("file");
            import.entries.insert("export".to_owned(), Entry { key_place, node });
            Ok(export)
        }
    }
}

/// The file at `path` as a source.
fn file(path: &str, named: SourceSpan, read: Reader<'_>, out: &mut Diagnostics) -> Result<usize, Option<Diagnostic>> {
    let bad = |message: String| Diagnostic::new(Code::Export, named, message);
    if !is_relative(path) {
        let found = bad("the file of an import is a path relative to this file".to_owned());
        return Err(Some(found.help("put the export beside the scenario, and name it without its drive or root")));
    }
    // A path from a flag is relative to the scenario.
    let from = out.source(named);
    let from = if from.name.starts_with("--") { &out.sources()[0] } else { from };
    let full = beside(&from.name, path);
    if out.sources().len() > FILES_MAX {
        return Err(Some(Diagnostic::new(Code::TooMuch, named, "too many files").help("at most 256 in a scenario")));
    }
    let bytes = read(&full).map_err(|why| {
        let found = bad(format!("cannot read {}", shown(&full))).label(shown(&why));
        Some(found.help(OUTSIDE))
    })?;
    let text = encoding::decode(bytes).map_err(|why| Some(bad(why.message).help(why.help)))?;
    let bytes: usize = out.sources().iter().map(|source| source.text.len()).sum();
    if text.len() > FILE_BYTES_MAX || bytes + text.len() > TOTAL_BYTES_MAX {
        let found = Diagnostic::new(Code::TooMuch, named, format!("{} is {} bytes long", shown(&full), text.len()));
        return Err(Some(found.help("a file has at most 16 MiB, a scenario with all its files 64 MiB")));
    }
    // Of an export only places are shown: its lines contain names and addresses of people.
    Ok(out.add_source(Source::new(full, text).quoting(Quoting::PlacesOnly)))
}
