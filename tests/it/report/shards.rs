//! Risk: a forecast in parts differs from the whole forecast, or parts that do not belong together are merged all the
//! same.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use reveille::outcome::{Driver, Finished, Outcome, RunFacts};
use reveille::report;
use reveille::rules::model::world::World;
use reveille::run::{ForecastOptions, ForecastProgress, Merge, MergeError, Part, PartFacts, Replay, Shard, forecast};
use reveille::scenario::{self, Overrides, Source};
use serde_json::Value;

use crate::fixtures::generated;
use crate::fixtures::program::{Folder, Said};
use crate::scenario::shipped::SMALL_BAD_WEATHER;

/// Random scenarios in one run of the tests.
const SCENARIOS: u64 = 60;
/// The replay command of a part.
fn replay() -> Replay {
    Replay::new("scenario.toml", None, &[])
}

/// A world and the text that accompanies its parts.
fn load(text: &str) -> (Arc<World>, String) {
    let source = Source::new("scenario.toml", text);
    let loaded = scenario::load(&source, &mut |_| Err("no includes".to_owned()), &Overrides::default());
    let loaded = loaded.unwrap_or_else(|problems| panic!("{problems}\n{text}"));
    (Arc::new(loaded.world), loaded.portable)
}

fn forecasted(world: &World, shard: Shard) -> Finished {
    let options = ForecastOptions { threads: 1, shard, ..ForecastOptions::default() };
    let never = CancellationToken::new();
    let finished = forecast(world, options, &ForecastProgress::default(), &never).expect("there is a thread");
    // Only the wall-clock time differs from run to run.
    Finished { wall_ms: 5, ..finished }
}

fn part(world: &World, portable: &str, shard: Shard) -> Part {
    let facts = PartFacts { scenario: portable.to_owned(), replay: replay(), peak_rss_bytes: Some(1_000) };
    Part::new(world, shard, forecasted(world, shard), facts)
}

/// The report of a whole forecast.
fn plain(world: &World, wall_ms: u64) -> String {
    let finished = forecasted(world, Shard::WHOLE);
    let facts = RunFacts {
        driver: Driver::Forecast,
        wall_ms,
        peak_rss_bytes: Some(1_000),
        interrupted_at: None,
        devices_done: finished.devices_done,
        late_sends: 0,
        replay: replay().command("forecast", world.chance.seed()),
    };
    report::json(&Outcome::new(world, &finished.agenda, &finished.totals, facts))
}

fn shards(of: u32) -> impl Iterator<Item = Shard> {
    (1..=of).map(move |number| Shard::new(number, of).expect("it is a shard"))
}

#[test]
fn any_number_of_shards_is_the_whole_byte_for_byte() {
    let mut pairs = 0;
    for number in 5_000..5_000 + SCENARIOS {
        let text = generated::scenario(number);
        let (world, portable) = load(&text);
        for of in [1, 2, 3, 7] {
            let mut merge = Merge::default();
            // Files may be given in any order.
            for shard in shards(of).collect::<Vec<_>>().into_iter().rev() {
                let part = part(&world, &portable, shard);
                pairs += part.contents.pairs_sent;
                merge.add(&format!("part-{}.rvl", shard.number()), &part.to_bytes()).expect("it is a part of it");
            }
            let merged = merge.finish().expect("all are there");
            let outcome = Outcome::new(&merged.world, &merged.finished.agenda, &merged.finished.totals, merged.facts);
            let (got, expected) = (report::json(&outcome), plain(&world, 5 * u64::from(of)));
            assert!(got == expected, "{of} shards of scenario {number}:\n{text}\ngot {got}\nexpected {expected}");
        }
    }
    assert!(pairs >= SCENARIOS * 400, "the scenarios are not empty: {pairs} pairs");
}

#[test]
fn there_may_be_more_shards_than_devices() {
    let (world, portable) = load(
        "schema = 1\nname = \"few\"\nduration = \"1h\"\n[fleet]\nusers = 3\n[[send]]\nname = \"s\"\nat = \"1m\"\n\
         to = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n",
    );
    let mut merge = Merge::default();
    let mut empty = 0;
    for shard in shards(10) {
        let part = part(&world, &portable, shard);
        empty += u32::from(part.contents.pairs_sent == 0);
        merge.add(&shard.to_string(), &part.to_bytes()).expect("an empty part is a part");
    }
    let merged = merge.finish().expect("all are there");
    assert_eq!((empty, merged.finished.totals.pairs_sent), (7, 3));
    assert_eq!(merged.finished.totals.counts, forecasted(&world, Shard::WHOLE).totals.counts);
}

