//! The form that starts a fault, made from the schema of scenarios: which keys a kind has, and the fault as JSON from what was
//! filled in. Must not judge a value.

use maud::{Markup, html};
use serde_json::{Map, Value, json};

use super::form::PostedForm;
use super::parts::select;
use super::phrase::Phrase;
use super::visit::Visit;
use super::words;
use crate::scenario::fault_schema;

/// Keys that the form leaves out: a scenario's own, and one that says the same as nothing.
const LEFT_OUT: [&str; 3] = ["may_touch_nothing", "override", "tenant"];
/// The order in which people fill them in; others follow.
const ORDER: [&str; 9] = ["name", "kind", "for", "rate", "delay", "mode", "every", "ramp", "correlation"];

/// A key of a fault or of its scope.
#[derive(Clone, Debug)]
pub(super) struct FaultKey {
    name: String,
    about: String,
    value: KeyValue,
}

/// What a key takes.
#[derive(Clone, Debug)]
enum KeyValue {
    Words(Vec<String>),
    Text,
    List,
    Map,
}

/// The keys of a fault.
#[derive(Clone, Debug)]
pub(super) struct FaultKeys {
    kinds: Vec<String>,
    keys: Vec<FaultKey>,
    scope: Vec<FaultKey>,
}

impl FaultKeys {
    pub(super) fn of_schema() -> Self {
        let (schema, _) = fault_schema();
        let mut keys = keys(&schema["properties"]);
        let place = |key: &FaultKey| ORDER.iter().position(|known| *known == key.name).unwrap_or(ORDER.len());
        keys.sort_by_key(place);
        let kinds = match keys.iter().find(|key| key.name == "kind").map(|key| &key.value) {
            Some(KeyValue::Words(kinds)) => kinds.clone(),
            _ => Vec::new(),
        };
        keys.retain(|key| !["kind", "scope"].contains(&key.name.as_str()));
        Self { kinds, keys, scope: self::keys(&schema["properties"]["scope"]["properties"]) }
    }

    /// The keys of a kind: those whose description names it, or none at all.
    fn of_kind(&self, kind: &str) -> Vec<&FaultKey> {
        let names =
            |about: &str, kind: &str| about.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == kind);
        let is_one = |key: &&FaultKey| {
            let named = self.kinds.iter().any(|kind| names(&key.about, kind));
            names(&key.about, kind) || !named
        };
        let mut found: Vec<&FaultKey> = self.keys.iter().filter(is_one).collect();
        // Only a rate can grow.
        if !found.iter().any(|key| key.name == "rate") {
            found.retain(|key| key.name != "ramp");
        }
        found
    }
}

fn keys(properties: &Value) -> Vec<FaultKey> {
    let known = properties.as_object().into_iter().flatten();
    let known = known.filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()));
    known
        .map(|(name, schema)| {
            let words = schema["enum"]
                .as_array()
                .map(|words| words.iter().filter_map(Value::as_str).map(str::to_owned).collect());
            let value = match (words, schema["type"].as_str()) {
                (Some(words), _) => KeyValue::Words(words),
                (None, Some("array")) => KeyValue::List,
                (None, Some("object")) => KeyValue::Map,
                (None, _) => KeyValue::Text,
            };
            FaultKey { name: name.clone(), about: without_rules(schema["description"].as_str().unwrap_or("")), value }
        })
        .collect()
}

/// A description without the numbers of rules in it, which are for readers of the code.
fn without_rules(text: &str) -> String {
    let mut out = String::new();
    for (at, piece) in text.split(" (X").enumerate() {
        out.push_str(if at == 0 { piece } else { piece.split_once(')').map_or("", |(_, rest)| rest) });
    }
    out.replace('`', "\"")
}

