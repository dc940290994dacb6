//! Documents: a scenario's text as a tree in which every value has its place. Depends on TOML; must not depend on keys.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::hints;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::scenario::diagnostics::source::SourceSpan;

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) value: DocumentValue,
    pub(crate) place: SourceSpan,
}

/// A TOML value, with numbers in their notation.
#[derive(Clone, Debug)]
pub(crate) enum DocumentValue {
    Text(String),
    /// Numbers too large for 64 bits stay at the end of the range, outside every limit.
    Integer(i128),
    Float(String),
    YesNo(bool),
    Moment(toml::value::Datetime),
    Array(Vec<Node>),
    Table(Table),
    /// A value that the first check reported. No reader returns it, so it cannot reach a builder.
    Refused,
}

/// A table, by key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) entries: BTreeMap<String, Entry>,
}

/// A key of a table, with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key_place: SourceSpan,
    pub(crate) node: Node,
}

impl Table {
    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entries.get(key).map(|entry| &entry.node)
    }

    /// The text of a key, if it is one.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Node::as_text)
    }
}

impl Node {
    /// The text, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        if let DocumentValue::Text(text) = &self.value { Some(text) } else { None }
    }

    /// The table, if it is one.
    pub(crate) fn as_table(&self) -> Option<&Table> {
        if let DocumentValue::Table(table) = &self.value { Some(table) } else { None }
    }

    /// The array, if it is one.
    pub(crate) fn as_array(&self) -> Option<&[Node]> {
        if let DocumentValue::Array(array) = &self.value { Some(array) } else { None }
    }

    /// Its type, in words.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            DocumentValue::Text(_) => "a string",
            DocumentValue::Integer(_) => "a whole number",
            DocumentValue::Float(_) => "a number",
            DocumentValue::YesNo(_) => "true or false",
            DocumentValue::Moment(_) => "a date or time",
            DocumentValue::Array(_) => "an array",
            DocumentValue::Table(_) => "a table",
            DocumentValue::Refused => "a value that was refused",
        }
    }
}

/// Parses a source; reports every syntax error, and then returns nothing.
pub(crate) fn parse(source: usize, out: &mut Diagnostics) -> Option<Table> {
    let text = out.sources()[source].text.clone();
    let (table, faults) = DeTable::parse_recoverable(&text);
    if !faults.is_empty() {
        out.found_no_toml(source);
    }
    for fault in &faults {
        let span = fault.span().unwrap_or(0..0);
        let place = SourceSpan { source, start: span.start, end: span.end };
        let found = Diagnostic::new(Code::Syntax, place, fault.message().trim_end_matches('.'));
        out.report(found.maybe_help(hints::of_syntax(line_at(&text, span.start)).map(str::to_owned)));
    }
    faults.is_empty().then(|| own_table(table.into_inner(), source))
}

/// The line of a text in which this byte is.
fn line_at(text: &str, at: usize) -> &str {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let (start, length) = (before.rfind('\n').map_or(0, |line| line + 1), after.find('\n').unwrap_or(after.len()));
    &text[start..before.len() + length]
}

/// Parses one value, as after a `=`; `None` if it is not TOML.
pub(crate) fn parse_value(text: &str, source: usize, offset: usize) -> Option<Node> {
    let mut node = own(DeValue::parse(text).ok()?, source);
    shift(&mut node, offset);
    Some(node)
}

fn shift(node: &mut Node, offset: usize) {
    node.place.start += offset;
    node.place.end += offset;
    match &mut node.value {
        DocumentValue::Array(items) => items.iter_mut().for_each(|item| shift(item, offset)),
        DocumentValue::Table(table) => {
            for entry in table.entries.values_mut() {
                entry.key_place.start += offset;
                entry.key_place.end += offset;
                shift(&mut entry.node, offset);
            }
        }
        DocumentValue::Text(_)
        | DocumentValue::Integer(_)
        | DocumentValue::Float(_)
        | DocumentValue::YesNo(_)
        | DocumentValue::Moment(_)
        | DocumentValue::Refused => {}
    }
}

fn own_table(table: DeTable<'_>, source: usize) -> Table {
    let entries = table
        .into_iter()
        .map(|(key, value)| {
            let key_place = place(&key, source);
            (key.into_inner().into_owned(), Entry { key_place, node: own(value, source) })
        })
        .collect();
    Table { entries }
}

fn own(value: Spanned<DeValue<'_>>, source: usize) -> Node {
    let place = place(&value, source);
    let value = match value.into_inner() {
        DeValue::String(text) => DocumentValue::Text(text.into_owned()),
        DeValue::Integer(number) => {
            let written = number.as_str();
            let limit = if written.starts_with('-') { i128::MIN } else { i128::MAX };
            DocumentValue::Integer(i128::from_str_radix(written, number.radix()).unwrap_or(limit))
        }
        DeValue::Float(number) => DocumentValue::Float(number.as_str().to_owned()),
        DeValue::Boolean(yes) => DocumentValue::YesNo(yes),
        DeValue::Datetime(moment) => DocumentValue::Moment(moment),
        DeValue::Array(items) => DocumentValue::Array(items.into_iter().map(|item| own(item, source)).collect()),
        DeValue::Table(table) => DocumentValue::Table(own_table(table, source)),
    };
    Node { value, place }
}

fn place<T>(spanned: &Spanned<T>, source: usize) -> SourceSpan {
    let span = spanned.span();
    SourceSpan { source, start: span.start, end: span.end }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::diagnostics::source::Source;

    #[test]
    fn every_syntax_error_is_reported() {
        let mut out = Diagnostics::default();
        let source = out.add_source(Source::new("a", "a = \nb = 1\nb = 2\n[x\n"));
        assert!(parse(source, &mut out).is_none());
        assert!(out.len() >= 3, "{out}");
    }

    #[test]
    fn a_value_from_a_flag_keeps_its_place() {
        let node = parse_value("{ a = 12 }", 3, 5).expect("a table");
        let inner = node.as_table().and_then(|table| table.get("a")).expect("a number");
        assert_eq!((inner.place.start, inner.place.end, inner.place.source), (11, 13, 3));
        assert!(parse_value("10m", 0, 0).is_none());
    }
}
