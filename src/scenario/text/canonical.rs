//! The resolved scenario as text: a canonical form for the hash, and one with the origin of every value. Must not judge
//! it.

use std::fmt::Write as _;
use std::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::rules::base::visible;

use super::document::{DocumentValue, Node, Table};
use crate::scenario::diagnostics::diagnostic::Diagnostics;
use crate::scenario::diagnostics::source::Source;

/// 32 hex digits over the resolved document, without its seed.
pub(crate) fn hash(root: &Table) -> String {
    let mut text = String::new();
    for (key, entry) in root.entries.iter().filter(|(key, _)| *key != "seed") {
        write_key(&mut text, key);
        write_value(&mut text, &entry.node);
    }
    let mut hasher = SipHasher13::new();
    hasher.write(text.as_bytes());
    let hash = hasher.finish128();
    format!("{:016x}{:016x}", hash.h1, hash.h2)
}

/// The resolved document as TOML, each line with the file and line that its value comes from.
pub(crate) fn with_origins(root: &Table, all: &Diagnostics) -> String {
    let lines: Vec<Lines<'_>> = all.sources().iter().map(Lines::of).collect();
    let mut out = String::new();
    section(&mut out, "", root, &|out, _, key, node| {
        let mut value = String::new();
        write_value(&mut value, node);
        let source = &lines[node.place.source];
        writeln!(out, "{} = {value} # {}:{}", bare(key), visible::one_line(source.name), source.line(node.place.start))
            .expect("a string takes all");
    });
    out
}

/// The resolved document as TOML to be sent elsewhere: without origins, and with masked texts of messages (R6) that
/// give the same fates.
pub(crate) fn without_texts(root: &Table) -> String {
    let mut out = String::new();
    section(&mut out, "", root, &|out, path, key, node| {
        let mut value = String::new();
        match &node.value {
            DocumentValue::Text(text) if path == "send" && matches!(key, "title" | "body") => {
                value.push_str(&quoted(&masked(text)));
            }
            _ => write_value(&mut value, node),
        }
        writeln!(out, "{} = {value}", bare(key)).expect("a string takes all");
    });
    out
}

/// A text of the same length in UTF-16 and in characters, and empty if it was: nothing else of a text matters to a fate
/// (R1–R5).
fn masked(text: &str) -> String {
    text.chars()
        .map(|c| match c.len_utf16() {
            _ if c.is_whitespace() => ' ',
            1 => 'x',
            _ => '𝚡',
        })
        .collect()
}

/// The line starts of a source, so that finding a line needs no counting.
struct Lines<'s> {
    name: &'s str,
    starts: Vec<usize>,
}

impl<'s> Lines<'s> {
    fn of(source: &'s Source) -> Self {
        let breaks = source.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { name: &source.name, starts: std::iter::once(0).chain(breaks).collect() }
    }

    fn line(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte)
    }
}

fn is_table(node: &Node) -> bool {
    match &node.value {
        DocumentValue::Table(_) => true,
        DocumentValue::Array(items) => {
            !items.is_empty() && items.iter().all(|item| matches!(item.value, DocumentValue::Table(_)))
        }
        _ => false,
    }
}

/// Plain values first, tables after them, as TOML requires. Tables inside arrays of tables stay on one line.
fn section(out: &mut String, path: &str, table: &Table, plain: &dyn Fn(&mut String, &str, &str, &Node)) {
    for (key, entry) in table.entries.iter().filter(|(_, entry)| !is_table(&entry.node)) {
        plain(out, path, key, &entry.node);
    }
    for (key, entry) in table.entries.iter().filter(|(_, entry)| is_table(&entry.node)) {
        let path = if path.is_empty() { bare(key) } else { format!("{path}.{}", bare(key)) };
        match &entry.node.value {
            DocumentValue::Table(inner) => {
                writeln!(out, "\n[{path}]").expect("a string takes all");
                section(out, &path, inner, plain);
            }
            DocumentValue::Array(items) => {
                for item in items.iter().filter_map(Node::as_table) {
                    writeln!(out, "\n[[{path}]]").expect("a string takes all");
                    item.entries.iter().for_each(|(key, entry)| plain(out, &path, key, &entry.node));
                }
            }
            _ => {}
        }
    }
}

fn bare(key: &str) -> String {
    let plain = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if plain { key.to_owned() } else { quoted(key) }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => write!(out, "\\u{:04X}", u32::from(c)).expect("a string takes all"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn write_key(out: &mut String, key: &str) {
    out.push_str(&bare(key));
    out.push('=');
}

fn write_value(out: &mut String, node: &Node) {
    match &node.value {
        DocumentValue::Text(text) => out.push_str(&quoted(text)),
        DocumentValue::Integer(number) => write!(out, "{number}").expect("a string takes all"),
        DocumentValue::Float(text) => out.push_str(text),
        DocumentValue::YesNo(yes) => write!(out, "{yes}").expect("a string takes all"),
        DocumentValue::Moment(moment) => write!(out, "{moment}").expect("a string takes all"),
        DocumentValue::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                write_value(out, item);
            }
            out.push(']');
        }
        DocumentValue::Table(table) => {
            out.push_str("{ ");
            for (at, (key, entry)) in table.entries.iter().enumerate() {
                write!(out, "{}{} = ", if at == 0 { "" } else { ", " }, bare(key)).expect("a string takes all");
                write_value(out, &entry.node);
            }
            out.push_str(" }");
        }
        // A document with such a value has errors, and its text is not used.
        DocumentValue::Refused => {}
    }
}