#[test]
fn a_part_holds_no_text_of_a_message_r6() {
    let text = "schema = 1\nname = \"discreet\"\nduration = \"1h\"\n[[send]]\nname = \"s\"\nat = \"1m\"\n\
                to = { groups = [\"All users\"] }\ntitle = \"Quetzalcoatl\"\nbody = \"Popocatepetl\"\n";
    let (world, portable) = load(text);
    let bytes = part(&world, &portable, Shard::WHOLE).to_bytes();
    let stands = |word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
    assert!(stands("discreet") && stands("xxxxxxxxxxxx"), "the bytes were looked at");
    assert!(!stands("Quetzalcoatl") && !stands("Popocatepetl"));
}

#[test]
fn parts_with_impossible_values_are_refused() {
    let (world, portable) = load(&generated::scenario(7));
    let add = |merge: &mut Merge, number: u32, change: &dyn Fn(&mut Part)| {
        let mut part = part(&world, &portable, Shard::new(number, 2).expect("it is a shard"));
        change(&mut part);
        merge.add(&format!("{number}.rvl"), &part.to_bytes())
    };
    let first_of_two = || {
        let mut merge = Merge::default();
        add(&mut merge, 1, &|_| ()).expect("it is a part");
        merge
    };
    let unfit = |what| Err(MergeError::Unfit { file: "2.rvl".to_owned(), first: "1.rvl".to_owned(), what });
    assert_eq!(
        add(&mut first_of_two(), 2, &|part| part.contents.changes_slowed.push(1)),
        unfit("changes of the directory")
    );
    let other = load(&generated::scenario(8)).0;
    let agenda = forecasted(&other, Shard::WHOLE).agenda;
    assert_eq!(
        add(&mut first_of_two(), 2, &|part| part.contents.agenda = agenda.clone()),
        unfit("messages and quotas")
    );
    assert_eq!(add(&mut first_of_two(), 2, &|part| part.contents.scenario.push('\n')), unfit("scenarios"));
    let changes: [&dyn Fn(&mut Part); 3] = [
        &|part| part.contents.scenario = "schema = 1".to_owned(),
        &|part| part.contents.scenario = part.contents.scenario.replace("seed = 7", "seed = 8"),
        &|part| part.label.devices += 1,
    ];
    for change in changes {
        let error = add(&mut Merge::default(), 1, change).expect_err("its scenario does not match its totals");
        assert_eq!(error, MergeError::Scenario { file: "1.rvl".to_owned() });
    }
}