/// The form: first the kind, then its keys.
pub(super) fn markup(visit: &Visit, keys: &FaultKeys, kind: Option<&str>, filled: &PostedForm) -> Markup {
    let kind = kind.filter(|kind| keys.kinds.iter().any(|known| known == kind)).unwrap_or("outage");
    let kinds: Vec<_> =
        keys.kinds.iter().map(|kind| (kind.clone(), words::fault_kind(visit.language, kind).to_owned())).collect();
    html! {
        form.search method="get" action={ (visit.to("/faults")) "#new" } {
            (select("kind", visit.say(Phrase::KindOfFault), &kinds, kind))
            button type="submit" { (visit.say(Phrase::ShowFields)) }
        }
        form.card method="post" action=(visit.to("/faults")) {
            input type="hidden" name="kind" value=(kind);
            p { strong { (words::fault_kind(visit.language, kind)) } }
            div.fields { @for key in keys.of_kind(kind) { (field(visit, key, "", filled)) } }
            fieldset {
                legend { (visit.say(Phrase::ScopeOfFault)) }
                div.fields { @for key in &keys.scope { (field(visit, key, "scope.", filled)) } }
            }
            p.actions { button.primary type="submit" { (visit.say(Phrase::StartNow)) } }
        }
    }
}

fn field(visit: &Visit, key: &FaultKey, before: &str, filled: &PostedForm) -> Markup {
    let id = format!("{before}{}", key.name);
    let (label, value) = (words::fault_key(visit.language, &key.name), filled.text(&id).unwrap_or(""));
    html! {
        div.field {
            label for=(id) { (label) @if key.name == "name" { " *" } }
            @if let KeyValue::Words(words) = &key.value {
                select id=(id) name=(id) {
                    option value="" { (visit.say(Phrase::NotSaid)) }
                    @for word in words { option value=(word) selected[word == value] { (word) } }
                }
            } @else {
                input type="text" id=(id) name=(id) value=(value) required[key.name == "name"] autocomplete="off" aria-describedby={ (id) "-help" };
            }
            p.help id={ (id) "-help" } lang="en" { (key.about)
                @match key.value { KeyValue::List => " a, b", KeyValue::Map => " a=b, c=d", _ => "" } }
        }
    }
}

/// The fault that was filled in, as JSON.
pub(super) fn table(keys: &FaultKeys, form: &PostedForm) -> Value {
    let kind = form.text("kind").unwrap_or("");
    let mut table = Map::from_iter([("kind".to_owned(), json!(kind))]);
    for key in keys.of_kind(kind) {
        if let Some(given) = form.filled(&key.name) {
            table.insert(key.name.clone(), value(key, given));
        }
    }
    let scope: Map<String, Value> = keys
        .scope
        .iter()
        .filter_map(|key| Some((key.name.clone(), value(key, form.filled(&format!("scope.{}", key.name))?))))
        .collect();
    if !scope.is_empty() {
        table.insert("scope".to_owned(), Value::Object(scope));
    }
    Value::Object(table)
}

fn value(key: &FaultKey, given: &str) -> Value {
    let parts = || given.split(',').map(str::trim).filter(|part| !part.is_empty());
    match &key.value {
        KeyValue::Words(_) => json!(given),
        KeyValue::List => json!(parts().collect::<Vec<_>>()),
        KeyValue::Map => parts()
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.trim().to_owned(), json!(value.trim())))
            .collect(),
        // A name is a text, also one of digits.
        KeyValue::Text if ["name", "cohort"].contains(&key.name.as_str()) => json!(given),
        KeyValue::Text if given.starts_with('{') => serde_json::from_str(given).unwrap_or_else(|_| json!(given)),
        KeyValue::Text => given
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map_or_else(|| json!(given), |number| json!(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_the_keys_that_its_description_names() {
        let keys = FaultKeys::of_schema();
        let of = |kind: &str| keys.of_kind(kind).into_iter().map(|key| key.name.as_str()).collect::<Vec<_>>();
        assert_eq!(keys.kinds.len(), 12);
        assert_eq!(of("outage"), ["name", "for", "mode", "every"]);
        assert_eq!(of("loss"), ["name", "for", "rate", "every", "ramp", "correlation"]);
        assert_eq!(of("delay"), ["name", "for", "delay", "every"]);
        assert_eq!(of("throttle"), ["name", "for", "rate", "every", "ramp"]);
        assert_eq!(of("stall"), ["name", "for", "rate", "delay", "every", "ramp", "actors"]);
        assert_eq!(of("offline"), ["name", "for", "every"]);
    }
}
