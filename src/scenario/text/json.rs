//! A table of a scenario as JSON, in which every value has its place. Depends on JSON; must not depend on keys.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::document::{DocumentValue, Entry, Node, Table};
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::scenario::diagnostics::source::SourceSpan;

/// Tables and arrays inside one another; a scenario has four.
const DEPTH_MAX: usize = 16;

/// Parses a source that is one table; reports what is not JSON or not possible in a scenario, and then returns nothing.
pub(crate) fn parse(source: usize, out: &mut Diagnostics) -> Option<Table> {
    let text = out.sources()[source].text.clone();
    let whole = SourceSpan { source, start: 0, end: text.len() };
    let read: &RawValue = match serde_json::from_str(&text) {
        Ok(read) => read,
        Err(error) => {
            let said = error.to_string();
            let said = said.split(" at line ").next().unwrap_or_default();
            out.report(Diagnostic::new(Code::Syntax, whole, format!("this is not JSON: {said}")));
            return None;
        }
    };
    let before = out.errors();
    let node = Reading { text: &text, source, out }.node(read, 0)?;
    match node.value {
        DocumentValue::Table(table) if out.errors() == before => Some(table),
        DocumentValue::Table(_) => None,
        _ => {
            let found = Diagnostic::new(Code::WrongType, whole, format!("this is {}", node.kind()));
            out.report(found.label("expected a table, which is an object in JSON"));
            None
        }
    }
}

struct Reading<'t, 'o> {
    text: &'t str,
    source: usize,
    out: &'o mut Diagnostics,
}

impl Reading<'_, '_> {
    fn node(&mut self, raw: &RawValue, depth: usize) -> Option<Node> {
        let start = raw.get().as_ptr().addr() - self.text.as_ptr().addr();
        let place = SourceSpan { source: self.source, start, end: start + raw.get().len() };
        if depth > DEPTH_MAX {
            self.out.report(Diagnostic::new(Code::TooMuch, place, "tables inside one another without end"));
            return None;
        }
        let text = raw.get();
        let value = match text.as_bytes().first()? {
            b'{' => {
                let members = serde_json::from_str::<BTreeMap<String, &RawValue>>(text).ok()?;
                let mut entries = BTreeMap::new();
                for (key, raw) in members {
                    if let Some(node) = self.node(raw, depth + 1) {
                        entries.insert(key, Entry { key_place: node.place, node });
                    }
                }
                DocumentValue::Table(Table { entries })
            }
            b'[' => {
                let items = serde_json::from_str::<Vec<&RawValue>>(text).ok()?;
                DocumentValue::Array(items.into_iter().filter_map(|raw| self.node(raw, depth + 1)).collect())
            }
            b'"' => match serde_json::from_str(text) {
                Ok(text) => DocumentValue::Text(text),
                Err(error) => {
                    self.out.report(Diagnostic::new(Code::Syntax, place, format!("this is not JSON: {error}")));
                    return None;
                }
            },
            b't' => DocumentValue::YesNo(true),
            b'f' => DocumentValue::YesNo(false),
            b'n' => {
                let found = Diagnostic::new(Code::WrongType, place, "a scenario has no `null`");
                self.out.report(found.help("leave the key out"));
                return None;
            }
            _ => match text.parse() {
                Ok(number) => DocumentValue::Integer(number),
                Err(_) => DocumentValue::Float(text.to_owned()),
            },
        };
        Some(Node { value, place })
    }
}
