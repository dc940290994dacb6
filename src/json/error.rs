//! Reads whole JSON texts; an error gives the line and column of wrong syntax, or the path of a wrong member.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::Track;

use super::objects::Objects;

/// Characters of a path or of serde's message that an error repeats.
const SHOWN_MAX: usize = 200;

/// Why a text is not the expected JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// It is not JSON, or it is cut off.
    Syntax {
        /// Counted from 1.
        line: usize,
        /// In bytes, counted from 1.
        column: usize,
        /// What is wrong; contains no part of the text.
        what: String,
    },
    /// An object has an unknown member.
    Unknown {
        /// Path of the object, such as `requests[0]`; empty for the whole text.
        path: String,
        /// Name of the member.
        name: String,
    },
    /// It is JSON of another shape.
    Shape {
        /// Path of the member, such as `requests[0].headers`; empty for the whole text.
        path: String,
        /// What is wrong: contains names of members, no values.
        what: String,
    },
}

impl std::error::Error for JsonError {}

impl fmt::Display for JsonError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { line, column, what } => write!(out, "{what} at line {line}, column {column}"),
            Self::Unknown { path, name } if path.is_empty() => write!(out, "there is no member `{name}` here"),
            Self::Unknown { path, name } => write!(out, "`{path}`: there is no member `{name}` here"),
            Self::Shape { path, what } if path.is_empty() => out.write_str(what),
            Self::Shape { path, what } => write!(out, "`{path}`: {what}"),
        }
    }
}

/// Parses a whole JSON text.
///
/// # Errors
/// See [`JsonError`].
pub fn from_slice<T: DeserializeOwned>(text: &[u8]) -> Result<T, JsonError> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = read(&mut reader)?;
    reader.end().map_err(|error| of("", &error))?;
    Ok(value)
}

/// Parses a whole JSON text.
///
/// # Errors
/// See [`JsonError`].
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    from_slice(text.as_bytes())
}

/// Reads a parsed JSON value.
///
/// # Errors
/// [`JsonError::Shape`] or [`JsonError::Unknown`].
pub fn from_value<T: DeserializeOwned>(value: &serde_json::Value) -> Result<T, JsonError> {
    read(value)
}

fn read<'de, T: serde::Deserialize<'de>>(
    from: impl serde::Deserializer<'de, Error = serde_json::Error>,
) -> Result<T, JsonError> {
    let mut track = Track::new();
    let tracked = serde_path_to_error::Deserializer::new(Objects(from), &mut track);
    T::deserialize(tracked).map_err(|error| {
        let path = track.path().to_string();
        of(if path == "." { "" } else { &path }, &error)
    })
}

fn of(path: &str, error: &serde_json::Error) -> JsonError {
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    if error.classify() != Category::Data {
        return JsonError::Syntax { line: error.line(), column: error.column(), what: shown(said) };
    }
    let unknown = said.strip_prefix("unknown field `").and_then(|rest| rest.split_once("`, "));
    let Some((name, _)) = unknown else {
        return JsonError::Shape { path: shown(path), what: shown(&without_values(said)) };
    };
    // The path includes the unknown member itself.
    let object = path.strip_suffix(name).unwrap_or(path);
    JsonError::Unknown { path: shown(object.trim_end_matches('.')), name: shown(name) }
}

