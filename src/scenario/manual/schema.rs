//! The JSON Schema of a scenario, and the template that serves as manual; both from the tables that check scenarios.

use serde_json::{Map, Value, json};

use super::limit_table;
use crate::scenario::grammar::keys::SCENARIO;
use crate::scenario::grammar::parts::{Grammar, KeySpec, Need, Shape};
use crate::scenario::grammar::timeline_keys::FAULT;

/// A commented scenario to start from; it is the manual, and it loads.
pub fn template() -> &'static str {
    include_str!("../../../config/template.toml")
}

/// The JSON Schema (draft 2020-12) of a scenario, for editors: a `#:schema` line in a TOML file names it.
pub fn json_schema() -> Value {
    let mut schema = table(&SCENARIO);
    if let Value::Object(object) = &mut schema {
        object.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        object.insert("title".into(), json!("Reveille scenario"));
        object.insert("description".into(), json!(format!("{} {}", SCENARIO.doc, limit_table::sentence())));
        object.insert("$defs".into(), definitions());
    }
    schema
}

/// The schema of a fault that is started by hand, and those that it refers to as `#/$defs/…`.
pub fn fault_schema() -> (Value, Value) {
    let mut schema = table(&FAULT);
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.retain(|key, _| !matches!(key.as_str(), "at" | "after" | "override"));
    }
    (schema, definitions())
}

/// A date and a time, with or without an offset; the format `date-time` would require the offset.
const MOMENT: &str =
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?$";

fn definitions() -> Value {
    json!({
        "duration": {
            "description": "whole numbers with units, largest first: \"90s\", \"1h30m\", \"500ms\", \"2d\"",
            "type": "string",
            "pattern": "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$"
        },
        "ratio": {
            "description": "a number from 0 to 1, or a percentage",
            "anyOf": [
                { "type": "number", "minimum": 0, "maximum": 1 },
                { "type": "string", "pattern": "^[0-9.]+ *%$" }
            ]
        },
        "rate": {
            "description": "a whole number per second, minute or hour",
            "type": "string",
            "pattern": "^ *[0-9_]+ */ *(s|sec|m|min|h) *$"
        },
        "time_of_day": {
            "description": "hours and minutes of local time, and seconds if they matter: \"22:30\"",
            "type": "string",
            "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"
        }
    })
}

fn table(grammar: &Grammar) -> Value {
    let mut properties = Map::new();
    for key in grammar.keys {
        properties.insert(key.name.to_owned(), property(key));
    }
    if grammar.is_named() {
        let override_ = json!({ "type": "boolean", "description": "Replace the included one of this name." });
        properties.insert("override".to_owned(), override_);
    }
    let required: Vec<&str> =
        grammar.keys.iter().filter(|key| matches!(key.need, Need::Required)).map(|key| key.name).collect();
    json!({
        "type": "object",
        "description": grammar.doc,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn property(key: &KeySpec) -> Value {
    let mut schema = shape(&key.shape);
    let doc = match key.need {
        Need::Required | Need::Optional => key.doc.to_owned(),
        Need::Default(default) => format!("{} Default: {default}.", key.doc),
        Need::Assumed(default) => format!("{} Default (an assumption): {default}.", key.doc),
    };
    if let Value::Object(object) = &mut schema {
        object.insert("description".to_owned(), json!(doc));
    }
    schema
}

fn shape(shape_: &Shape) -> Value {
    match shape_ {
        Shape::Text => json!({ "type": "string" }),
        Shape::TimeOfDay => json!({ "$ref": "#/$defs/time_of_day" }),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::Whole(from, u64::MAX) => json!({ "type": "integer", "minimum": from }),
        Shape::Whole(from, to) => json!({ "type": "integer", "minimum": from, "maximum": to }),
        Shape::YesNo => json!({ "type": "boolean" }),
        Shape::Duration(_) => json!({ "$ref": "#/$defs/duration" }),
        Shape::Ratio => json!({ "$ref": "#/$defs/ratio" }),
        Shape::Rate => json!({ "$ref": "#/$defs/rate" }),
        Shape::Speed => json!({ "anyOf": [{ "type": "number", "exclusiveMinimum": 0 }, { "type": "string" }] }),
        // A TOML date and time appears in a JSON Schema as a string.
        Shape::Moment => json!({ "type": "string", "pattern": MOMENT }),
        Shape::Names => json!({ "type": "array", "items": { "type": "string" } }),
        Shape::Words(words, inner) => json!({
            "type": "object",
            "propertyNames": { "enum": words },
            "additionalProperties": shape(inner),
        }),
        Shape::Map(inner) => json!({ "type": "object", "additionalProperties": shape(inner) }),
        Shape::Table(grammar) => table(grammar),
        Shape::Tables(grammar) => match limit_table::entries_max(grammar.noun) {
            Some(most) => json!({ "type": "array", "maxItems": most, "items": table(grammar) }),
            None => json!({ "type": "array", "items": table(grammar) }),
        },
        Shape::Any(shapes) => json!({ "anyOf": shapes.iter().map(shape).collect::<Vec<_>>() }),
    }
}
