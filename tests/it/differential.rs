//! Risk: a number is wrong although both drivers agree on it, since they share the rules. Random scenarios without chance are
//! compared with `reference`, which shares nothing with them: every pair's end, and all that a report says of it.
//!
//! A soak of more: `REVEILLE_DIFFERENTIAL_SCENARIOS=20000 cargo test --release --test it differential`; they are numbered from
//! 0 on, or from `REVEILLE_DIFFERENTIAL_FROM`. `REVEILLE_DIFFERENTIAL_ALL=1` goes on behind a difference and counts them by kind.

use std::collections::BTreeMap;

use reveille::engine::Books;
use reveille::rules::world::World;
use reveille::run::{Driver, Outcome, RunFacts};
use serde_json::{Map, Value, json};

use crate::drivers::{How, Results, acted_how, try_world};
use crate::examples::cause;
use crate::parity::forecasted;
use crate::reference::draw::scenario;
use crate::reference::model::Scenario;
use crate::reference::shrink::shrink;
use crate::reference::tenant::Tenant;
use crate::reference::text::text;

/// Random scenarios in one run of the tests.
const SCENARIOS: u64 = 500;
/// One scenario in so many goes through the actors too; they agree with the forecast elsewhere (`parity`).
const ACTORS_EACH: u64 = 5;
/// Differences that a failure lists.
const DIFFERENCES_LISTED_MAX: usize = 12;

/// What is compared of either side.
#[derive(Debug)]
struct Found {
    fates: BTreeMap<String, String>,
    report: Value,
}

fn expected(scenario: &Scenario) -> Found {
    let tenant = Tenant::run(scenario);
    Found { fates: tenant.fates(), report: tenant.report() }
}

fn product(world: &World, results: &Results) -> Found {
    Found { fates: fates(world, results), report: report(world, results) }
}

fn fates(world: &World, results: &Results) -> BTreeMap<String, String> {
    let names: BTreeMap<_, _> = results
        .agenda
        .ledger()
        .iter()
        .filter_map(|entry| {
            let name = format!("{}[{}]", world.sends[entry.send.at()].name, entry.occurrence);
            Some((entry.outcome.ok()?, name))
        })
        .collect();
    let fate = |((message, device), fate): (&_, &reveille::engine::PairFate)| {
        let (station, cause) = (fate.journey.station().name(), cause(world, fate.journey));
        let mut text = if station == cause { station.to_owned() } else { format!("{station}/{cause}") };
        if station != "waiting" {
            text += &format!(" at {}", fate.at.0);
        }
        if let Some(at) = fate.dismissed_at {
            text += &format!(" dismissed {}", at.0);
        }
        (format!("{} @ {}", names[message], world.fleet.device_name(*device)), text)
    };
    results.fates.iter().map(|((message, device), one)| fate((&(*message, *device), one))).collect()
}