/// Rewrites a message of serde in JSON's terms, without values: serde puts the value between the kind it found and the
/// expected one.
fn without_values(said: &str) -> String {
    let kinds = ["invalid type: ", "invalid value: "];
    let found = kinds.iter().find_map(|begin| said.strip_prefix(begin)?.rsplit_once(", expected "));
    let Some((found, expected)) = found else { return said.to_owned() };
    let kind = match found {
        found if found.starts_with("string") => "a string",
        found if found.starts_with("integer") || found.starts_with("floating point") => "a number",
        found if found.starts_with("boolean") => "a boolean",
        "sequence" => "an array",
        "map" => "an object",
        _ => "null",
    };
    let expected = match expected {
        "a map" => "an object",
        "a sequence" => "an array",
        other if other.starts_with("struct ") => "an object",
        other => other,
    };
    format!("expected {expected}, found {kind}")
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN_MAX).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};
    use serde_json::{Value, json};

    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Whole {
        parts: Vec<Part>,
        named: BTreeMap<String, Part>,
        #[serde(default)]
        maybe: Option<Part>,
        choice: Choice,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Part {
        text: String,
        number: u32,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Choice {
        None,
        Some { text: String, number: u32 },
        Pair(u32, u32),
    }

    /// Every object of a value turned into an array of its members' values, one at a time.
    fn arrays(value: &Value) -> Vec<Value> {
        match value {
            Value::Object(members) => {
                let mut found = vec![members.values().cloned().collect()];
                for (name, member) in members {
                    found.extend(arrays(member).into_iter().map(|changed| {
                        let mut members = members.clone();
                        members.insert(name.clone(), changed);
                        Value::Object(members)
                    }));
                }
                found
            }
            Value::Array(items) => {
                let changed = |at: usize| {
                    arrays(&items[at]).into_iter().map(move |changed| {
                        let mut items = items.clone();
                        items[at] = changed;
                        Value::Array(items)
                    })
                };
                (0..items.len()).flat_map(changed).collect()
            }
            _ => Vec::new(),
        }
    }

    fn part() -> impl Strategy<Value = Part> {
        (any::<String>(), any::<u32>()).prop_map(|(text, number)| Part { text, number })
    }

    fn whole() -> impl Strategy<Value = Whole> {
        let choice = prop_oneof![
            Just(Choice::None),
            part().prop_map(|Part { text, number }| Choice::Some { text, number }),
            any::<(u32, u32)>().prop_map(|(one, two)| Choice::Pair(one, two)),
        ];
        let named = prop::collection::btree_map(any::<String>(), part(), 0..3);
        let parts = prop::collection::vec(part(), 0..3);
        (parts, named, prop::option::of(part()), choice).prop_map(|(parts, named, maybe, choice)| Whole {
            parts,
            named,
            maybe,
            choice,
        })
    }

    proptest! {
        #[test]
        fn reads_valid_objects_and_refuses_arrays_in_their_place(whole in whole()) {
            let value = serde_json::to_value(&whole).expect("it is JSON");
            prop_assert_eq!(from_value(&value), Ok(whole.clone()));
            prop_assert_eq!(from_str(&value.to_string()), Ok(whole));
            for changed in arrays(&value) {
                prop_assert!(from_value::<Whole>(&changed).is_err(), "{}", changed);
                prop_assert!(from_str::<Whole>(&changed.to_string()).is_err(), "{}", changed);
            }
        }
    }

    #[test]
    fn an_error_names_the_member_and_no_value() {
        let good = json!({ "parts": [{ "text": "t", "number": 1 }], "named": {}, "choice": "None" });
        assert!(from_value::<Whole>(&good).is_ok());
        for (member, wrong, said) in [
            ("parts", json!([["t", 1]]), "`parts[0]`: expected an object, found an array"),
            ("parts", json!([{ "text": 4_711, "number": 1 }]), "`parts[0].text`: expected a string, found a number"),
            (
                "parts",
                json!([{ "text": "t", "number": "s3cret, expected" }]),
                "`parts[0].number`: expected u32, found a string",
            ),
            ("parts", json!([{ "text": "t", "number": -1 }]), "`parts[0].number`: expected u32, found a number"),
            ("parts", json!([{ "text": "t" }]), "`parts[0]`: missing field `number`"),
            ("named", json!([]), "`named`: expected an object, found an array"),
            ("named", json!({ "a b": [] }), "`named.a b`: expected an object, found an array"),
            ("choice", json!({ "Some": ["t", 1] }), "`choice.Some`: expected an object, found an array"),
            ("more", json!(1), "there is no member `more` here"),
        ] {
            let mut value = good.clone();
            value[member] = wrong;
            let error = from_str::<Whole>(&value.to_string()).expect_err(said).to_string();
            assert!(error.starts_with(said), "{error}");
            assert!(!error.contains("s3cret") && !error.contains("4711"), "{error}");
        }
        let array = from_str::<Whole>("[1]").expect_err("it is no object").to_string();
        assert_eq!(array, "expected an object, found an array");
        for broken in ["", "{", "{\"parts\":", "{} {}", "{\"parts\":[]} x"] {
            let error = from_str::<BTreeMap<String, Vec<Part>>>(broken).expect_err(broken);
            assert!(matches!(error, JsonError::Syntax { .. }), "{broken}: {error:?}");
        }
    }
}
