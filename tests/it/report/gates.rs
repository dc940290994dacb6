//! Risk: a gate over many seeds passes a change for the worse, or fails on chance.

use reveille::outcome::{ContrastLine, Outcome, Ranges, Variation};

use crate::fixtures::program::Folder;

const NEWS: &str = "schema = 1\nname = \"news\"\nseed = 7\nduration = \"2h\"\n[fleet]\nusers = 1000\n\
                    [[send]]\nname = \"news\"\nat = \"10m\"\nto = { groups = [\"All users\"] }\n\
                    title = \"Canteen closed\"\nbody = \"Use the other one.\"\n\
                    [[fault]]\nname = \"down\"\nkind = \"outage\"\nat = \"5m\"\nfor = \"20m\"\nscope = { gateway = \"fcm\" }\n\
                    [[expect]]\nname = \"half of them\"\nmetric = \"reach\"\nwithin = \"1h\"\ncheck = \">= 0.5\"\n";
/// One message in twenty is lost that was not before.
const MORE_LOSS: [&str; 4] = ["--set", "delivery.apns.loss=5.2%", "--set", "delivery.fcm.loss=5.2%"];

/// A folder with the scenario above and `before.json`, a forecast of it with twenty seeds.
fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("news.toml", NEWS);
    folder.run(&["forecast", "news.toml", "--seeds", "1..20", "--report", "before.json"]).exits(0);
    folder
}

const BEFORE: [&str; 2] = ["--baseline", "before.json"];

#[test]
fn another_seed_is_no_regression() {
    let folder = folder("gates-chance");
    let said = folder.run(&[&["forecast", "news.toml", "--seeds", "21..40"][..], &BEFORE].concat()).exits(0);
    assert!(said.out.contains("baseline of 20 seeds from 1: 0 figures worse than its seeds allow"), "{}", said.out);
    for seed in ["101", "102", "103", "104", "105"] {
        folder.run(&[&["forecast", "news.toml", "--seed", seed][..], &BEFORE].concat()).exits(0);
    }
}

#[test]
fn a_loss_of_one_in_twenty_more_is_a_regression() {
    let folder = folder("gates-loss");
    let reports = ["--report", "gate.json", "--report", "gate.xml", "--report", "gate.html", "--report", "gate.md"];
    let seeds = ["forecast", "news.toml", "--seeds", "21..40"];
    let said = folder.run(&[&seeds[..], &MORE_LOSS, &BEFORE, &reports].concat()).exits(99);
    assert!(said.out.contains("✗ reach by the end: ") && said.out.contains("allowed at least"), "{}", said.out);
    let record: Ranges = serde_json::from_str(&folder.read("gate.json")).expect("it is a record");
    let worse: Vec<String> =
        record.baseline.expect("it was compared").worse().map(|figure| figure.name.clone()).collect();
    assert!(worse.contains(&"pairs lost".to_owned()) && worse.contains(&"reach by the end".to_owned()), "{worse:?}");
    assert!(folder.read("gate.xml").contains("<testsuite name=\"baseline\""));
    for file in ["gate.html", "gate.md"] {
        assert!(folder.read(file).contains("Against the baseline"), "{file}");
    }
    // One run alone is far enough from twenty too.
    folder.run(&[&["forecast", "news.toml", "--seed", "101"][..], &MORE_LOSS, &BEFORE].concat()).exits(99);
}

#[test]
fn a_limit_of_the_scenario_lets_a_figure_be_worse() {
    let folder = folder("gates-limits");
    let limits = "\n[baseline]\nmax_regression = \"50%\"\n";
    folder.write("news.toml", &format!("{NEWS}{limits}"));
    let seeds = ["forecast", "news.toml", "--seeds", "21..40"];
    folder.run(&[&seeds[..], &MORE_LOSS, &BEFORE].concat()).exits(0);
    // What the command line says precedes it, but not the spread of the seeds.
    folder.run(&[&seeds[..], &MORE_LOSS, &BEFORE, &["--max-regression", "0"]].concat()).exits(99);
    folder.write(
        "news.toml",
        &format!("{NEWS}{limits}[[baseline.limit]]\nname = \"pairs lost\"\nmax_regression = \"0.1%\"\n"),
    );
    folder.run(&[&seeds[..], &MORE_LOSS, &BEFORE, &["--report", "gate.json"]].concat()).exits(99);
    let record: Ranges = serde_json::from_str(&folder.read("gate.json")).expect("it is a record");
    let baseline = record.baseline.expect("it was compared");
    assert_eq!(baseline.worse().map(|figure| figure.name.as_str()).collect::<Vec<_>>(), ["pairs lost"]);
}

