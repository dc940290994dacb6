//! Risk: a figure gets worse and the run passes, or a run is judged by a report that says nothing about it.

use serde_json::Value;

use crate::fixtures::program::Folder;

const NEWS: &str = "schema = 1\nname = \"news\"\nseed = 7\nduration = \"1h\"\n[fleet]\nusers = 400\n\
                    [[send]]\nname = \"news\"\nat = \"10m\"\nto = { groups = [\"All users\"] }\n\
                    title = \"Canteen closed\"\nbody = \"Use the other one.\"\n\
                    [[expect]]\nname = \"some\"\nmetric = \"reach\"\nwithin = \"1h\"\ncheck = \"> 0\"\n";

/// A folder with the scenario above and `last.json`, a forecast of it.
fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("news.toml", NEWS);
    folder.run(&["forecast", "news.toml", "--report", "last.json"]).exits(0);
    folder
}

/// `last.json` with one value of its top level changed.
fn change(folder: &Folder, name: &str, key: &str, value: Value) {
    let mut report = folder.json("last.json");
    report[key] = value;
    folder.write(name, &report.to_string());
}

const NO_WORSE: [&str; 4] = ["--baseline", "last.json", "--max-regression", "0"];

#[test]
fn the_same_run_is_no_worse_with_either_driver() {
    let folder = folder("baseline-same");
    folder.run(&["forecast", "news.toml", "--shard", "1/1", "--report", "part.rvl"]).exits(0);
    for arguments in [&["run", "news.toml"][..], &["forecast", "news.toml"], &["merge", "part.rvl"]] {
        let said = folder.run(&[arguments, &NO_WORSE, &["--report", "new.json"]].concat()).exits(0);
        assert!(said.out.contains("baseline of seed 7: 0 figures worse by more than 0 %"), "{}", said.out);
        let compared = folder.json("new.json");
        assert_eq!(compared["baseline"]["digest"], compared["digest"]);
        assert!(compared["baseline"]["figures"].as_array().is_some_and(|figures| figures.len() > 10));
    }
    folder.run(&["forecast", "news.toml", "--baseline", "new.json"]).exits(0);
}

#[test]
fn a_figure_worse_by_more_than_the_limit_exits_99_and_is_named() {
    let folder = folder("baseline-worse");
    let lossy = ["forecast", "news.toml", "--set", "delivery.apns.loss=20%", "--set", "delivery.fcm.loss=20%"];
    folder.run(&lossy).exits(0);
    let reports = ["--report", "new.json", "--report", "new.xml", "--report", "new.md"];
    let said = folder.run(&[&lossy[..], &["--baseline", "last.json"], &reports].concat()).exits(99);
    assert!(said.out.contains("✗ reach by the end: ") && said.out.contains(" now, allowed at least "), "{}", said.out);
    assert!(said.out.contains("✗ pairs lost: "), "{}", said.out);
    assert!(folder.read("new.xml").contains("<testsuite name=\"baseline\""));
    assert!(
        folder.read("new.md").contains("reach by the end&#58; ")
            || folder.read("new.md").contains("reach by the end: ")
    );
    let figures = &folder.json("new.json")["baseline"]["figures"];
    assert!(
        figures
            .as_array()
            .expect("a list")
            .iter()
            .any(|figure| figure["name"] == "pairs lost" && figure["ok"] == false)
    );
    folder.run(&[&lossy[..], &["--baseline", "last.json", "--max-regression", "50%"]].concat()).exits(0);
}

#[test]
fn an_incomparable_baseline_is_refused_before_anything_is_run() {
    let folder = folder("baseline-refused");
    change(&folder, "model.json", "model_version", 99.into());
    change(&folder, "half.json", "interrupted", true.into());
    change(&folder, "other.json", "scenario", "olds".into());
    folder.write("text.json", "{\"schema_version\": 1}");
    folder.run(&["forecast", "news.toml", "--seeds", "1..2", "--report", "many.json"]).exits(0);
    for (file, words) in [
        ("model.json", "it is of model_version 99"),
        ("half.json", "interrupted"),
        ("other.json", "it is of the scenario \"olds\", and this is \"news\""),
        ("text.json", "it is no JSON report of one run or of many seeds: missing field"),
        ("many.json", "it is of 2 seeds, expected at least 5"),
        ("none.json", "no such file"),
    ] {
        for verb in ["run", "forecast"] {
            let said = folder.run(&[verb, "news.toml", "--baseline", file, "--report", "new.json"]).exits(2);
            assert!(said.err.contains(&format!("--baseline {file}: ")) && said.err.contains(words), "{}", said.err);
            assert_eq!(said.out, "");
        }
    }
    let said = folder.run(&["forecast", "news.toml", "--baseline", "last.json", "--max-regression", "5"]).exits(2);
    assert!(said.err.contains("such as \"5%\""), "{}", said.err);
    folder.run(&["forecast", "news.toml", "--baseline", "last.json", "--shard", "1/2"]).exits(2);
    assert!(!folder.path().join("new.json").exists(), "nothing was run");
}