/// The file of a folder as bytes.
fn bytes(folder: &Folder, name: &str) -> Vec<u8> {
    fs::read(folder.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn put(folder: &Folder, name: &str, bytes: &[u8]) {
    fs::write(folder.path().join(name), bytes).expect("a file can be written");
}

/// A report without the parts that differ from run to run: wall-clock time, pairs a second, memory.
fn steady(text: &str) -> String {
    let wall = ["\"wall_ms\":", "\"pairs_per_second\":", "\"peak_rss_bytes\":"];
    text.lines()
        .filter(|line| !wall.iter().any(|key| line.trim_start().starts_with(key)))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn bad_weather_in_three_shards_is_the_forecast_of_bad_weather() {
    let folder = Folder::new("shards-bad-weather");
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/scenarios/bad-weather.toml");
    let scenario = scenario.to_str().expect("paths are UTF-8");
    let sets = SMALL_BAD_WEATHER.iter().flat_map(|set| ["--set", set]);
    let forecast: Vec<&str> = ["forecast", scenario].into_iter().chain(sets).collect();
    let run = |more: &[&str]| folder.run(&[&forecast[..], more].concat());
    let whole = run(&["--report", "whole.json", "--report", "whole.rvl"]);
    for shard in ["1/3", "2/3", "3/3"] {
        let said = run(&["--shard", shard, "--report", &format!("{}.rvl", &shard[..1])]).exits(0);
        assert_eq!(said.out, "", "a part is no report");
        assert!(said.err.contains(&format!("shard {shard}: ")), "{}", said.err);
    }
    let merged = folder.run(&["merge", "3.rvl", "1.rvl", "2.rvl", "--report", "merged.json", "--report", "again.rvl"]);
    assert_eq!((merged.code, merged.err.as_str()), (whole.code, ""), "{}", merged.out);
    let expected = steady(&folder.read("whole.json"));
    assert!(expected.len() > 10_000, "the report was looked at");
    assert_eq!(steady(&folder.read("merged.json")), expected);
    for (one, name) in [("whole.rvl", "one.json"), ("again.rvl", "two.json")] {
        assert_eq!(folder.run(&["merge", one, "--report", name]).code, whole.code);
        assert_eq!(steady(&folder.read(name)), expected, "{one}");
    }
    let walls: u64 = ["1.rvl", "2.rvl", "3.rvl"]
        .iter()
        .map(|name| Part::from_bytes(&bytes(&folder, name)).expect("it is a part").contents.wall_ms)
        .sum();
    assert_eq!(folder.json("merged.json")["wall_ms"], Value::from(walls), "the time of all parts together");
    let replay = merged.out.lines().find(|line| line.trim_start().starts_with("reveille forecast "));
    assert!(replay.is_some_and(|line| !line.contains("--shard")), "the whole is replayed: {}", merged.out);
}

const NEWS: &str = "schema = 1\nname = \"news\"\nseed = 7\nduration = \"1h\"\n[fleet]\nusers = 40\n\
                    [[send]]\nname = \"news\"\nat = \"10m\"\nto = { groups = [\"All users\"] }\n\
                    title = \"Canteen closed\"\nbody = \"Use the other one.\"\n";

/// A folder with `1.rvl`, `2.rvl` and `3.rvl`.
fn parted(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("news.toml", NEWS);
    for number in 1..=3 {
        let (shard, file) = (format!("{number}/3"), format!("{number}.rvl"));
        folder.run(&["forecast", "news.toml", "--shard", &shard, "--report", &file]).exits(0);
    }
    folder
}

#[track_caller]
fn assert_refused(said: Said, words: &[&str]) {
    let said = said.exits(2);
    assert_eq!(said.out, "", "nothing was reported");
    for word in words {
        assert!(said.err.contains(word), "`{word}` is not in:\n{}", said.err);
    }
}

#[test]
fn parts_that_do_not_belong_together_are_refused_by_name() {
    let folder = parted("shards-refused");
    let part = |name: &str, arguments: &[&str]| {
        folder.run(&[&["forecast", "news.toml", "--report", name], arguments].concat()).exits(0);
    };
    part("seed.rvl", &["--shard", "2/3", "--seed", "8"]);
    part("profile.rvl", &["--shard", "2/3", "--profile", "intune-2025"]);
    part("hash.rvl", &["--shard", "2/3", "--set", "send.news.at=11m"]);
    part("name.rvl", &["--shard", "2/3", "--set", "name=olds"]);
    part("four.rvl", &["--shard", "2/4"]);
    put(&folder, "copy.rvl", &bytes(&folder, "1.rvl"));
    for (files, words) in [
        (&["1.rvl", "news.toml"][..], &["news.toml is not a part of a forecast", "--shard 1/3"][..]),
        (&["1.rvl", "/dev/zero"], &["/dev/zero is not a part of a forecast"]),
        (&["1.rvl", "nowhere.rvl"], &["cannot read nowhere.rvl", "no such file"]),
        (&["1.rvl", "seed.rvl", "3.rvl"], &["seed.rvl is of another seed: 8, expected 7 as in 1.rvl"]),
        (
            &["1.rvl", "profile.rvl"],
            &["profile.rvl is of another profile: intune-2025, expected intune-2019 as in 1.rvl"],
        ),
        (&["1.rvl", "hash.rvl"], &["hash.rvl is of another scenario hash: ", "as in 1.rvl"]),
        (&["1.rvl", "name.rvl"], &["name.rvl is of another scenario: olds, expected news as in 1.rvl"]),
        (&["1.rvl", "four.rvl"], &["four.rvl is of another number of shards: 4, expected 3 as in 1.rvl"]),
        (&["1.rvl", "2.rvl", "copy.rvl"], &["copy.rvl is shard 1/3 again, which 1.rvl is already"]),
        (&["2.rvl", "2.rvl"], &["2.rvl is shard 2/3 again, which 2.rvl is already"]),
        (
            &["2.rvl"],
            &["shards 1 and 3 of 3 missing", "reveille forecast news.toml --seed 7 --shard 1/3 --report part-1.rvl"],
        ),
        (&["3.rvl", "1.rvl"], &["shard 2 of 3 missing", "--shard 2/3"]),
        (&[], &["FILE"]),
    ] {
        assert_refused(folder.run(&[&["merge"], files].concat()), words);
    }
    folder.run(&["merge", "1.rvl", "2.rvl", "3.rvl"]).exits(0);
}

#[test]
fn broken_interrupted_and_foreign_parts_are_refused_by_name() {
    let folder = parted("shards-broken");
    let whole = bytes(&folder, "2.rvl");
    put(&folder, "short.rvl", &whole[..whole.len() - 1]);
    put(&folder, "empty.rvl", b"");
    let mut turned = whole.clone();
    *turned.last_mut().expect("it has bytes") ^= 1;
    put(&folder, "turned.rvl", &turned);
    let mut format = whole.clone();
    format[8] = 99;
    put(&folder, "format.rvl", &format);
    let changed = |name: &str, change: &dyn Fn(&mut Part)| {
        let mut part = Part::from_bytes(&whole).expect("it is a part");
        change(&mut part);
        put(&folder, name, &part.to_bytes());
    };
    changed("old.rvl", &|part| part.label.version = "0.0.9".to_owned());
    changed("model.rvl", &|part| part.label.model_version = 77);
    changed("cut.rvl", &|part| (part.label.interrupted, part.label.devices_done) = (true, 5));
    let (got, expected) = (whole.len() - 1, whole.len());
    for (file, words) in [
        ("short.rvl", &[format!("short.rvl is {got} bytes long, expected {expected}").as_str(), "copy it again"][..]),
        ("empty.rvl", &["empty.rvl is not a part of a forecast"]),
        ("turned.rvl", &["turned.rvl is not as it was written: its checksum is ", "expected "]),
        ("format.rvl", &["format.rvl is of format 99, expected 4"]),
        ("old.rvl", &["old.rvl is made by reveille 0.0.9, expected ", env!("CARGO_PKG_VERSION")]),
        ("model.rvl", &["model.rvl is made with model version 77, expected 1"]),
        ("cut.rvl", &["cut.rvl was interrupted after 5 of 13 devices", "--shard 2/3"]),
    ] {
        assert_refused(folder.run(&["merge", "1.rvl", file, "3.rvl", "--report", "out.json"]), words);
        assert!(!folder.path().join("out.json").exists(), "{file}");
    }
}

#[test]
fn a_wrong_shard_or_ending_is_wrong_usage_with_an_example() {
    let folder = parted("shards-usage");
    for shard in ["0/3", "4/3", "1/0", "x", "1/5000"] {
        let said = folder.run(&["forecast", "news.toml", "--shard", shard, "--report", "a.rvl"]);
        assert_refused(said, &[shard, "--shard", "write i/n, such as 2/3"]);
    }
    for (arguments, words) in [
        (&["forecast", "news.toml", "--shard", "1/3"][..], &["--report part-1.rvl"][..]),
        (&["forecast", "news.toml", "--shard", "1/3", "--report", "a.json"], &["`a.json`", ".rvl", "reveille merge"]),
        (&["forecast", "news.toml", "--shard", "1/3", "--report", "a.rvl", "--report", "-"], &["`-`", ".rvl"]),
        (&["forecast", "news.toml", "--shard", "1/3", "--report", "a.ndjson"], &["`a.ndjson`", ".rvl"]),
        (&["run", "news.toml", "--report", "a.rvl"], &["`a.rvl`", "reveille forecast"]),
        (&["merge", "1.rvl", "2.rvl", "3.rvl", "--report", "a.ndjson"], &["`a.ndjson`", "without --shard"]),
    ] {
        assert_refused(folder.run(arguments), words);
    }
    for name in ["a.rvl", "a.json", "a.ndjson"] {
        assert!(!folder.path().join(name).exists(), "{name}");
    }
}
