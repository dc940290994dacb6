//! Risk: a shipped scenario does not do what it says, or the drivers disagree about it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reveille::engine::EngineProgress;
use reveille::outcome::{Counts, Driver, MessageOutcome, Outcome, RunFacts, Verdict};
use reveille::rules::model::world::World;
use reveille::run::{LiveOptions, live};
use reveille::scenario::{self, Overrides, Source};

use crate::fixtures::drivers::folded;
use crate::fixtures::program::Folder;

/// Devices of a scenario that goes through both drivers in a test.
const DEVICES_MAX: u32 = 10_000;
const HOUR_MS: u64 = 3_600_000;

/// Bad weather on a twentieth of its fleet; its expectations are about the whole fleet.
pub(crate) const SMALL_BAD_WEATHER: [&str; 12] = [
    "fleet.users=3000",
    "group.north-offices.users={ from = 100, to = 1200 }",
    "group.north-workshop.users={ from = 1200, to = 1800 }",
    "group.south-offices.users={ from = 1900, to = 2400 }",
    "group.south-workshop.users={ from = 2400, to = 2900 }",
    "group.managers.users={ from = 100, to = 175 }",
    "group.snow-crew.users={ from = 1200, to = 1230 }",
    "change.joiners.users={ sample = 100 }",
    "change.joiners.schedule={ from = \"25m\", rate = \"300/h\" }",
    "change.leavers.users={ sample = 180 }",
    "send.restart-requests.to={ devices = { sample = 60 } }",
    "fault.fcm-crowded.rate=\"25/s\"",
];

/// A flood of 12,000 messages: too many to be listed separately.
const SMALL_FLOOD: [&str; 7] = [
    "fleet.users=4000",
    "send.team-1.to.devices={sample=200}",
    "send.team-2.to.devices={sample=200}",
    "send.team-3.to.devices={sample=200}",
    "send.team-4.to.devices={sample=200}",
    "send.team-5.to.devices={sample=200}",
    "send.team-6.to.devices={sample=200}",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config/scenarios")
}

fn load(path: &Path, sets: &[&str]) -> Arc<World> {
    let text = fs::read_to_string(path).expect("a scenario can be read");
    let overrides = Overrides { sets: sets.iter().map(ToString::to_string).collect(), ..Overrides::default() };
    let mut read = |name: &str| fs::read(name).map_err(|error| error.to_string());
    match scenario::load(&Source::new(path.display().to_string(), text), &mut read, &overrides) {
        Ok(loaded) => {
            let names_a_refusal = loaded.warnings.iter().any(|warning| warning.message.contains("refuse"));
            assert!(loaded.warnings.is_empty() || names_a_refusal, "{}", loaded.warnings);
            Arc::new(loaded.world)
        }
        Err(problems) => panic!("{problems}"),
    }
}

fn acted(world: &Arc<World>) -> Outcome {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime starts");
    let stop = tokio_util::sync::CancellationToken::new();
    let options = LiveOptions { shards: world.live.shards, ..LiveOptions::new(world.live.resident_actors_max, stop) };
    let finished = runtime.block_on(live(Arc::clone(world), options, Arc::new(EngineProgress::default())));
    let finished = finished.expect("the engine goes through the scenario");
    let facts = RunFacts {
        driver: Driver::Actors,
        wall_ms: finished.wall_ms,
        peak_rss_bytes: None,
        interrupted_at: finished.interrupted_at,
        devices_done: finished.devices_done,
        late_sends: finished.late_sends,
        replay: String::new(),
    };
    Outcome::new(world, &finished.agenda, &finished.totals, facts)
}

fn plain_digest(world: &World) -> String {
    format!("{:032x}", folded(world).digest())
}

#[test]
fn every_shipped_scenario_passes_and_both_drivers_agree() {
    let mut seen = 0;
    for entry in fs::read_dir(folder()).expect("there are scenarios") {
        let path = entry.expect("a folder can be read").path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a file has a name").to_owned();
        if name == "bad-weather" {
            continue;
        }
        seen += 1;
        let world = load(&path, cut(&name));
        assert_eq!(world.name, name, "a scenario is called like its file");
        let devices = world.fleet.devices();
        assert!(
            devices <= DEVICES_MAX,
            "{name} has {devices} devices. Remedy: cut it here, as the full-quota day is cut."
        );
        let outcome = acted(&world);
        assert_eq!(outcome.verdict(), Verdict::Passed, "{name}: {:?}", outcome.expectations);
        assert!(outcome.pairs > 0 && !outcome.expectations.is_empty(), "{name} shows something");
        assert_eq!(outcome.digest, plain_digest(&world), "{name}: actors against the plain driver");
    }
    assert!(seen >= 16, "the scenarios are there: {seen}");
}

