//! Includes: several files become one document. Tables merge, named tables append, the including file wins. Must not
//! open a file.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{self, DocumentValue, Entry, Node, Table};
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, Diagnostics, a, shown};
use crate::scenario::diagnostics::limits::{FILE_BYTES_MAX, FILES_MAX, INCLUDE_DEPTH_MAX, TOTAL_BYTES_MAX};
use crate::scenario::diagnostics::source::{Quoting, Source, SourceSpan};
use crate::scenario::grammar::keys::SCENARIO;
use crate::scenario::grammar::parts::{Grammar, Shape};

/// The remedy for a file that cannot be read.
pub(crate) const OUTSIDE: &str = "the path is relative to the file that names it; what lies outside the scenario's folder needs \
                                  `--include-root DIR`";

/// Reads the bytes of a path.
pub(crate) type Reader<'r> = &'r mut dyn FnMut(&str) -> Result<Vec<u8>, String>;

/// The root with all its includes as one document; `None` if a text is not TOML or too long.
pub(crate) fn merge(root: &Source, read: Reader<'_>, out: &mut Diagnostics) -> Option<Table> {
    let mut merging = Merging { read, out, open: Vec::new(), done: BTreeSet::new(), bytes: 0, sound: true };
    let table = merging.file(root.clone(), SourceSpan::default());
    let sound = merging.sound;
    table.filter(|_| sound)
}

struct Merging<'r, 'o> {
    read: Reader<'r>,
    out: &'o mut Diagnostics,
    /// Files that include one another down to this one.
    open: Vec<String>,
    /// Files that are merged already; a second inclusion adds nothing.
    done: BTreeSet<String>,
    bytes: usize,
    sound: bool,
}

impl Merging<'_, '_> {
    fn file(&mut self, source: Source, include: SourceSpan) -> Option<Table> {
        let (name, size) = (source.name.clone(), source.text.len());
        self.bytes += size;
        let too_long = size > FILE_BYTES_MAX || self.bytes > TOTAL_BYTES_MAX;
        let source = if too_long { Source { text: String::new(), ..source } } else { source };
        let ix = self.out.add_source(source);
        if too_long {
            // The root itself is too long; for an included file the place is where it is included.
            let place = if self.open.is_empty() { SourceSpan { source: ix, start: 0, end: 0 } } else { include };
            let found = Diagnostic::new(Code::TooMuch, place, format!("{} is {size} bytes long", shown(&name)));
            self.out.report(found.help("a file has at most 16 MiB, a scenario with its includes 64 MiB"));
            self.sound = false;
            return None;
        }
        let Some(mut own) = document::parse(ix, self.out) else {
            self.sound = false;
            return None;
        };
        let includes = own.entries.remove("include");
        let mut used = Used::new();
        self.open.push(normal(&name));
        if let Some(Entry { node, .. }) = includes {
            self.includes(&node, &name, &mut own, ix, &mut used);
        }
        self.open.pop();
        strip_overrides(&mut own, &SCENARIO, &used, self.out);
        Some(own)
    }

    fn includes(&mut self, node: &Node, name: &str, own: &mut Table, own_source: usize, used: &mut Used) {
        let DocumentValue::Array(items) = &node.value else {
            let message = format!("`include` is a list of files, not {}", node.kind());
            self.out.report(Diagnostic::new(Code::WrongType, node.place, message));
            return;
        };
        for item in items {
            let Some(path) = item.as_text() else {
                let message = format!("`include` lists files, not {}", item.kind());
                self.out.report(Diagnostic::new(Code::WrongType, item.place, message));
                continue;
            };
            if let Some(included) = self.include(path, name, item.place) {
                under(own, included, own_source, &SCENARIO, used, self.out);
            }
        }
    }

    fn include(&mut self, path: &str, from: &str, place: SourceSpan) -> Option<Table> {
        let bad = |message: String| Diagnostic::new(Code::Include, place, message);
        if !is_relative(path) {
            self.out.report(bad("an include is a path relative to this file".to_owned()));
            return None;
        }
        let full = beside(from, path);
        let identity = normal(&full);
        if self.open.contains(&identity) {
            let chain = self.open.iter().chain([&identity]).map(|file| shown(file)).collect::<Vec<_>>().join(" → ");
            self.out.report(bad("this file includes itself".to_owned()).label(chain));
            return None;
        }
        if self.open.len() >= INCLUDE_DEPTH_MAX || self.done.len() >= FILES_MAX {
            self.out.report(
                Diagnostic::new(Code::TooMuch, place, "too many included files").help("at most 256 files, 16 deep"),
            );
            return None;
        }
        if !self.done.insert(identity) {
            return None;
        }
        let text = (self.read)(&full).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|error| format!("not UTF-8 at byte {}", error.utf8_error().valid_up_to()))
        });
        match text {
            Ok(text) => self.file(Source::new(full, text).quoting(Quoting::LinesOfToml), place),
            Err(why) => {
                let found = bad(format!("cannot read {}", shown(&full))).label(shown(&why));
                self.out.report(found.help(OUTSIDE));
                None
            }
        }
    }
}

