//! The differences of two sides, one line for each. Must not say which is right.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Found;

/// Every difference, as `path: expected …, found …`.
pub(super) fn differences(expected: &Found, found: &Found) -> Vec<String> {
    let mut all = Vec::new();
    let names: BTreeSet<&String> = expected.fates.keys().chain(found.fates.keys()).collect();
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
            let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
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