/// Its share of losses alone would be the same without bursts.
#[test]
fn bursts_of_loss_are_seen_by_an_expectation() {
    let without = load(&folder().join("loss-bursts.toml"), &["fault.tunnel.correlation=\"1ms\""]);
    let outcome = acted(&without);
    let failed = outcome.expectations.iter().filter(|line| !line.ok).map(|line| line.name.as_str());
    assert_eq!(failed.collect::<Vec<_>>(), ["twins are lost together"], "{:?}", outcome.expectations);
}

/// Flags that make a large scenario small enough for a test.
fn cut(name: &str) -> &'static [&'static str] {
    match name {
        "full-quota-day" => &["fleet.users=400"],
        "million" => &["fleet.users=2000"],
        "flood" => &SMALL_FLOOD,
        _ => &[],
    }
}

/// The flag with which a scenario's head says that it fails.
fn documented(name: &str) -> String {
    let text = fs::read_to_string(folder().join(format!("{name}.toml"))).expect("a scenario can be read");
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("# Fails with: --set "));
    let set = lines
        .next()
        .unwrap_or_else(|| panic!("{name} does not say with what it fails. Remedy: add `# Fails with: --set …`."));
    assert_eq!(lines.next(), None, "{name}: one is enough");
    set.to_owned()
}

