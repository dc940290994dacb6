//! Risk: a figure that a warning of the scenario puts in doubt is read without it.

use serde_json::{Value, json};

use crate::fixtures::program::Folder;

/// Sent at 23:15, to phones of which nothing says how they are at night.
const LATE: &str = "schema = 1\nname = \"late\"\nstart = 2026-01-05T22:00:00Z\nduration = \"4h\"\n[fleet]\nusers = 200\n\
                    [[fleet.cohort]]\nname = \"phones\"\nshare = 1\nplatform = \"ios\"\n\
                    [[send]]\nname = \"late\"\nat = \"1h15m\"\nto = { groups = [\"All users\"] }\n\
                    title = \"t\"\nbody = \"b\"\n";
const TEXT: &str = "`late` is sent at 23:15 local time of `phones`, whose phones know no night";

#[test]
fn every_report_of_a_send_at_night_says_that_its_phones_know_no_night() {
    let folder = Folder::new("warnings-night");
    folder.write("late.toml", LATE);
    let reports = |name: &str| ["json", "html", "md"].map(|kind| format!("{name}.{kind}"));
    for (name, more) in [
        ("run", &["run"][..]),
        ("forecast", &["forecast"]),
        ("seeds", &["forecast", "--seeds", "1..3"]),
        ("vary", &["forecast", "--vary", "delivery.apns.loss=0..1%"]),
    ] {
        let files = reports(name);
        let mut arguments = vec![more[0], "late.toml"];
        arguments.extend(&more[1..]);
        arguments.extend(files.iter().flat_map(|file| ["--report", file]));
        let said = folder.run(&arguments).exits(0);
        assert!(said.out.contains("Warnings") && said.out.contains("S107"), "{name}: {}", said.out);
        assert!(said.out.lines().all(|line| line.chars().count() <= 100), "{name}: {}", said.out);
        let record: Value = serde_json::from_str(&folder.read(&files[0])).expect("it is JSON");
        let warnings = record.get("warnings").unwrap_or(&record["batch"]["warnings"]);
        assert_eq!(warnings[0]["code"], "S107", "{name}: {record}");
        assert!(warnings[0]["text"].as_str().is_some_and(|text| text.starts_with(TEXT)), "{name}: {warnings}");
        for file in &files[1..] {
            assert!(folder.read(file).contains("whose phones know no night"), "{file}");
        }
    }
}

#[test]
fn a_merged_report_has_the_warnings_of_the_whole_and_a_night_has_none() {
    let folder = Folder::new("warnings-merged");
    folder.write("late.toml", LATE);
    let record = |file: &str| -> Value { serde_json::from_str(&folder.read(file)).expect("it is JSON") };
    folder.run(&["forecast", "late.toml", "--report", "whole.json"]).exits(0);
    folder.run(&["forecast", "late.toml", "--shard", "1/2", "--report", "1.rvl"]).exits(0);
    folder.run(&["forecast", "late.toml", "--shard", "2/2", "--report", "2.rvl"]).exits(0);
    folder.run(&["merge", "1.rvl", "2.rvl", "--report", "merged.json"]).exits(0);
    assert_eq!(record("merged.json")["warnings"], record("whole.json")["warnings"]);
    assert_ne!(record("merged.json")["warnings"], json!(null));
    let nights = format!("{LATE}[fleet.defaults]\npresence = \"day_and_night\"\n");
    folder.write("late.toml", &nights);
    folder.run(&["forecast", "late.toml", "--report", "night.json"]).exits(0);
    assert_eq!(record("night.json")["warnings"], json!(null));
}
