//! The report's minutes, each counted separately from the events of the run. Must not decide anything.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::model::{Fault, Ms, Platform};
use super::pair::{Pair, Station};
use super::report::station_name;
use super::tenant::Tenant;

const MINUTE: Ms = 60_000;

/// An attempt to send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    pub(crate) at: Ms,
    pub(crate) to_group: bool,
    pub(crate) reason: Option<&'static str>,
    /// Slots of the tenant's quota that it took.
    pub(crate) group_slots: u64,
}

/// A pair that was skipped as not enrolled and set out after all (X12).
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetOut {
    pub(crate) device: usize,
    pub(crate) skipped_at: Ms,
    pub(crate) at: Ms,
}

/// Waiting pairs, by cause.
#[derive(Clone, Debug, Default)]
pub(crate) struct Open(BTreeMap<&'static str, u64>);

impl Open {
    pub(crate) fn new(pairs: &[Pair]) -> Self {
        let mut counts = BTreeMap::new();
        for pair in pairs.iter().filter(|pair| pair.station == Station::Waiting) {
            *counts.entry(pair.waits_for()).or_default() += 1;
        }
        Self(counts)
    }

    fn json(&self) -> Value {
        let count = |cause| self.0.get(cause).copied().unwrap_or(0);
        json!({
            "capacity": count("capacity"),
            "outage": count("outage"),
            "in_transit": count("in_transit"),
            "offline": count("offline"),
            "doze": 0,
        })
    }
}

/// Counts by word; counts of zero are omitted.
type Counts = BTreeMap<String, i64>;

fn json_of(counts: Counts) -> Value {
    counts
        .into_iter()
        .filter(|(_, count)| *count != 0)
        .map(|(key, count)| (key, count.into()))
        .collect::<Map<_, _>>()
        .into()
}

impl Tenant<'_> {
    /// Every minute of the run.
    pub(crate) fn minutes(&self) -> Vec<Value> {
        (0..self.scenario.duration.div_ceil(MINUTE)).map(|minute| self.minute(minute)).collect()
    }

    fn minute(&self, minute: u64) -> Value {
        let (from, to) = (minute * MINUTE, ((minute + 1) * MINUTE).min(self.scenario.duration));
        let holds = |at: Ms| from <= at && at < to;
        let (mut accepted_by, mut refused_by, mut group_slots) = (Counts::new(), Counts::new(), 0);
        let (mut accepted, mut refused) = (0, 0);
        for attempt in self.log.iter().filter(|attempt| holds(attempt.at)) {
            let kind = if attempt.to_group { "group" } else { "device" };
            match attempt.reason {
                None => {
                    *accepted_by.entry(kind.to_owned()).or_default() += 1;
                    accepted += 1;
                }
                Some(reason) => {
                    *refused_by.entry(format!("{kind}/{reason}")).or_default() += 1;
                    refused += 1;
                }
            }
            group_slots += attempt.group_slots;
        }
        let (settled, settled_by) = self.settled(&holds);
        let mut dismissed_by = Counts::new();
        for pair in self.pairs.iter().filter(|pair| self.dismissed_at(pair).is_some_and(holds)) {
            *dismissed_by.entry(self.platform(pair.device).name().to_owned()).or_default() += 1;
        }
        let is_in_force = |fault: &&Fault| {
            fault.windows(self.scenario.duration).into_iter().any(|window| window.from < to && from < window.to)
        };
        let faults = self.scenario.faults.iter().filter(is_in_force).map(|fault| format!("f{}", fault.id));
        let open = self.open.iter().rfind(|(at, _)| *at < to).map_or_else(Open::default, |(_, open)| open.clone());
        json!({
            "minute": minute,
            "accepted": accepted,
            "refused": refused,
            "accepted_by": json_of(accepted_by),
            "refused_by": json_of(refused_by),
            "group_slots": group_slots,
            "shown": settled["shown"],
            "settled": settled,
            "settled_by": json_of(settled_by),
            "open": open.json(),
            "dismissed": dismissed_by.values().sum::<i64>(),
            "dismissed_by": json_of(dismissed_by.clone()),
            "faults_in_force": faults.collect::<Vec<String>>(),
        })
    }

    /// Pairs settled in a minute, by station, and by platform, station and cause.
    fn settled(&self, holds: &dyn Fn(Ms) -> bool) -> (Map<String, Value>, Counts) {
        let mut by = Counts::new();
        let mut count = |device: usize, how: &str, change: i64| {
            *by.entry(format!("{}/{how}", self.platform(device).name())).or_default() += change;
        };
        for pair in self.pairs.iter().filter(|pair| pair.station != Station::Waiting && holds(pair.at)) {
            let station = station_name(pair.station);
            let how = self.cause(pair).map_or_else(|| station.to_owned(), |cause| format!("{station}/{cause}"));
            count(pair.device, &how, 1);
        }
        for set_out in &self.set_out {
            let net = i64::from(holds(set_out.skipped_at)) - i64::from(holds(set_out.at));
            count(set_out.device, "skipped/not_enrolled", net);
        }
        let sum = |station: &str| {
            let counts = by.iter().filter(|(how, _)| how.split('/').nth(1) == Some(station));
            counts.map(|(_, count)| *count).sum::<i64>()
        };
        let stations = ["skipped", "blocked", "lost", "superseded", "discarded", "expired", "shown"];
        (stations.into_iter().map(|station| (station.to_owned(), sum(station).into())).collect(), by)
    }

    fn platform(&self, device: usize) -> Platform {
        self.scenario.devices[device].platform
    }
}
