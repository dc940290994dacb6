//! `--set`, `--seed`, `--profile`: flags that override a document before it is checked. Named tables are addressed by
//! name.

use super::document::{self, DocumentValue, Entry, Node, Table};
use super::loaded::Overrides;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, Diagnostics, a, nearest, shown};
use crate::scenario::diagnostics::source::{Source, SourceSpan};
use crate::scenario::grammar::keys::SCENARIO;
use crate::scenario::grammar::parts::{Grammar, KeySpec, Shape};

/// Applies all overrides to a document; those that cannot be applied are reported.
pub(crate) fn apply(table: &mut Table, overrides: &Overrides, out: &mut Diagnostics) {
    for set in &overrides.sets {
        let source = out.add_source(Source::new("--set", set.as_str()));
        if let Err(diagnostic) = set_one(table, set, source) {
            out.report(diagnostic);
        }
    }
    if let Some(seed) = overrides.seed {
        flag(table, "--seed", "seed", seed.to_string(), DocumentValue::Integer(i128::from(seed)), out);
    }
    if let Some(profile) = &overrides.profile {
        flag(table, "--profile", "profile", profile.clone(), DocumentValue::Text(profile.clone()), out);
    }
}

fn flag(table: &mut Table, name: &str, key: &str, text: String, value: DocumentValue, out: &mut Diagnostics) {
    let place = SourceSpan { source: out.sources().len(), start: 0, end: text.len() };
    out.add_source(Source::new(name, text));
    table.entries.insert(key.to_owned(), Entry { key_place: place, node: Node { value, place } });
}

/// One key of a path, and where it is written.
pub(crate) struct PathStep {
    pub(crate) name: String,
    pub(crate) place: SourceSpan,
}

/// A value to be set, and its text.
struct Setting<'s> {
    text: &'s str,
    place: SourceSpan,
}

fn set_one(table: &mut Table, set: &str, source: usize) -> Result<(), Diagnostic> {
    let whole = SourceSpan { source, start: 0, end: set.len() };
    let help = "write --set path.of.keys=value, such as --set send.closure.at=10m";
    let (steps, value_at) = steps(set, source)
        .ok_or_else(|| Diagnostic::new(Code::BadSet, whole, "this is not `path=value`").help(help))?;
    let setting = Setting { text: &set[value_at..], place: SourceSpan { source, start: value_at, end: set.len() } };
    descend(table, &SCENARIO, &steps, &setting)
}

/// The keys before the first `=`, and the start of the value. A key with dots in it is quoted.
pub(crate) fn steps(set: &str, source: usize) -> Option<(Vec<PathStep>, usize)> {
    let mut steps = Vec::new();
    let mut at = 0;
    loop {
        let rest = &set[at..];
        let (name, length) = if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"')?;
            (&quoted[..end], end + 2)
        } else {
            let end = rest.find(['.', '='])?;
            (rest[..end].trim(), end)
        };
        if name.is_empty() {
            return None;
        }
        steps.push(PathStep { name: name.to_owned(), place: SourceSpan { source, start: at, end: at + length } });
        at += length;
        match set.as_bytes().get(at) {
            Some(b'.') => at += 1,
            Some(b'=') => return Some((steps, at + 1)),
            _ => return None,
        }
    }
}

fn descend(
    table: &mut Table,
    grammar: &'static Grammar,
    steps: &[PathStep],
    setting: &Setting<'_>,
) -> Result<(), Diagnostic> {
    let [step, rest @ ..] = steps else { return Ok(()) };
    let key = key_of(grammar, step)?;
    match (inside(key), rest) {
        (Some(Shape::Tables(inner)), _) => {
            let element = element(table, step, inner, rest)?;
            descend(element, inner, &rest[1..], setting)
        }
        (_, []) => {
            insert(table, step, &key.shape, setting);
            Ok(())
        }
        (Some(Shape::Table(inner)), _) => descend(open(table, step), inner, rest, setting),
        (Some(Shape::Map(shape) | Shape::Words(_, shape)), [last]) => {
            insert(open(table, step), last, shape, setting);
            Ok(())
        }
        _ => Err(no_keys_inside(step, rest)),
    }
}