fn shipped() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("there are scenarios");
    let paths = entries.map(|entry| entry.expect("a folder can be read").path());
    let mut names: Vec<String> = paths
        .map(|path| path.file_stem().and_then(|stem| stem.to_str()).expect("a file has a name").to_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn every_shipped_scenario_is_an_example_inside_the_program() {
    assert_eq!(
        shipped(),
        scenario::shipped::names().collect::<Vec<_>>(),
        "Remedy: name it in src/scenario/shipped.rs."
    );
}

#[test]
fn each_fails_with_its_one_documented_flag_and_the_report_says_which_what_and_how_to_replay() {
    for name in shipped() {
        let set = documented(&name);
        let example = format!("example:{name}");
        // The actors are slow on the largest ones; a forecast does not show faults on actors.
        let verb = if matches!(name.as_str(), "bad-weather" | "full-quota-day") { "forecast" } else { "run" };
        let folder = Folder::new(&format!("shipped-{name}"));
        let cuts: Vec<&str> = cut(&name).iter().flat_map(|cut| ["--set", cut]).collect();
        let well = folder.run(&[&[verb, &example, "--quiet", "--report", "well.json"], &cuts[..]].concat()).exits(0);
        assert!(well.out.starts_with("PASSED"), "{name}: {}", well.out);
        let asked = [&[verb, &example, "--quiet", "--report", "failed.json", "--set", &set], &cuts[..]].concat();
        let said = folder.run(&asked).exits(99);
        let failed: Outcome = serde_json::from_value(folder.json("failed.json")).expect("the report reads back");
        let broken: Vec<_> = failed.expectations.iter().filter(|line| !line.ok).collect();
        assert!(!broken.is_empty(), "{name}: an expectation is what fails: {:?}", failed.expectations);
        assert!(said.out.starts_with("FAILED"), "{name}: {}", said.out);
        for line in broken {
            let begins: String = line.name.chars().take(30).collect();
            let told = said.out.lines().find(|told| told.contains('✗') && told.contains(&begins));
            assert!(told.is_some_and(|told| told.contains(&line.observed_text)), "{name}: {line:?} in\n{}", said.out);
        }
        let replay = failed.replay.strip_prefix("reveille ").expect("a replay is a command");
        assert!(said.out.contains(&failed.replay), "{name}: the console has the command");
        let words: Vec<&str> = replay.split(' ').map(|word| word.trim_matches('\'')).collect();
        let again = folder.run(&[&words[..], &["--quiet", "--report", "again.json"]].concat()).exits(99);
        assert!(again.out.starts_with("FAILED"), "{name}: {}", again.out);
        assert_eq!(folder.json("again.json")["digest"], failed.digest.as_str(), "{name}: {replay}");
    }
}

#[test]
fn bad_weather_keeps_the_rules_on_a_small_fleet() {
    let world = load(&folder().join("bad-weather.toml"), &SMALL_BAD_WEATHER);
    let outcome = acted(&world);
    assert_eq!(outcome.digest, plain_digest(&world));
    // The JSON report is judged, as its readers see it.
    let report = serde_json::from_str(&reveille::report::json(&outcome)).expect("the report is JSON");
    crate::report::schemas::check(&report);
    let report: Outcome = serde_json::from_value(report).expect("the report reads back");
    assert_eq!(report, outcome);
    assert_eq!((report.driver, report.conservation.ok), (Driver::Actors, true), "{:?}", report.conservation);
    assert!(report.faults.iter().all(|fault| fault.touched > 0), "{:?}", report.faults);
    quotas(&report);
    platforms(&report);
    sums(&report);
}

/// R40, R43, R45, R47: no window of an hour holds more, and refusals say when to try again.
fn quotas(report: &Outcome) {
    let mut accepted: BTreeMap<Option<&str>, Vec<u64>> = BTreeMap::new();
    let mut refused = 0;
    for line in &report.messages {
        match (line.outcome, line.accepted_at_ms) {
            (MessageOutcome::Accepted, Some(at)) => accepted.entry(line.device.as_deref()).or_default().push(at),
            (MessageOutcome::Refused, None) => {
                let is_quota = line.reason.as_deref().is_some_and(|reason| reason.ends_with("_quota"));
                refused += u64::from(is_quota);
                assert_eq!(line.next_slot_ms.is_some(), is_quota, "{line:?}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(refused >= 10, "both quotas were run into: {refused}");
    for (device, times) in &mut accepted {
        let most = if device.is_some() { 10 } else { 25 };
        times.sort_unstable();
        let crowded = times.windows(most + 1).find(|window| window[most] - window[0] < HOUR_MS);
        assert!(crowded.is_none(), "{device:?}: more than {most} within an hour: {crowded:?}");
    }
    assert_eq!(accepted[&None].len() as u64, report.quota.group.accepted);
    assert_eq!(report.quota.group.accepted, 28);
    assert_eq!(accepted[&Some("friedas-iphone")].len(), 10);
}

/// R27, R35: which platforms never show anything, and which alone can lack Play Services.
fn platforms(report: &Outcome) {
    let shown = |counts: &Counts| counts["shown"];
    for desktop in ["macos", "windows"] {
        let counts = &report.stations.by_platform[desktop];
        assert_eq!(counts["skipped"], counts.values().sum::<u64>(), "{desktop}: {counts:?}");
    }
    let without = &report.stations.by_cohort["androids-without-play"];
    assert_eq!((shown(without), without["blocked"] > 0), (0, true), "{without:?}");
    let (ios, android) = (&report.stations.by_platform["ios"], &report.stations.by_platform["android"]);
    assert!(shown(ios) > 0 && shown(android) > 0);
    assert!(report.stations.by_cause["blocked/play_services"] <= android["blocked"]);
    assert!(report.stations.by_cause["blocked/play_services"] >= without["blocked"] / 2);
    assert!(report.exposed <= shown(android), "only Android phones let other apps read");
}

/// Every division of the pairs has the same sum.
fn sums(report: &Outcome) {
    let overall = &report.stations.overall;
    let total = |parts: &BTreeMap<String, Counts>, station: &str| parts.values().map(|part| part[station]).sum::<u64>();
    for (station, count) in overall {
        assert_eq!(total(&report.stations.by_platform, station), *count, "{station} by platform");
        assert_eq!(total(&report.stations.by_cohort, station), *count, "{station} by cohort");
        assert_eq!(
            report.messages.iter().map(|line| line.stations[station]).sum::<u64>(),
            *count,
            "{station} by message"
        );
        let with_causes = matches!(station.as_str(), "skipped" | "blocked" | "lost" | "waiting");
        let causes = report.stations.by_cause.iter().filter(|(cause, _)| cause.starts_with(&format!("{station}/")));
        assert_eq!(causes.map(|(_, n)| n).sum::<u64>(), if with_causes { *count } else { 0 }, "{station} by cause");
    }
    assert_eq!(overall.values().sum::<u64>(), report.pairs);
    assert_eq!(report.messages.iter().map(|line| line.audience).sum::<u64>(), report.pairs);
    assert_eq!(report.stations.by_form.values().sum::<u64>(), overall["shown"]);
    assert_eq!(report.series.iter().map(|minute| minute.shown).sum::<u64>(), overall["shown"]);
    assert_eq!(report.series.iter().map(|minute| minute.dismissed).sum::<u64>(), report.dismissals.total);
}
