//! The product's results of a run, in the words of the reference: every pair's end, and the parts of the record that
//! follow from the rules. Must not correct anything.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use reveille::engine::RunTotals;
use reveille::outcome::{Driver, Outcome, RunFacts};
use reveille::rules::model::world::World;
use serde_json::{Map, Value, json};

use super::Found;
use crate::fixtures::drivers::Results;
use crate::model::examples::cause;

pub(super) fn product(world: &World, results: &Results) -> Found {
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
            let _ = write!(text, " at {}", fate.at.0);
        }
        if let Some(at) = fate.dismissed_at {
            let _ = write!(text, " dismissed {}", at.0);
        }
        (format!("{} @ {}", names[message], world.fleet.device_name(*device)), text)
    };
    results.fates.iter().map(|((message, device), one)| fate((&(*message, *device), one))).collect()
}

/// The parts of the record that the reference computes, in its words.
fn report(world: &World, results: &Results) -> Value {
    let totals = RunTotals {
        counts: results.counts.clone(),
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
    let record = serde_json::to_value(Outcome::new(world, &results.agenda, &totals, facts)).expect("a record is JSON");
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
    let fault = |line: &Value| {
        Value::from(chosen(line, &["name", "kind", "touched", "backlog_at_end", "recovery_ms", "gateway_recovery_ms"]))
    };
    // Keys of a minute that would be empty are omitted.
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