/// The shape at the end of a path, for any document; the names of elements are not looked up.
pub(crate) fn shape_at(grammar: &'static Grammar, steps: &[PathStep]) -> Result<&'static Shape, Diagnostic> {
    let [step, rest @ ..] = steps else {
        unreachable!("a path has a key, and each of its tables is asked for one more")
    };
    let key = key_of(grammar, step)?;
    match (inside(key), rest) {
        (Some(Shape::Tables(inner)), [_, rest @ ..]) if !rest.is_empty() => shape_at(inner, rest),
        (Some(Shape::Tables(inner)), _) => Err(which_element(step, inner)),
        (_, []) => Ok(&key.shape),
        (Some(Shape::Table(inner)), _) => shape_at(inner, rest),
        (Some(Shape::Map(shape) | Shape::Words(_, shape)), [_]) => Ok(shape),
        _ => Err(no_keys_inside(step, rest)),
    }
}

fn key_of(grammar: &'static Grammar, step: &PathStep) -> Result<&'static KeySpec, Diagnostic> {
    grammar.key(&step.name).ok_or_else(|| {
        let near = nearest(&step.name, grammar.keys.iter().map(|key| key.name));
        let message = format!("unknown key `{}` in {}", shown(&step.name), a(grammar.noun));
        let found = Diagnostic::new(Code::UnknownKey, step.place, message);
        found.maybe_help(near.map(|near| format!("did you mean `{near}`?")))
    })
}

/// The shape of a key that has keys inside.
fn inside(key: &'static KeySpec) -> Option<&'static Shape> {
    let has_keys =
        |shape: &&Shape| matches!(shape, Shape::Table(_) | Shape::Tables(_) | Shape::Map(_) | Shape::Words(..));
    key.shape.alternatives().iter().find(has_keys)
}

fn no_keys_inside(step: &PathStep, rest: &[PathStep]) -> Diagnostic {
    Diagnostic::new(Code::BadSet, rest[0].place, format!("`{}` has no keys inside", shown(&step.name)))
}

fn which_element(step: &PathStep, grammar: &Grammar) -> Diagnostic {
    let message = format!("which {}, and which of its keys?", grammar.noun);
    Diagnostic::new(Code::BadSet, step.place, message).help(format!("write {}.NAME.key=value", step.name))
}

/// The table of a key, created if it does not exist.
fn open<'t>(table: &'t mut Table, step: &PathStep) -> &'t mut Table {
    let fresh = || Node { value: DocumentValue::Table(Table::default()), place: step.place };
    let entry =
        table.entries.entry(step.name.clone()).or_insert_with(|| Entry { key_place: step.place, node: fresh() });
    if entry.node.as_table().is_none() {
        entry.node = fresh();
    }
    match &mut entry.node.value {
        DocumentValue::Table(inner) => inner,
        _ => unreachable!("it has just been made a table"),
    }
}

/// The element of an array of named tables that the next step names.
fn element<'t>(
    table: &'t mut Table,
    step: &PathStep,
    grammar: &Grammar,
    rest: &[PathStep],
) -> Result<&'t mut Table, Diagnostic> {
    let [wanted, _, ..] = rest else {
        return Err(which_element(step, grammar));
    };
    let names: Vec<String> = match table.get(&step.name).and_then(Node::as_array) {
        Some(items) => items
            .iter()
            .map(|item| item.as_table().and_then(|table| table.text("name")).unwrap_or_default().to_owned())
            .collect(),
        None => Vec::new(),
    };
    let at = names.iter().position(|name| *name == wanted.name);
    let found = match table.entries.get_mut(&step.name).map(|entry| &mut entry.node.value) {
        Some(DocumentValue::Array(items)) => at.and_then(|at| items.get_mut(at)).map(|item| &mut item.value),
        _ => None,
    };
    if let Some(DocumentValue::Table(found)) = found {
        return Ok(found);
    }
    let near = nearest(&wanted.name, names.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
    let message = format!("no {} is called `{}`", grammar.noun, shown(&wanted.name));
    Err(Diagnostic::new(Code::UnknownName, wanted.place, message).maybe_help(near))
}

