//! The expected report of a run, as JSON in the report's own words. Must only count, never judge a pair.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::model::{FaultKind, Ms, Platform, Target};
use super::pair::{Class, Pair, Station};
use super::tenant::{Entry, Tenant};

const STATIONS: [&str; 8] = ["skipped", "blocked", "lost", "waiting", "superseded", "discarded", "expired", "shown"];
const REACH: [(&str, Ms); 4] = [("1m", 60_000), ("15m", 900_000), ("1h", 3_600_000), ("4h", 14_400_000)];
const CLASSES: [(&str, Class); 4] = [
    ("member", Class::Member),
    ("late_joiner", Class::LateJoiner),
    ("stale_member", Class::StaleMember),
    ("stale_device", Class::StaleDevice),
];

impl Tenant<'_> {
    /// The report, as far as it follows from the rules.
    pub(crate) fn report(&self) -> Value {
        let pairs: Vec<&Pair> = self.pairs.iter().collect();
        let platforms: BTreeSet<Platform> = self.scenario.devices.iter().map(|device| device.platform).collect();
        let of_platform = |platform: &Platform| {
            let of = |pair: &&&Pair| self.scenario.devices[pair.device].platform == *platform;
            pairs.iter().filter(of).copied().collect::<Vec<&Pair>>()
        };
        let mut dismissals = Map::new();
        let mut by_platform = Map::new();
        for platform in &platforms {
            let pairs = of_platform(platform);
            let dismissed = pairs.iter().filter(|pair| self.dismissed_at(pair).is_some()).count();
            dismissals.insert(platform.name().to_owned(), dismissed.into());
            by_platform.insert(platform.name().to_owned(), Self::stations(&pairs));
        }
        let mut by_cause = BTreeMap::<String, u64>::new();
        let mut by_form = BTreeMap::<&str, u64>::new();
        for pair in &pairs {
            if let Station::Shown(form) = pair.station {
                *by_form.entry(form).or_default() += 1;
            } else if let Some(cause) = self.cause(pair) {
                *by_cause.entry(format!("{}/{cause}", station_name(pair.station))).or_default() += 1;
            }
        }
        json!({
            "pairs": pairs.len(),
            "messages": self.ledger.iter().map(|entry| self.message(entry)).collect::<Vec<Value>>(),
            "stations": {
                "overall": Self::stations(&pairs),
                "by_platform": by_platform,
                "by_cause": by_cause,
                "by_form": by_form,
            },
            "quota": {
                "group": { "accepted": self.group_quota.accepted, "refused": self.group_quota.refused },
                "device": { "accepted": self.device_quota.accepted, "refused": self.device_quota.refused },
            },
            "dismissals": {
                "total": pairs.iter().filter(|pair| self.dismissed_at(pair).is_some()).count(),
                "by_platform": dismissals,
            },
            "exposed": pairs.iter().filter(|pair| self.is_exposed(pair)).count(),
            "faults": (0..self.scenario.faults.len()).map(|at| self.fault(at)).collect::<Vec<Value>>(),
            "series": self.minutes(),
            "latencies": latencies(&pairs),
        })
    }

    /// The end of every pair, in words: its station, the cause, since when if it is settled, and when it was dismissed.
    pub(crate) fn fates(&self) -> BTreeMap<String, String> {
        self.pairs.iter().map(|pair| (self.pair_name(pair), self.fate(pair))).collect()
    }

    fn pair_name(&self, pair: &Pair) -> String {
        let message = &self.messages[pair.message];
        let (send, device) = (self.scenario.sends[message.send].id, self.scenario.devices[pair.device].id);
        format!("s{send}[{}] @ d{device}", message.occurrence)
    }

    fn fate(&self, pair: &Pair) -> String {
        let station = station_name(pair.station);
        let why = if let Station::Shown(form) = pair.station { Some(form.to_owned()) } else { self.cause(pair) };
        let mut text = why.map_or_else(|| station.to_owned(), |why| format!("{station}/{why}"));
        if pair.station != Station::Waiting {
            let _ = write!(text, " at {}", pair.at);
        }
        if let Some(at) = self.dismissed_at(pair) {
            let _ = write!(text, " dismissed {at}");
        }
        text
    }

    pub(super) fn cause(&self, pair: &Pair) -> Option<String> {
        match pair.station {
            Station::Skipped(cause) | Station::Blocked(cause) => Some(cause.to_owned()),
            Station::Lost(Some(fault)) => Some(format!("f{}", self.scenario.faults[fault].id)),
            Station::Lost(None) => Some("gateway".to_owned()),
            Station::Waiting => Some(pair.waits_for().to_owned()),
            Station::Superseded | Station::Discarded | Station::Expired | Station::Shown(_) => None,
        }
    }

    pub(super) fn dismissed_at(&self, pair: &Pair) -> Option<Ms> {
        let attention = self.scenario.devices[pair.device].attention?;
        let at = pair.at + attention;
        (matches!(pair.station, Station::Shown(_)) && at < self.scenario.duration).then_some(at)
    }

    /// X31.
    fn is_exposed(&self, pair: &Pair) -> bool {
        let device = &self.scenario.devices[pair.device];
        let is_shown = matches!(pair.station, Station::Shown(_));
        is_shown && device.platform == Platform::Android && device.notification_access
    }

    fn stations(pairs: &[&Pair]) -> Value {
        let count = |name| pairs.iter().filter(|pair| station_name(pair.station) == name).count();
        STATIONS.into_iter().map(|name| (name.to_owned(), Value::from(count(name)))).collect::<Map<_, _>>().into()
    }

    fn message(&self, entry: &Entry) -> Value {
        let message = entry.outcome.ok();
        let pairs: Vec<&Pair> = self.pairs.iter().filter(|pair| Some(pair.message) == message).collect();
        let mut reach = Map::new();
        let within = |window: Ms| latencies(&pairs).into_iter().filter(|latency| *latency <= window).count();
        for (name, window) in REACH {
            reach.insert(name.to_owned(), within(window).into());
        }
        reach.insert("end".to_owned(), within(Ms::MAX).into());
        let classes = CLASSES.map(|(name, class)| {
            (name.to_owned(), Value::from(pairs.iter().filter(|pair| pair.class == class).count()))
        });
        let send = &self.scenario.sends[entry.send];
        let skipped = pairs.iter().filter(|pair| matches!(pair.station, Station::Skipped(_))).count();
        let refusal = entry.outcome.err();
        json!({
            "send": format!("s{}", send.id),
            "occurrence": entry.occurrence,
            "kind": if matches!(send.target, Target::Groups(_)) { "group" } else { "device" },
            "device": entry.device.map(|device| format!("d{}", self.scenario.devices[device].id)),
            "outcome": if message.is_some() { "accepted" } else { "refused" },
            "reason": refusal.map(|(reason, _)| reason),
            "attempts": entry.attempts,
            "accepted_at_ms": message.map(|message| self.messages[message].accepted_at),
            "next_slot_ms": refusal.and_then(|(_, next)| next),
            "audience": pairs.len(),
            "audience_by": classes.into_iter().collect::<Map<_, _>>(),
            "eligible": pairs.len() - skipped,
            "stations": Self::stations(&pairs),
            "reach": reach,
            "latency_max": latencies(&pairs).last(),
        })
    }

    fn fault(&self, at: usize) -> Value {
        let fault = &self.scenario.faults[at];
        let touched: Vec<&Pair> = self.pairs.iter().filter(|pair| pair.touched.contains(&at)).collect();
        let backlog = touched.iter().filter(|pair| pair.station == Station::Waiting).count();
        let last_settled = touched.iter().map(|pair| pair.at).max().unwrap_or(0);
        let end = fault.last_end(self.scenario.duration).filter(|_| backlog == 0);
        let count = match fault.kind {
            FaultKind::DirectoryLag(_) => self.directory.slowed[at],
            _ => touched.len() as u64,
        };
        json!({
            "name": format!("f{}", fault.id),
            "kind": fault.kind_name(),
            "touched": count,
            "backlog_at_end": backlog,
            "recovery_ms": end.map(|end| last_settled.saturating_sub(end)),
        })
    }
}

/// From acceptance to display, ascending.
fn latencies(pairs: &[&Pair]) -> Vec<Ms> {
    let shown = pairs.iter().filter(|pair| matches!(pair.station, Station::Shown(_)));
    let mut latencies: Vec<Ms> = shown.map(|pair| pair.at - pair.accepted_at).collect();
    latencies.sort_unstable();
    latencies
}

pub(super) const fn station_name(station: Station) -> &'static str {
    match station {
        Station::Waiting => "waiting",
        Station::Skipped(_) => "skipped",
        Station::Blocked(_) => "blocked",
        Station::Lost(_) => "lost",
        Station::Superseded => "superseded",
        Station::Discarded => "discarded",
        Station::Expired => "expired",
        Station::Shown(_) => "shown",
    }
}