/// The parts of the record that the reference knows, in its words.
fn report(world: &World, results: &Results) -> Value {
    let books = Books {
        tally: results.tally.clone(),
        pairs_sent: results.pairs_sent,
        changes_slowed: results.changes_slowed.clone(),
        struck: results.struck.clone(),
        lag: Vec::new(),
        restarts: results.restarts,
        fates: None,
    };
    let facts = RunFacts {
        driver: Driver::Forecast,
        wall_ms: 1,
        peak_rss_bytes: None,
        interrupted_at: None,
        devices_done: None,
        late_sends: 0,
        replay: String::new(),
    };
    let record = serde_json::to_value(Outcome::new(world, &results.agenda, &books, facts)).expect("a record is JSON");
    assert_eq!(record["conservation"]["ok"], true, "conservation");
    let message = |line: &Value| {
        let keys = [
            "send",
            "occurrence",
            "kind",
            "device",
            "outcome",
            "reason",
            "attempts",
            "accepted_at_ms",
            "next_slot_ms",
            "audience",
            "audience_by",
            "eligible",
            "stations",
            "reach",
        ];
        let mut message = chosen(line, &keys);
        message.insert("latency_max".to_owned(), line["latency_ms"]["max"].clone());
        Value::from(message)
    };
    let fault = |line: &Value| Value::from(chosen(line, &["name", "kind", "touched", "backlog_at_end", "recovery_ms"]));
    // Keys of a minute are left out where there is nothing to say.
    let minute = |line: &Value| {
        let keys = ["minute", "accepted", "refused", "shown", "settled", "open", "dismissed", "faults_in_force"];
        let mut minute = chosen(line, &keys);
        for key in ["accepted_by", "refused_by", "settled_by", "dismissed_by"] {
            minute.insert(key.to_owned(), line.get(key).cloned().unwrap_or_else(|| json!({})));
        }
        minute.insert("group_slots".to_owned(), line.get("group_slots").cloned().unwrap_or_else(|| json!(0)));
        Value::from(minute)
    };
    let each = |key: &str, make: &dyn Fn(&Value) -> Value| -> Vec<Value> {
        record[key].as_array().expect("a list").iter().map(make).collect()
    };
    json!({
        "pairs": record["pairs"],
        "messages": each("messages", &message),
        "stations": chosen(&record["stations"], &["overall", "by_platform", "by_cause", "by_form"]),
        "quota": chosen(&record["quota"], &["group", "device"]),
        "dismissals": record["dismissals"],
        "exposed": record["exposed"],
        "faults": each("faults", &fault),
        "series": each("series", &minute),
        "latency_ms": record["latency_ms"],
    })
}

fn chosen(from: &Value, keys: &[&str]) -> Map<String, Value> {
    keys.iter().map(|key| ((*key).to_owned(), from[*key].clone())).collect()
}

/// Every difference, as `path: expected …, found …`.
fn differences(expected: &Found, found: &Found) -> Vec<String> {
    let mut all = Vec::new();
    let names: std::collections::BTreeSet<&String> = expected.fates.keys().chain(found.fates.keys()).collect();
    for name in names {
        let [one, other] = [expected, found].map(|side| side.fates.get(name).map_or("no such pair", String::as_str));
        if one != other {
            all.push(format!("pair {name}: expected {one}, found {other}"));
        }
    }
    let mut report = expected.report.clone();
    let latencies = report.as_object_mut().expect("a table").remove("latencies").expect("it is there");
    let latencies: Vec<u64> = serde_json::from_value(latencies).expect("numbers");
    let mut theirs = found.report.clone();
    let histogram = theirs.as_object_mut().expect("a table").remove("latency_ms").expect("it is there");
    compare("", &report, &theirs, &mut all);
    compare_latencies(&latencies, &histogram, &mut all);
    all
}

fn compare(path: &str, expected: &Value, found: &Value, all: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for key in keys {
                let [one, other] = [one, other].map(|side| side.get(key).unwrap_or(&Value::Null));
                compare(&format!("{path}/{key}"), one, other, all);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (at, (one, other)) in one.iter().zip(other).enumerate() {
                compare(&format!("{path}/{at}"), one, other, all);
            }
        }
        _ if expected == found => {}
        _ => all.push(format!("{path}: expected {expected}, found {found}")),
    }
}

/// The histogram's counts are exact between its edges, and its maximum is exact.
fn compare_latencies(expected: &[u64], found: &Value, all: &mut Vec<String>) {
    let max = found["max"].as_u64();
    if max != expected.last().copied() {
        all.push(format!("/latency_ms/max: expected {:?}, found {max:?}", expected.last()));
    }
    let mut counted = 0;
    for bucket in found["histogram"].as_array().map_or(&[][..], Vec::as_slice) {
        let end = bucket[0].as_u64().expect("a number");
        counted += bucket[1].as_u64().expect("a number");
        let exact = expected.partition_point(|latency| *latency <= end) as u64;
        if counted != exact {
            all.push(format!("/latency_ms/histogram up to {end}: expected {exact}, found {counted}"));
        }
    }
    if counted != expected.len() as u64 {
        all.push(format!("/latency_ms/histogram: expected {} samples, found {counted}", expected.len()));
    }
    for (name, per_mille) in [("p50", 500), ("p90", 900), ("p95", 950), ("p99", 990), ("p999", 999)] {
        let rank = (expected.len() * per_mille).div_ceil(1_000).max(1) - 1;
        let Some(exact) = expected.get(rank).copied() else { continue };
        let near = found[name].as_u64().is_some_and(|found| exact <= found && found - exact <= exact / 100 + 1);
        if !near {
            all.push(format!("/latency_ms/{name}: expected {exact} or 1 % more, found {}", found[name]));
        }
    }
}