/// Whether this path may be joined to another file's. Absolute paths mean another file on every computer.
pub(crate) fn is_relative(path: &str) -> bool {
    !path.is_empty() && !path.starts_with(['/', '\\']) && !path.contains(':')
}

/// A path beside another file.
pub(crate) fn beside(file: &str, path: &str) -> String {
    match file.rfind(['/', '\\']) {
        Some(at) => format!("{}{path}", &file[..=at]),
        None => path.to_owned(),
    }
}

/// A path without `.` and `..`, to recognise the same file.
pub(crate) fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// A file's tables that replace included ones: their noun and their name.
type Used = BTreeSet<(&'static str, String)>;

/// Merges an included table into one's own: own values win, included named tables come before own ones.
fn under(
    own: &mut Table,
    included: Table,
    own_source: usize,
    grammar: &Grammar,
    used: &mut Used,
    out: &mut Diagnostics,
) {
    for (key, entry) in included.entries {
        let Some(mine) = own.entries.get_mut(&key) else {
            own.entries.insert(key, entry);
            continue;
        };
        let shape = grammar.key(&key).map(|key| &key.shape);
        match (&mut mine.node.value, entry.node.value, shape) {
            (DocumentValue::Array(mine), DocumentValue::Array(theirs), Some(Shape::Tables(inner))) => {
                append(mine, theirs, own_source, inner, used, out);
            }
            (DocumentValue::Table(mine), DocumentValue::Table(theirs), Some(Shape::Table(inner))) => {
                under(mine, theirs, own_source, inner, used, out);
            }
            _ if mine.key_place.source != own_source => {
                let message = format!("two included files set `{}`", shown(&key));
                let found = Diagnostic::new(Code::IncludeConflict, entry.key_place, message);
                out.report(found.help("set it in the including file, which wins"));
            }
            _ => {}
        }
    }
}

/// Puts included tables in front of one's own; one's own with `override = true` takes the place of an included one.
fn append(
    mine: &mut Vec<Node>,
    theirs: Vec<Node>,
    own_source: usize,
    grammar: &Grammar,
    used: &mut Used,
    out: &mut Diagnostics,
) {
    let mut theirs: Vec<Option<Node>> = theirs.into_iter().map(Some).collect();
    if grammar.is_named() {
        let named = |(at, node): (usize, &Node)| Some((node.as_table()?.text("name")?.to_owned(), at));
        let by_name: BTreeMap<String, usize> = mine.iter().enumerate().filter_map(named).collect();
        for slot in &mut theirs {
            let Some(name) = slot.as_ref().and_then(Node::as_table).and_then(|table| table.get("name")) else {
                continue;
            };
            let (Some(text), place) = (name.as_text(), name.place) else { continue };
            let Some(at) = by_name.get(text) else { continue };
            if mine[*at].as_table().is_some_and(is_override) {
                used.insert((grammar.noun, text.to_owned()));
            } else {
                let own = mine[*at].as_table().and_then(|table| table.get("name")).map_or(place, |name| name.place);
                let message = format!("an included file has {} called `{}` already", a(grammar.noun), shown(text));
                let found = Diagnostic::new(Code::DuplicateName, own, message);
                out.report(found.help("add `override = true` to replace it, or choose another name"));
            }
            *slot = None;
        }
    }
    let first_own = mine.iter().position(|node| node.place.source == own_source).unwrap_or(mine.len());
    mine.splice(first_own..first_own, theirs.into_iter().flatten());
}

fn is_override(table: &Table) -> bool {
    table.get("override").is_some_and(|node| matches!(node.value, DocumentValue::YesNo(true)))
}

/// Removes `override` from named tables once a file is merged: the grammar has no such key. One that replaced nothing
/// is reported.
fn strip_overrides(table: &mut Table, grammar: &Grammar, used: &Used, out: &mut Diagnostics) {
    for (key, entry) in &mut table.entries {
        match (grammar.key(key).map(|key| &key.shape), &mut entry.node.value) {
            (Some(Shape::Table(inner)), DocumentValue::Table(table)) => strip_overrides(table, inner, used, out),
            (Some(Shape::Tables(inner)), DocumentValue::Array(items)) if inner.is_named() => {
                for item in items {
                    let DocumentValue::Table(table) = &mut item.value else { continue };
                    let Some(Entry { node, key_place }) = table.entries.remove("override") else { continue };
                    let name = table.text("name").unwrap_or_default();
                    match node.value {
                        DocumentValue::YesNo(false) => {}
                        DocumentValue::YesNo(true) if used.contains(&(inner.noun, name.to_owned())) => {}
                        DocumentValue::YesNo(true) => {
                            let message = format!("no included file has {} called `{}`", a(inner.noun), shown(name));
                            out.report(Diagnostic::new(Code::NothingToOverride, key_place, message));
                        }
                        _ => {
                            let message = format!("`override` cannot be {}", node.kind());
                            out.report(Diagnostic::new(Code::WrongType, node.place, message).label("expected true"));
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(files: &[(&str, &str)]) -> (Option<Table>, Diagnostics) {
        let mut out = Diagnostics::default();
        let root = Source::new(files[0].0, files[0].1);
        let mut read = |path: &str| {
            let found = files.iter().find(|(name, _)| *name == path);
            found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| "no such file".to_owned())
        };
        let table = merge(&root, &mut read, &mut out);
        (table, out)
    }

    #[test]
    fn tables_merge_and_the_including_file_wins() {
        let (table, out) = merged(&[
            ("s/a.toml", "include = ['b.toml']\nseed = 2\n[fleet]\nusers = 5\n[[send]]\nname = 'x'"),
            ("s/b.toml", "seed = 1\n[fleet]\nusers = 9\ndevices_per_user = 2\n[[send]]\nname = 'y'"),
        ]);
        assert!(out.is_empty(), "{out}");
        let table = table.expect("merged");
        assert!(matches!(table.get("seed").expect("seed").value, DocumentValue::Integer(2)));
        let fleet = table.get("fleet").and_then(Node::as_table).expect("fleet");
        assert!(matches!(fleet.get("users").expect("users").value, DocumentValue::Integer(5)));
        assert!(fleet.get("devices_per_user").is_some());
        let sends = table.get("send").and_then(Node::as_array).expect("sends");
        let names: Vec<_> = sends.iter().filter_map(|send| send.as_table()?.text("name")).collect();
        assert_eq!(names, ["y", "x"]);
    }

    #[test]
    fn a_duplicate_needs_override() {
        let b = ("b.toml", "[[send]]\nname = 'x'\ntitle = 'theirs'");
        let (_, out) = merged(&[("a.toml", "include = ['b.toml']\n[[send]]\nname = 'x'"), b]);
        assert_eq!(out.iter().map(|one| one.code).collect::<Vec<_>>(), [Code::DuplicateName]);
        let (table, out) = merged(&[("a.toml", "include = ['b.toml']\n[[send]]\nname = 'x'\noverride = true"), b]);
        assert!(out.is_empty(), "{out}");
        let sends = table.expect("merged").get("send").and_then(Node::as_array).expect("sends").len();
        assert_eq!(sends, 1);
        let (_, out) = merged(&[("a.toml", "[[send]]\nname = 'x'\noverride = true")]);
        assert_eq!(out.iter().map(|one| one.code).collect::<Vec<_>>(), [Code::NothingToOverride]);
    }

    #[test]
    fn cycles_absolute_paths_and_missing_files_are_reported_in_the_right_file() {
        let (_, out) = merged(&[
            ("a.toml", "include = ['b.toml', '/etc/passwd', 'gone.toml']"),
            ("b.toml", "include = ['./x/../a.toml']"),
        ]);
        assert_eq!(out.iter().map(|one| one.code).collect::<Vec<_>>(), [Code::Include; 3]);
        assert_eq!(out.machine()[0].file, "b.toml");
    }

    #[test]
    fn a_file_that_is_too_long_is_not_even_parsed() {
        let (table, out) = merged(&[("a.toml", &"#".repeat(FILE_BYTES_MAX + 1))]);
        assert!(table.is_none());
        assert!(out.render(crate::scenario::diagnostics::render::Paint::Plain).contains("16 MiB"));
    }
}
