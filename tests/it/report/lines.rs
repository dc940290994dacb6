//! Risk: the lines of pairs differ from the report: another number, another fate, one driver's and not the other's, or
//! a text that must not be stored.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;

use reveille::engine::EngineProgress;
use reveille::outcome::{Driver, Finished, LivePairOutlet, Outcome, PairBatch, PairLine, PairOutlet, RunFacts};
use reveille::report::ndjson;
use reveille::rules::model::world::World;
use reveille::run::{ForecastOptions, ForecastProgress, LiveOptions, Shard, forecast, live};
use serde_json::Value;

use crate::fixtures::drivers::{try_world, world};
use crate::fixtures::generated::scenario;
use crate::fixtures::program::Folder;

/// Random scenarios in one run of the tests.
const SCENARIOS: u64 = 40;

/// Lines in order of arrival, from several threads.
#[derive(Default)]
struct Heap(Mutex<Vec<u8>>);

impl Heap {
    fn take(&self, batch: &PairBatch<'_>) {
        assert!(!batch.is_empty(), "no batch is empty");
        self.0.lock().expect("no thread panics").extend(ndjson(batch));
    }

    /// Each line, sorted.
    fn sorted(&self) -> Vec<String> {
        sorted(std::str::from_utf8(&self.0.lock().expect("no thread panics")).expect("JSON is UTF-8"))
    }
}