/// What both drivers, or the forecast alone, say of a scenario that is not so.
fn wrong(scenario: &Scenario, with_actors: bool) -> Vec<String> {
    let world = match try_world(&text(scenario)) {
        Ok(world) => world,
        Err(problems) => return vec![format!("does not load: {problems}")],
    };
    let expected = expected(scenario);
    let forecast = forecasted(&world, 1, None);
    let mut all = differences(&expected, &product(&world, &forecast));
    if with_actors {
        let actors = acted_how(&world, &How { shards: 2, ..How::default() });
        let of_actors = differences(&expected, &product(&world, &actors));
        all.extend(of_actors.into_iter().map(|difference| format!("actors: {difference}")));
    }
    all
}

fn number_of(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// The smallest scenario that differs in the same way, with how to see it again.
fn complaint(scenario: &Scenario, with_actors: bool, found: &[String]) -> String {
    let kind = kind_of(&found[0]);
    let same = |smaller: &Scenario| wrong(smaller, with_actors).iter().any(|difference| kind_of(difference) == kind);
    let smallest = shrink(scenario, &same);
    let remaining = wrong(&smallest, with_actors);
    format!(
        "scenario {0} differs from the reference.\nReplay: REVEILLE_DIFFERENTIAL_FROM={0} REVEILLE_DIFFERENTIAL_SCENARIOS=1 \
         cargo test --test it differential\n{1}\nThe smallest scenario that differs in the same way:\n{2}\n{3}",
        scenario.number,
        listed(found),
        listed(&remaining),
        text(&smallest),
    )
}

fn listed(found: &[String]) -> String {
    let shown: Vec<&str> = found.iter().take(DIFFERENCES_LISTED_MAX).map(String::as_str).collect();
    format!("{} differences:\n  {}", found.len(), shown.join("\n  "))
}

/// A difference without its numbers.
fn kind_of(difference: &str) -> String {
    if difference.starts_with("does not load") {
        return difference.lines().next().unwrap_or_default().to_owned();
    }
    let path = difference.split(": expected").next().unwrap_or(difference);
    if path.contains("pair ") { "pair".to_owned() } else { path.chars().filter(|c| !c.is_ascii_digit()).collect() }
}

#[test]
fn random_scenarios_without_chance_come_out_as_the_reference_says() {
    let from = number_of("REVEILLE_DIFFERENTIAL_FROM", 0);
    let scenarios = number_of("REVEILLE_DIFFERENTIAL_SCENARIOS", SCENARIOS);
    let goes_on = number_of("REVEILLE_DIFFERENTIAL_ALL", 0) > 0;
    let (mut pairs, mut kinds) = (0, BTreeMap::<String, Vec<u64>>::new());
    let mut first = None;
    for number in from..from + scenarios {
        let scenario = scenario(number);
        let with_actors = number.is_multiple_of(ACTORS_EACH);
        pairs += Tenant::run(&scenario).pairs.len() as u64;
        let found = wrong(&scenario, with_actors);
        if found.is_empty() {
            continue;
        }
        for difference in &found {
            let numbers = kinds.entry(kind_of(difference)).or_default();
            if numbers.last() != Some(&number) {
                numbers.push(number);
            }
        }
        first.get_or_insert_with(|| complaint(&scenario, with_actors, &found));
        if !goes_on {
            break;
        }
    }
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(kind, numbers)| format!("{kind}: {} scenarios, {:?}", numbers.len(), &numbers[..numbers.len().min(8)]))
        .collect();
    assert!(first.is_none(), "{}\n{}", first.unwrap_or_default(), kinds.join("\n"));
    assert!(pairs >= scenarios, "the scenarios are not empty: {pairs} pairs");
}