fn insert(table: &mut Table, step: &PathStep, shape: &Shape, setting: &Setting<'_>) {
    let text = setting.text.trim();
    let bare = || Node { value: DocumentValue::Text(text.to_owned()), place: setting.place };
    let offset = setting.place.start + (setting.text.len() - setting.text.trim_start().len());
    let parsed = document::parse_value(text, setting.place.source, offset);
    // Where only a string is allowed, `2026` is a string too.
    let only_text = shape
        .alternatives()
        .iter()
        .all(|one| matches!(one, Shape::Text | Shape::Word(_) | Shape::Duration(_) | Shape::Rate | Shape::TimeOfDay));
    let node = parsed.filter(|node| node.as_text().is_some() || !only_text).unwrap_or_else(bare);
    table.entries.insert(step.name.clone(), Entry { key_place: step.place, node });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str, sets: &[&str]) -> (Table, Diagnostics) {
        let mut out = Diagnostics::default();
        let source = out.add_source(Source::new("a.toml", text));
        let mut table = document::parse(source, &mut out).expect("toml");
        let sets = sets.iter().map(|set| (*set).to_owned()).collect();
        apply(&mut table, &Overrides { sets, seed: None, profile: None }, &mut out);
        (table, out)
    }

    #[test]
    fn sets_keys_of_tables_that_the_file_does_not_have() {
        let (table, out) = set("", &["seed=7", "live.shards=3", "delivery.fcm.latency.median = 2s", "name=2026"]);
        assert!(out.is_empty(), "{out}");
        assert!(matches!(table.get("seed").expect("seed").value, DocumentValue::Integer(7)));
        let latency = table.get("delivery").and_then(Node::as_table).and_then(|table| table.get("fcm"));
        let latency = latency.and_then(Node::as_table).and_then(|table| table.get("latency")).and_then(Node::as_table);
        assert_eq!(latency.and_then(|table| table.text("median")), Some("2s"));
        assert_eq!(table.text("name"), Some("2026"));
    }

    #[test]
    fn addresses_elements_by_their_name() {
        let (table, out) =
            set("[[send]]\nname = 'a.b'\n[[send]]\nname = 'closure'", &["send.closure.at=10m", "send.\"a.b\".at=1s"]);
        assert!(out.is_empty(), "{out}");
        let sends = table.get("send").and_then(Node::as_array).expect("sends");
        assert_eq!(sends[1].as_table().and_then(|send| send.text("at")), Some("10m"));
        assert_eq!(sends[0].as_table().and_then(|send| send.text("at")), Some("1s"));
    }

    #[test]
    fn says_what_is_wrong_with_a_path() {
        for (wrong, code) in [
            ("sede=1", Code::UnknownKey),
            ("send.clsure.at=1m", Code::UnknownName),
            ("send=1", Code::BadSet),
            ("send.closure=1", Code::BadSet),
            ("seed.more=1", Code::BadSet),
            ("seed", Code::BadSet),
            ("=1", Code::BadSet),
            ("\"seed=1", Code::BadSet),
            ("", Code::BadSet),
        ] {
            let (_, out) = set("[[send]]\nname = 'closure'", &[wrong]);
            assert_eq!(out.iter().map(|one| one.code).collect::<Vec<_>>(), [code], "{wrong}");
            assert!(out.to_string().contains("--set:1:"), "{out}");
        }
    }
}