fn sorted(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

fn forecasted(world: &World, shard: Shard) -> Vec<String> {
    let heap = Heap::default();
    let take = |batch: &PairBatch<'_>| heap.take(batch);
    let options = ForecastOptions { threads: 2, shard, pairs: Some(PairOutlet(&take)), ..ForecastOptions::default() };
    let never = CancellationToken::new();
    let finished = forecast(world, options, &ForecastProgress::default(), &never).expect("there are threads");
    assert_eq!(finished.totals.fates, None, "what goes out as lines is not kept");
    heap.sorted()
}

fn acted(world: &Arc<World>) -> (Finished, Vec<String>) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let stop = tokio_util::sync::CancellationToken::new();
    let heap = Arc::new(Heap::default());
    let lines = Arc::clone(&heap);
    let pairs = Some(LivePairOutlet(Arc::new(move |batch: &PairBatch<'_>| lines.take(batch))));
    let options = LiveOptions { shards: 2, pairs, ..LiveOptions::new(1_000, stop) };
    let finished = runtime.block_on(live(Arc::clone(world), options, Arc::new(EngineProgress::default())));
    let finished = finished.expect("the engine goes through the scenario");
    assert_eq!(finished.totals.fates, None, "what goes out as lines is not kept");
    (finished, heap.sorted())
}

fn record(line: &str) -> PairLine<'_> {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"))
}

/// Compares the stations counted in the lines with the report's.
fn assert_stations(lines: &[String], report: &Value) {
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut causes, mut forms, mut dismissed) = (BTreeMap::<String, u64>::new(), BTreeMap::<&str, u64>::new(), 0);
    for line in lines {
        let pair = record(line);
        *counted.entry(pair.station).or_default() += 1;
        if let Some(cause) = pair.cause {
            *causes.entry(format!("{}/{cause}", pair.station)).or_default() += 1;
        }
        if let Some(form) = pair.form {
            *forms.entry(form).or_default() += 1;
        }
        dismissed += u64::from(pair.dismissed_at_ms.is_some());
        assert_eq!(pair.shown_at_ms.is_some(), pair.station == "shown", "{line}");
        assert!(
            pair.dismissed_at_ms.is_none_or(|at| Some(at) >= pair.shown_at_ms && pair.station == "shown"),
            "{line}"
        );
        assert!(pair.shown_at_ms.is_none_or(|at| at >= pair.accepted_at_ms), "{line}");
    }
    let overall = report["stations"]["overall"].as_object().expect("all stations");
    for (station, count) in overall {
        assert_eq!(Value::from(counted.get(station.as_str()).copied().unwrap_or(0)), *count, "{station}");
    }
    assert_eq!(serde_json::to_value(causes).expect("it is JSON"), report["stations"]["by_cause"]);
    assert_eq!(serde_json::to_value(forms).expect("it is JSON"), report["stations"]["by_form"]);
    assert_eq!(report["dismissals"]["total"], Value::from(dismissed));
}

fn report(world: &World, finished: &Finished) -> Value {
    let facts = RunFacts {
        driver: Driver::Actors,
        wall_ms: 1,
        peak_rss_bytes: None,
        interrupted_at: None,
        devices_done: None,
        late_sends: 0,
        replay: String::new(),
    };
    serde_json::to_value(Outcome::new(world, &finished.agenda, &finished.totals, facts)).expect("the record is JSON")
}

#[test]
fn both_drivers_write_the_same_lines_and_the_report_counts_them() {
    let mut pairs = 0;
    for number in 9_000..9_000 + SCENARIOS {
        let world = world(&scenario(number));
        let (finished, acted) = acted(&world);
        assert_eq!(forecasted(&world, Shard::WHOLE), acted, "scenario {number}:\n{}", scenario(number));
        assert_stations(&acted, &report(&world, &finished));
        pairs += acted.len() as u64;
    }
    assert!(pairs >= SCENARIOS * 100, "the scenarios are not empty: {pairs} pairs");
}

#[test]
fn a_retry_has_the_time_and_the_occurrence_of_its_own_acceptance() {
    // 26 messages within a minute: the last is refused, waits an hour, and is accepted after the 27th, which belongs to
    // another send.
    let text = "schema = 1\nname = \"retries\"\nduration = \"3h\"\n[[user]]\nname = \"u\"\n[[device]]\nname = \"phone\"\n\
                user = \"u\"\nplatform = \"ios\"\n[[send]]\nname = \"many\"\nschedule = { from = \"1m\", every = \"1s\", count = 26 }\n\
                to = { groups = [\"All users\"] }\non_refusal = { retry_after = 3 }\ntitle = \"t\"\nbody = \"b\"\n\
                [[send]]\nname = \"one\"\nat = \"5m\"\nto = { device = \"phone\" }\ntitle = \"t\"\nbody = \"b\"\n";
    let lines = forecasted(&world(text), Shard::WHOLE);
    let of = |send: &str, occurrence: u32| {
        let found =
            lines.iter().map(|line| record(line)).find(|pair| (pair.send, pair.occurrence) == (send, occurrence));
        found.map(|pair| pair.accepted_at_ms)
    };
    assert_eq!((lines.len(), of("many", 24), of("one", 0)), (27, Some(84_000), Some(300_000)));
    assert!(of("many", 25).is_some_and(|at| at >= 3_660_000), "{lines:#?}");
}

#[test]
fn the_lines_of_shards_together_are_those_of_the_whole() {
    let world = world(&scenario(11));
    let shard = |number| forecasted(&world, Shard::new(number, 3).expect("it is a shard"));
    let mut together = [shard(1), shard(2), shard(3)].concat();
    together.sort();
    assert_eq!(together, forecasted(&world, Shard::WHOLE));
}

/// Ten messages to a thousand phones.
const CROWD: &str = "schema = 1\nname = \"crowd\"\nduration = \"2h\"\n[fleet]\nusers = 1000\n[[send]]\nname = \"s\"\n\
                     schedule = { from = \"1m\", every = \"1m\", count = 10 }\nto = { groups = [\"All users\"] }\n\
                     title = \"t\"\nbody = \"b\"\n[[fault]]\nname = \"late\"\nkind = \"offline\"\nat = \"110m\"\nfor = \"1m\"\n";

#[test]
fn a_forecast_that_is_stopped_among_its_devices_says_how_many_are_done() {
    let world = try_world(CROWD).unwrap_or_else(|problems| panic!("{problems}"));
    let stop = CancellationToken::new();
    let heap = Heap::default();
    let take = |batch: &PairBatch<'_>| {
        heap.take(batch);
        stop.cancel();
    };
    let options = ForecastOptions {
        threads: 1,
        devices_at_once: Some(1),
        pairs: Some(PairOutlet(&take)),
        ..ForecastOptions::default()
    };
    let finished = forecast(&world, options, &ForecastProgress::default(), &stop).expect("there is a thread");
    let lines = heap.sorted().len() as u64;
    let done = finished.devices_done.expect("a forecast counts devices");
    assert_eq!((finished.interrupted_at, done > 0 && done < 1_000, lines), (None, true, 10 * done));
    let facts = RunFacts {
        driver: Driver::Forecast,
        wall_ms: 1,
        peak_rss_bytes: None,
        interrupted_at: finished.interrupted_at,
        devices_done: finished.devices_done,
        late_sends: 0,
        replay: String::new(),
    };
    let outcome = Outcome::new(&world, &finished.agenda, &finished.totals, facts);
    assert_eq!((outcome.interrupted, outcome.interrupted_at_ms, outcome.devices_done), (true, None, Some(done)));
    assert_eq!((outcome.model_duration_ms, outcome.pairs, outcome.conservation.ok), (7_200_000, lines, true));
    // A fault that might have touched the remaining devices has not failed.
    assert_eq!(outcome.verdict(), reveille::outcome::Verdict::Passed, "{:?}", outcome.faults);
}

