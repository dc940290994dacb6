//! Risk: an editor that uses the published schema of scenarios marks what is right, or accepts what `check` refuses. A
//! library that does not know the scenario grammar evaluates the schema.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use reveille::scenario::{self, Code, Diagnostic, Overrides, Severity, Source};
use serde_json::Value;

use crate::scenario::mutations::{bases, mutated};
use crate::scenario::vocabulary::resolved;

/// Files with mistakes; the same ones go through the program in [`crate::mutations`].
const FILES: u64 = 3_000;

fn validator() -> Validator {
    let options = jsonschema::options().should_validate_formats(true);
    options.build(&scenario::json_schema()).expect("it is a schema")
}

/// TOML as an editor gives it to a schema: a date and time is a string, and a float that is not a number is null.
pub(crate) fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(yes) => yes.into(),
        toml::Value::Datetime(moment) => moment.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(json).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, json(value))).collect(),
    }
}

/// The schema's errors about a file; `None` if it is not TOML.
fn complaints(validator: &Validator, text: &str) -> Option<Vec<String>> {
    let document = json(toml::Value::Table(toml::from_str(text).ok()?));
    let said = validator.iter_errors(&document).map(|error| format!("{} at {}", error, error.instance_path()));
    Some(said.collect())
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect()
}

#[test]
fn every_valid_scenario_matches_the_schema() {
    let validator = validator();
    let mut seen = 0;
    for path in ["config/scenarios", "tests/it/model/examples"].into_iter().flat_map(files) {
        let text = fs::read_to_string(&path).expect("a scenario can be read");
        assert_eq!(complaints(&validator, &text), Some(Vec::new()), "{}", path.display());
        seen += 1;
    }
    assert_eq!(complaints(&validator, scenario::template()), Some(Vec::new()), "the template");
    assert!(seen > 100, "{seen} scenarios");
}

#[test]
fn every_accepted_value_of_a_key_matches_the_schema() {
    let validator = validator();
    let all = resolved();
    assert!(all.len() > 400, "{} values", all.len());
    for (way, text) in all {
        assert_eq!(complaints(&validator, &text), Some(Vec::new()), "{way}");
    }
}

/// Problems within one value or one table's keys, which a schema can express. Requirements that depend on another key's
/// word, as a `kind` of change requires `users`, are not; `check` only says to add a key that a table always needs.
fn is_of_one_value(problem: &Diagnostic) -> bool {
    match problem.code {
        Code::UnknownKey | Code::WrongType | Code::UnknownWord => true,
        Code::MissingKey => problem.help.as_ref().is_some_and(|help| help.starts_with("add `")),
        _ => false,
    }
}

#[test]
fn the_schema_takes_what_check_takes_and_refuses_what_it_refuses_for_a_key_or_a_type() {
    let validator = validator();
    let bases = bases();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/scenarios");
    let mut read = |path: &str| fs::read(folder.join(path)).map_err(|error| error.to_string());
    let (mut taken, mut refused, mut differences) = (0, 0, Vec::new());
    for number in 0..FILES {
        let text = mutated(number, &bases);
        let Some(against) = complaints(&validator, &text) else { continue };
        match scenario::load(&Source::new("m.toml", text.as_str()), &mut read, &Overrides::default()) {
            Ok(_) => {
                taken += 1;
                differences.extend(against.first().map(|why| format!("{number}: only the schema refuses it: {why}")));
            }
            Err(problems) => {
                let told = problems.iter().filter(|problem| problem.code.severity() == Severity::Error);
                let told: Vec<&Diagnostic> = told.filter(|problem| is_of_one_value(problem)).collect();
                refused += u32::from(!told.is_empty());
                if let (Some(first), true) = (told.first(), against.is_empty()) {
                    differences.push(format!("{number}: only check refuses it: {}", first.message));
                }
            }
        }
    }
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    assert!(taken > 100 && refused > 500, "{taken} were taken and {refused} refused: both kinds were tried");
}