#[test]
fn a_baseline_of_few_seeds_is_refused() {
    let folder = Folder::new("gates-few");
    folder.write("news.toml", NEWS);
    folder.run(&["forecast", "news.toml", "--seeds", "1..4", "--report", "before.json"]).exits(0);
    let said = folder.run(&[&["forecast", "news.toml"][..], &BEFORE].concat()).exits(2);
    assert!(said.err.contains("it is of 4 seeds, expected at least 5"), "{}", said.err);
}

/// The costs of a plain forecast.
fn costs(folder: &Folder, more: &[&str]) -> Vec<ContrastLine> {
    let plain = ["forecast", "news.toml", "--without", "down", "--report", "-", "--quiet"];
    let outcome: Outcome = serde_json::from_str(&folder.run(&[&plain[..], more].concat()).out).expect("a record");
    outcome.without.expect("it was asked for")
}

#[test]
fn the_cost_of_a_fault_over_seeds_is_that_of_each_seed() {
    let folder = folder("gates-without");
    let many = ["forecast", "news.toml", "--seeds", "3..5", "--without", "down", "--report", "-"];
    let ranges: Ranges = serde_json::from_str(&folder.run(&many).out).expect("a record");
    for row in &ranges.rows {
        assert_eq!(row.without, Some(costs(&folder, &["--seed", &row.seed.to_string()])), "seed {}", row.seed);
    }
    let [range] = ranges.without.expect("it was asked for").try_into().expect("one fault");
    let later: Vec<u64> = ranges.rows.iter().map(|row| row.without.as_ref().expect("known")[0].shown_later).collect();
    assert_eq!(
        (Some(&range.shown_later.min.value), Some(&range.shown_later.max.value)),
        (later.iter().min(), later.iter().max())
    );
    assert!(range.shown_later.min.value > 0, "the outage delays something");
}

#[test]
fn each_value_of_a_key_has_its_cost_and_its_comparison() {
    let folder = folder("gates-vary");
    let vary = ["forecast", "news.toml", "--vary", "delivery.fcm.loss=0..50%/3", "--without", "down"];
    let reports = ["--report", "-", "--report", "values.xml", "--report", "values.html"];
    let said = folder.run(&[&vary[..], &BEFORE, &reports].concat()).exits(99);
    let record: Variation = serde_json::from_str(&said.out).expect("a record");
    let failed: Vec<bool> = record.rows.iter().map(|row| !row.headline.failures.is_empty()).collect();
    assert_eq!(failed, [false, true, true]);
    for row in &record.rows {
        let set = format!("delivery.fcm.loss={}", row.value);
        assert_eq!(row.headline.without, Some(costs(&folder, &["--set", &set])), "{set}");
    }
    assert!(folder.read("values.xml").contains("delivery.fcm.loss=25%") && folder.read("values.html").contains("25%"));
}

#[test]
fn a_window_that_the_scenario_chose_has_a_range() {
    let folder = Folder::new("gates-windows");
    folder.write("news.toml", &format!("report = {{ windows = [\"15m\", \"07:00\"] }}\n{NEWS}"));
    let said = folder.run(&["forecast", "news.toml", "--seeds", "1..5", "--report", "many.json"]).exits(0);
    assert!(said.out.contains("  reach until 07:00  "), "{}", said.out);
    let ranges: Ranges = serde_json::from_str(&folder.read("many.json")).expect("a record");
    let [window] = ranges.ranges.windows.as_slice() else {
        panic!("15 min is told anyway: {:?}", ranges.ranges.windows)
    };
    let range = window.shown.expect("it is counted");
    for seeded in [range.min, range.max] {
        let plain = ["forecast", "news.toml", "--seed", &seeded.seed.to_string(), "--report", "-", "--quiet"];
        let outcome: Outcome = serde_json::from_str(&folder.run(&plain).out).expect("a record");
        assert_eq!((Some(seeded.value.part), seeded.value.whole), (outcome.reach.overall[1], outcome.pairs));
    }
}

#[test]
fn what_many_forecasts_cannot_hold_is_refused_before_they_begin() {
    let folder = Folder::new("gates-formats");
    folder.write("news.toml", NEWS);
    for file in ["many.om", "many.ndjson", "many.rvl"] {
        let said = folder.run(&["forecast", "news.toml", "--seeds", "1..2", "--report", file]).exits(2);
        assert!(said.err.contains("use a file that ends in .json, .html, .md, .xml"), "{}", said.err);
    }
    let said = folder.run(&["forecast", "news.toml", "--seeds", "1..2", "--without", "dwon"]).exits(2);
    assert!(said.err.contains("did you mean `down`?"), "{}", said.err);
}
