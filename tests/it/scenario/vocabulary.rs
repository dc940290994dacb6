//! Risk: a key of the scenario language is accepted and has no effect. Each key is set to two values, which must make
//! two worlds.

use std::collections::BTreeSet;

use reveille::scenario::{self, Overrides, Source};
use serde_json::Value;

mod cases;

use cases::{Case, cases};

/// A scenario with one of everything that has a name, so that each key has a place.
const BASE: &str = include_str!("vocabulary/base.toml");

fn load(case: &Case, way: &str) -> Result<scenario::Loaded, String> {
    let sets = case.beside.iter().map(ToString::to_string).chain([way.to_owned()]).collect();
    let overrides = Overrides { sets, ..Overrides::default() };
    assert!(BASE.contains(case.without), "{}: the base has no {}", case.key, case.without);
    let base = Source::new("base.toml", BASE.replacen(case.without, "", 1));
    let loaded = scenario::load(&base, &mut |path| Err(format!("no {path}")), &overrides);
    loaded.map_err(|all| all.to_string())
}

/// The world without its hash, which differs for any two texts.
fn world(case: &Case, way: &str) -> Result<String, String> {
    let mut world = load(case, way)?.world;
    world.scenario_hash.clear();
    Ok(format!("{world:?}"))
}

/// Every `--set` flag that is tried here, with the resolved scenario.
pub(crate) fn resolved() -> Vec<(String, String)> {
    let scenario = |case: &Case, way: &String| {
        let loaded = load(case, way).unwrap_or_else(|why| panic!("{way}: {why}"));
        (way.clone(), loaded.resolved)
    };
    cases().iter().flat_map(|case| case.ways.each_ref().map(|way| scenario(case, way))).collect()
}

/// Keys that change no world by themselves, and the test of their effect.
const OTHERS: [(&str, &str); 12] = [
    ("schema", "it has one value"),
    ("include", "`scenario/include` has its own tests"),
    ("group.devices", "it must change nothing (R23): `two_groups_device_member.toml`"),
    ("fleet.import.file", "imports::generated_come_first_then_imported_then_named"),
    ("fleet.import.export", "imports::an_import_leaves_the_machine_with_its_devices_and_nothing_else"),
    ("directory.users.file", "directory::users_have_the_same_labels_from_every_form_of_export"),
    ("directory.users.export", "directory::a_scenario_leaves_the_machine_with_its_users_and_groups_and_no_more"),
    ("directory.groups.file", "directory::groups_have_their_members_and_what_is_unknown_is_counted"),
    ("directory.groups.export", "directory::a_scenario_leaves_the_machine_with_its_users_and_groups_and_no_more"),
    ("group.file", "directory::the_members_of_one_group_come_from_a_download_of_its_own"),
    ("group.export", "directory::a_scenario_leaves_the_machine_with_its_users_and_groups_and_no_more"),
    ("fault.scope.tenant", "it must change nothing: it is the same as no scope"),
];

/// Every key below a part of the schema that holds a value.
fn keys(schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    let parts = schema["anyOf"].as_array().map_or(std::slice::from_ref(schema), Vec::as_slice);
    for part in parts {
        let part = if part["items"]["properties"].is_object() { &part["items"] } else { part };
        let Some(properties) = part["properties"].as_object() else {
            found.insert(path.to_owned());
            continue;
        };
        for (key, inner) in properties {
            if !(path.is_empty() || key != "name" && key != "override") {
                continue;
            }
            let inner_path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            keys(inner, &inner_path, found);
        }
    }
}

#[test]
fn every_key_of_the_language_has_two_values_that_make_two_worlds() {
    let mut known = BTreeSet::new();
    keys(&scenario::json_schema(), "", &mut known);
    assert!(known.len() > 200, "{}", known.len());
    let cases = cases();
    let mut complaints: Vec<String> = Vec::new();
    for case in &cases {
        match case.ways.each_ref().map(|way| world(case, way)) {
            [Ok(one), Ok(other)] if one == other => {
                complaints.push(format!("{} does nothing: {:?}", case.key, case.ways));
            }
            [Ok(_), Ok(_)] => {}
            failed => {
                complaints.extend(failed.into_iter().filter_map(Result::err).map(|why| format!("{}: {why}", case.key)));
            }
        }
    }
    let tried: BTreeSet<&str> = cases.iter().map(|case| case.key.as_str()).chain(OTHERS.map(|(key, _)| key)).collect();
    let untried = known.iter().filter(|key| !tried.contains(key.as_str()));
    complaints.extend(untried.map(|key| format!("{key} is not tried. Remedy: give it two values here.")));
    let unknown = tried.iter().filter(|key| !known.contains(**key));
    complaints.extend(unknown.map(|key| format!("{key} is no key any more. Remedy: take it out here.")));
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Enumeration words: each makes a world of its own, combined with keys that allow it.
#[test]
fn every_enumeration_word_makes_its_own_world() {
    let schema = scenario::json_schema();
    let words = |table: &str, key: &str| -> Vec<String> {
        let words = schema["properties"][table]["items"]["properties"][key]["enum"].as_array().expect("it has words");
        words.iter().map(|word| word.as_str().expect("a word").to_owned()).collect()
    };
    let with = |more: &str| {
        let base = Source::new("base.toml", format!("{BASE}{more}"));
        let loaded = scenario::load(&base, &mut |path| Err(format!("no {path}")), &Overrides::default());
        let mut world = loaded.unwrap_or_else(|all| panic!("{more}\n{all}")).world;
        world.scenario_hash.clear();
        format!("{world:?}")
    };
    let mut worlds = BTreeSet::new();
    let faults = words("fault", "kind");
    for kind in &faults {
        let keys = match kind.as_str() {
            "loss" | "duplicate" | "crash" => "rate = \"10%\"",
            "throttle" => "rate = \"10/s\"",
            "delay" | "directory_lag" => "delay = \"1m\"",
            "stall" => "rate = \"10%\"\ndelay = \"1s\"",
            _ => "",
        };
        worlds.insert(with(&format!("[[fault]]\nname = \"f\"\nat = \"1h\"\nkind = \"{kind}\"\n{keys}\n")));
    }
    let changes = words("change", "kind");
    for kind in &changes {
        let group = if matches!(kind.as_str(), "join" | "leave") { "group = \"board\"" } else { "" };
        let users = "users = [\"ada\"]";
        worlds.insert(with(&format!("[[change]]\nname = \"c\"\nat = \"1h\"\nkind = \"{kind}\"\n{group}\n{users}\n")));
    }
    assert_eq!((faults.len(), changes.len()), (12, 10));
    assert_eq!(worlds.len(), faults.len() + changes.len());
}

/// Every value for undocumented behaviour is an assumption, and a report lists it.
#[test]
fn assumptions_about_the_service_are_reported_whether_set_or_default() {
    let cases = cases();
    let of_service: Vec<&Case> = cases.iter().filter(|case| case.key.starts_with("service.")).collect();
    assert_eq!(of_service.len(), 7);
    for case in &of_service {
        for way in &case.ways {
            let (_, chosen) = way.split_once('=').expect("a key and its value");
            let world = load(case, way).expect("it loads").world;
            let told =
                |key: &str| world.assumptions.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
            assert_eq!(told(&case.key), Some(chosen), "{way}");
            assert!(of_service.iter().all(|other| told(&other.key).is_some()), "{way}: the others are told too");
        }
    }
}
