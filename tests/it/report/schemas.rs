//! Risk: a record that the program writes does not match its published schema, so programs that rely on the schema
//! fail.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use reveille::report::{explanation_schema, ranges_schema, schema, variation_schema};
use serde_json::Value;

/// Complaints listed for one record.
const COMPLAINTS_MAX: usize = 5;

/// A kind of record: keys that no other kind has, and its schema.
struct Kind {
    name: &'static str,
    keys: &'static [&'static str],
    validator: Validator,
}

static KINDS: LazyLock<[Kind; 4]> = LazyLock::new(|| {
    let kind = |name, keys, schema: String| {
        let schema = serde_json::from_str(&schema).expect("a schema is JSON");
        Kind { name, keys, validator: jsonschema::validator_for(&schema).expect("it is a schema") }
    };
    [
        kind("report", &["scenario_hash", "stations", "series"], schema()),
        kind("ranges", &["seeds", "ranges"], ranges_schema()),
        kind("variation", &["key", "rows"], variation_schema()),
        kind("explanation", &["steps", "device", "pair"], explanation_schema()),
    ]
});

/// The schema's errors about a record; none for a text that is not a record.
fn complaints(record: &Value) -> Vec<String> {
    let Some(kind) = KINDS.iter().find(|kind| kind.keys.iter().all(|key| record.get(key).is_some())) else {
        return Vec::new();
    };
    let said = |error: jsonschema::ValidationError<'_>| format!("{} at {}: {error}", kind.name, error.instance_path());
    kind.validator.iter_errors(record).take(COMPLAINTS_MAX).map(said).collect()
}

/// Panics if a record does not match its schema.
#[track_caller]
pub(crate) fn check(record: &Value) {
    let found = complaints(record);
    assert!(found.is_empty(), "not what `reveille schema` says:\n{}", found.join("\n"));
}

/// The same for every record among the files of a folder. Only regular files: reading a device would never end.
pub(crate) fn check_folder(folder: &Path) {
    let files = fs::read_dir(folder).expect("the folder is there");
    let paths = files.map(|entry| entry.expect("an entry can be read").path());
    for path in paths.filter(|path| path.is_file() && path.extension().is_some_and(|ending| ending == "json")) {
        let text = fs::read(&path).expect("a file can be read");
        if let Ok(record) = serde_json::from_slice(&text) {
            check(&record);
        }
    }
}

const NEWS: &str = "schema = 1\nname = \"news\"\nseed = 7\nduration = \"1h\"\n[fleet]\nusers = 40\n\
                    [[send]]\nname = \"news\"\nat = \"5m\"\nto = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n";

#[test]
fn every_kind_of_record_is_known_by_its_keys_and_is_what_its_schema_says() {
    let folder = crate::fixtures::program::Folder::new("schemas");
    folder.write("news.toml", NEWS);
    for (name, arguments) in [
        ("report", &["run", "news.toml", "--report", "-"][..]),
        ("report", &["forecast", "news.toml", "--report", "-"]),
        ("ranges", &["forecast", "news.toml", "--seeds", "1..2", "--report", "-"]),
        ("variation", &["forecast", "news.toml", "--vary", "delivery.apns.loss=1%..2%", "--report", "-"]),
        ("explanation", &["explain", "news.toml", "--device", "user-1.1", "--message", "news", "--format", "json"]),
    ] {
        let record = folder.run(arguments).exits(0).json();
        let kinds = KINDS.iter().filter(|kind| kind.keys.iter().all(|key| record.get(key).is_some()));
        assert_eq!(kinds.map(|kind| kind.name).collect::<Vec<_>>(), [name], "{record}");
        check(&record);
    }
}

#[test]
fn a_record_that_does_not_match_its_schema_is_found() {
    let folder = crate::fixtures::program::Folder::new("schemas-wrong");
    folder.write("news.toml", NEWS);
    let record = folder.run(&["forecast", "news.toml", "--report", "-"]).exits(0).json();
    for (pointer, wrong) in
        [("/pairs", Value::from(-1)), ("/series/5/minute", "five".into()), ("/driver", "hand".into())]
    {
        let mut record = record.clone();
        *record.pointer_mut(pointer).expect("it is there") = wrong;
        let found = complaints(&record);
        assert!(found.len() == 1 && found[0].contains(pointer), "{pointer}: {found:?}");
    }
    let mut record = record;
    record.as_object_mut().expect("a record is an object").remove("digest");
    assert!(complaints(&record)[0].contains("digest"), "a key that is missing is seen");
}
