//! The places for numbers in a document: all that the published schema of scenarios allows. Must not know values.

use serde_json::Value as Schema;
use toml::Value;

/// The kind of number at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Duration,
    Ratio,
    Rate,
    Speed,
    TimeOfDay,
    Moment,
    Whole {
        least: i128,
        most: i128,
    },
    /// A comparison with a number in it.
    Check,
}

/// One step of the path to a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    /// Any key of a table whose keys are free.
    AnyKey,
    /// The element of an array, with its name if it has one.
    Item(usize, Option<String>),
}

/// A place for a number.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The path to it in a document.
    pub(crate) way: Vec<Step>,
    /// The same without elements and free keys: the key in the scenario language.
    pub(crate) key: String,
    pub(crate) kinds: Vec<Kind>,
    /// Does the document have a value there?
    pub(crate) is_taken: bool,
}

/// Every place of a document.
pub(crate) fn places(schema: &Schema, document: &Value) -> Vec<Place> {
    let mut found = Vec::new();
    walk(schema, Some(document), &mut Vec::new(), "", &mut found);
    found
}

fn parts(schema: &Schema) -> &[Schema] {
    schema["anyOf"].as_array().map_or(std::slice::from_ref(schema), Vec::as_slice)
}

fn kind(schema: &Schema, key: &str) -> Option<Kind> {
    if key == "expect.check" {
        return Some(Kind::Check);
    }
    let reference = schema["$ref"].as_str().and_then(|text| text.rsplit('/').next());
    match (reference, schema["type"].as_str()) {
        (Some("duration"), _) => Some(Kind::Duration),
        (Some("ratio"), _) => Some(Kind::Ratio),
        (Some("rate"), _) => Some(Kind::Rate),
        (Some("time_of_day"), _) => Some(Kind::TimeOfDay),
        (Some(other), _) => panic!("the schema has a `{other}`. Remedy: give it extreme values here"),
        (None, Some("number")) => Some(Kind::Speed),
        (None, Some("integer")) => {
            let least = schema["minimum"].as_i64().unwrap_or(0);
            let most = schema["maximum"].as_u64().unwrap_or(u64::MAX);
            Some(Kind::Whole { least: least.into(), most: most.into() })
        }
        (None, Some("string")) => schema["pattern"].as_str().map(|_| Kind::Moment),
        _ => None,
    }
}

fn walk(schema: &Schema, node: Option<&Value>, way: &mut Vec<Step>, key: &str, found: &mut Vec<Place>) {
    let kinds: Vec<Kind> = parts(schema).iter().filter_map(|part| kind(part, key)).collect();
    if !kinds.is_empty() {
        found.push(Place { way: way.clone(), key: key.to_owned(), kinds, is_taken: node.is_some() });
    }
    for part in parts(schema) {
        match node {
            Some(Value::Table(table)) => {
                for (name, inner) in part["properties"].as_object().into_iter().flatten() {
                    let inner_key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                    way.push(Step::Key(name.clone()));
                    walk(inner, table.get(name), way, &inner_key, found);
                    way.pop();
                }
                if part["additionalProperties"].is_object() {
                    let inner = &part["additionalProperties"];
                    for (name, node) in table {
                        way.push(Step::Key(name.clone()));
                        walk(inner, Some(node), way, &format!("{key}.*"), found);
                        way.pop();
                    }
                    way.push(Step::AnyKey);
                    walk(inner, None, way, &format!("{key}.*"), found);
                    way.pop();
                }
            }
            Some(Value::Array(items)) if part["items"]["properties"].is_object() => {
                for (at, item) in items.iter().enumerate() {
                    let name = item.get("name").and_then(Value::as_str).map(str::to_owned);
                    way.push(Step::Item(at, name));
                    walk(&part["items"], Some(item), way, key, found);
                    way.pop();
                }
            }
            _ => {}
        }
    }
}

/// Puts a value at the end of a path, unless another value blocks the path.
pub(crate) fn put(node: &mut Value, way: &[Step], any_key: &str, value: Value) {
    let [step, rest @ ..] = way else {
        *node = value;
        return;
    };
    let inner = match (step, node) {
        (Step::Item(at, _), Value::Array(items)) => &mut items[*at],
        (Step::Key(name), Value::Table(table)) => table.entry(name.as_str()).or_insert(Value::Boolean(false)),
        (Step::AnyKey, Value::Table(table)) => table.entry(any_key).or_insert(Value::Boolean(false)),
        _ => return,
    };
    put(inner, rest, any_key, value);
}

/// The path in the form of `--set`; `None` if it contains an element without a name.
pub(crate) fn path(way: &[Step], any_key: &str) -> Option<String> {
    let steps: Option<Vec<String>> = way
        .iter()
        .map(|step| match step {
            Step::Key(name) => Some(format!("\"{name}\"")),
            Step::AnyKey => Some(format!("\"{any_key}\"")),
            Step::Item(_, name) => name.as_ref().map(|name| format!("\"{name}\"")),
        })
        .collect();
    Some(steps?.join("."))
}