#[test]
fn lines_of_a_shipped_scenario_are_the_same_from_both_commands_and_name_no_text() {
    let folder = Folder::new("lines-shipped");
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/scenarios");
    for name in ["two-teams", "joiners", "outage-hold"] {
        let path = scenarios.join(format!("{name}.toml"));
        let path = path.to_str().expect("paths are UTF-8");
        let sets: &[&str] = &["--set", "seed=99"];
        let forecast =
            [&["forecast", path, "--report", "a.ndjson", "--report", "a.json", "--report", "again.ndjson"], sets];
        let said = folder.run(&forecast.concat());
        let acted = folder.run(&[&["run", path, "--speed", "max", "--report", "b.ndjson"], sets].concat());
        assert_eq!(said.code, acted.code, "{name}: {}{}", said.err, acted.err);
        let lines = sorted(&folder.read("a.ndjson"));
        assert!(lines.len() > 40, "{name} has pairs: {}", lines.len());
        assert_eq!(sorted(&folder.read("b.ndjson")), lines, "{name}");
        assert_eq!(folder.read("again.ndjson"), folder.read("a.ndjson"), "both files are whole");
        assert_stations(&lines, &folder.json("a.json"));
        let keys: Vec<String> =
            serde_json::from_str::<BTreeMap<String, Value>>(&lines[0]).expect("an object").into_keys().collect();
        let expected = [
            "accepted_at_ms",
            "cause",
            "device",
            "dismissed_at_ms",
            "form",
            "occurrence",
            "send",
            "shown_at_ms",
            "station",
        ];
        assert_eq!(keys, expected, "and never a title or a body");
    }
}

#[test]
fn lines_that_cannot_be_written_are_an_error_before_anything_runs() {
    let folder = Folder::new("lines-unwritable");
    folder.write("crowd.toml", CROWD);
    let said = folder.run(&["forecast", "crowd.toml", "--report", "no/such/a.ndjson"]).exits(1);
    assert!(said.err.contains("cannot write no/such/a.ndjson: no such directory"), "{}", said.err);
    assert_eq!(said.out, "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_other_reports() {
    let folder = Folder::new("lines-full");
    folder.write("crowd.toml", CROWD);
    std::os::unix::fs::symlink("/dev/full", folder.path().join("full.ndjson")).expect("a link can be made");
    for command in ["forecast", "run"] {
        let reports = ["--report", "full.ndjson", "--report", "good.ndjson", "--report", "good.json"];
        let said = folder.run(&[&[command, "crowd.toml"][..], &reports].concat()).exits(1);
        assert!(said.err.contains("cannot write full.ndjson"), "{}", said.err);
        assert_eq!(folder.json("good.json")["pairs"], 10_000);
        assert_eq!(folder.read("good.ndjson").lines().count(), 10_000);
    }
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("it is there")
        .map(|entry| entry.expect("readable").file_name())
        .collect();
    assert_eq!(left.len(), 4, "nothing half-written: {left:?}");
}
