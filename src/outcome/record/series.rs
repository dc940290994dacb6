//! The run by model minutes: requests, events, waiting pairs and faults in force. Must only add up.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

use crate::rules::base::platform::Platform;
use crate::rules::base::time::{SimTime, Span};
use crate::rules::counting::counts::{Minute, RunCounts};
use crate::rules::faults::fault::Fault;
use crate::rules::model::world::World;
use crate::rules::service::journey::{Station, WaitCause};
use crate::rules::service::message::{MessageKind, Reason};
use crate::rules::timeline::agenda::{Agenda, Judged};

use super::deliveries::{Delivered, deliveries};
use super::outcome::Counts;
use super::selection::cause_of;

/// One model minute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MinuteLine {
    /// Which, from 0.
    pub minute: u64,
    /// Attempts to send that were accepted.
    pub accepted: u64,
    /// Attempts to send that were refused.
    pub refused: u64,
    /// The accepted ones by kind, `group` or `device`, where there are such.
    #[serde(default, skip_serializing_if = "Counts::is_empty")]
    pub accepted_by: Counts,
    /// The refused ones by `kind/reason`, where there are such.
    #[serde(default, skip_serializing_if = "Counts::is_empty")]
    pub refused_by: Counts,
    /// Slots of the tenant's quota that attempts took (R42, R46).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub group_slots: u64,
    /// Pairs shown.
    pub shown: u64,
    /// They by platform, with their latencies, where there are such. Read from histograms, which err by a hundredth at most: so
    /// much of its latency later a pair may stand here than in `shown`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub delivered: Delivered,
    /// Pairs settled.
    pub settled: Settled,
    /// They by `platform/station/cause`, or `platform/station` where a station has no causes, where there are such.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settled_by: BTreeMap<String, i64>,
    /// Pairs waiting at the minute's end.
    pub open: OpenBy,
    /// Notifications dismissed.
    pub dismissed: u64,
    /// They by platform, where there are such.
    #[serde(default, skip_serializing_if = "Counts::is_empty")]
    pub dismissed_by: Counts,
    /// The names of the faults in force at any moment of it.
    pub faults_in_force: Vec<String>,
}

/// Pairs settled in a minute, by station. Skipped ones that set out after all are taken back in the minute in which they do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Settled {
    /// Skipped, less those that set out after all.
    pub skipped: i64,
    /// Blocked.
    pub blocked: i64,
    /// Lost.
    pub lost: i64,
    /// Superseded.
    pub superseded: i64,
    /// Discarded.
    pub discarded: i64,
    /// Expired.
    pub expired: i64,
    /// Shown.
    pub shown: i64,
}

/// Pairs waiting, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenBy {
    /// For their turn at the gateway.
    pub capacity: i64,
    /// For the end of an outage.
    pub outage: i64,
    /// On the road.
    pub in_transit: i64,
    /// For the phone to come online.
    pub offline: i64,
    /// For a dozing phone's next window.
    pub doze: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a field by reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Milliseconds of a minute.
pub(crate) const MINUTE_MS: u64 = 60_000;

/// Minutes that are all listed, even without events: a week. In a longer run a minute is left out if nothing happened in
/// it and both what waits and the faults in force are those of the minute before, so that a year does not take 200 MB.
const MINUTES_ALL_MAX: u64 = 7 * 24 * 60;

/// Every minute that begins before `end`, except those left out of a very long run.
pub(crate) fn series(world: &World, agenda: &Agenda, counts: &RunCounts, end: SimTime) -> Vec<MinuteLine> {
    let judged: BTreeMap<u64, &Judged> = agenda.judged_by_minute().collect();
    let mut delivered = deliveries(world, counts, end);
    let mut open = [0; WaitCause::VARIANTS.len()];
    let minutes = end.ms().div_ceil(MINUTE_MS).max(counts.minutes.len() as u64);
    let mut listed: Vec<MinuteLine> = Vec::new();
    let lines = (0..minutes).map(|minute| {
        let counted = usize::try_from(minute).ok().and_then(|at| counts.minutes.get(at)).cloned().unwrap_or_default();
        open.iter_mut().zip(counted.opened).for_each(|(open, opened)| *open += opened);
        let judged = judged.get(&minute).copied().copied().unwrap_or_default();
        let from = SimTime(minute * MINUTE_MS);
        let span = Span { from, to: (from + MINUTE_MS).min(end) };
        let settled = Settled::new(&counted);
        MinuteLine {
            minute,
            accepted: judged.accepted.iter().sum(),
            refused: judged.refused.iter().flatten().sum(),
            accepted_by: accepted_by(&judged),
            refused_by: refused_by(&judged),
            group_slots: judged.group_slots,
            shown: u64::try_from(settled.shown).expect("what is shown is never taken back"),
            delivered: delivered.remove(&minute).unwrap_or_default(),
            settled,
            settled_by: settled_by(world, &counted),
            open: OpenBy::new(open),
            dismissed: counted.dismissed.iter().sum(),
            dismissed_by: by_platform(counted.dismissed),
            faults_in_force: world
                .faults
                .iter()
                .filter(|fault| is_in_force_within(fault, span))
                .map(|fault| fault.name.clone())
                .collect(),
        }
    });
    // An uneventful minute of a long run is dropped as soon as it is made: a year has half a million minutes.
    for line in lines {
        let before = listed.last().filter(|_| minutes > MINUTES_ALL_MAX);
        if !before.is_some_and(|before| line.is_quiet_after(before)) {
            listed.push(line);
        }
    }
    listed
}

/// Whether a fault is in force at any moment of a span. Must not walk its windows, which may be millions.
fn is_in_force_within(fault: &Fault, span: Span) -> bool {
    if fault.in_force(span.from) {
        return true;
    }
    let begins_next = match (fault.at.ms().checked_sub(span.from.ms()), fault.every_ms) {
        (Some(_), _) => Some(fault.at),
        (None, Some(every)) => Some(fault.at + span.from.since(fault.at).div_ceil(every) * every),
        (None, None) => None,
    };
    begins_next.is_some_and(|begins| begins < span.to)
}

const KINDS: [MessageKind; 2] = [MessageKind::Group, MessageKind::Device];

fn accepted_by(judged: &Judged) -> Counts {
    let by = KINDS.into_iter().zip(judged.accepted).filter(|(_, count)| *count > 0);
    by.map(|(kind, count)| (kind.name().to_owned(), count)).collect()
}

fn refused_by(judged: &Judged) -> Counts {
    let mut by = Counts::new();
    for (kind, refused) in KINDS.into_iter().zip(&judged.refused) {
        for (reason, count) in Reason::VARIANTS.iter().copied().zip(refused).filter(|(_, count)| **count > 0) {
            by.insert(format!("{}/{}", kind.name(), reason.name()), *count);
        }
    }
    by
}

fn by_platform(counts: [u64; 5]) -> Counts {
    let by = Platform::VARIANTS.iter().zip(counts).filter(|(_, count)| *count > 0);
    by.map(|(platform, count)| (platform.name().to_owned(), count)).collect()
}

fn settled_by(world: &World, minute: &Minute) -> BTreeMap<String, i64> {
    let shown = Platform::VARIANTS.iter().zip(minute.shown).filter(|(_, count)| *count > 0);
    let shown = shown.map(|(platform, count)| {
        (MinuteLine::settled_key(platform.name(), Station::Shown.name(), None), count.cast_signed())
    });
    let ended = minute.ended().map(|(platform, how, count)| {
        (MinuteLine::settled_key(platform.name(), how.station().name(), cause_of(world, how)), count)
    });
    shown.chain(ended).collect()
}

impl MinuteLine {
    /// Whether nothing happened in it, and what waits and the faults in force are those of the minute before.
    fn is_quiet_after(&self, before: &Self) -> bool {
        let quiet = Self { minute: self.minute, open: before.open, ..Self::default() };
        *self == Self { faults_in_force: before.faults_in_force.clone(), ..quiet }
    }

    /// The key of a count in `settled_by`.
    pub fn settled_key(platform: &str, station: &str, cause: Option<&str>) -> String {
        match cause {
            Some(cause) => format!("{platform}/{station}/{cause}"),
            None => format!("{platform}/{station}"),
        }
    }
}

impl Settled {
    fn new(minute: &Minute) -> Self {
        let mut counts = [0; Station::VARIANTS.len()];
        for (_, how, count) in minute.ended() {
            counts[how.station() as usize] += count;
        }
        let of = |station: Station| counts[station as usize];
        Self {
            skipped: of(Station::Skipped),
            blocked: of(Station::Blocked),
            lost: of(Station::Lost),
            superseded: of(Station::Superseded),
            discarded: of(Station::Discarded),
            expired: of(Station::Expired),
            shown: minute.shown.iter().map(|count| count.cast_signed()).sum(),
        }
    }

    /// Pairs settled in a station; 0 for waiting.
    pub fn of(&self, station: Station) -> i64 {
        match station {
            Station::Skipped => self.skipped,
            Station::Blocked => self.blocked,
            Station::Lost => self.lost,
            Station::Waiting => 0,
            Station::Superseded => self.superseded,
            Station::Discarded => self.discarded,
            Station::Expired => self.expired,
            Station::Shown => self.shown,
        }
    }
}

impl OpenBy {
    fn new(counts: [i64; 5]) -> Self {
        let of = |cause: WaitCause| counts[cause as usize];
        Self {
            capacity: of(WaitCause::Capacity),
            outage: of(WaitCause::Outage),
            in_transit: of(WaitCause::InTransit),
            offline: of(WaitCause::Offline),
            doze: of(WaitCause::Doze),
        }
    }

    /// Pairs that wait because of a cause.
    pub fn of(&self, cause: WaitCause) -> i64 {
        match cause {
            WaitCause::Capacity => self.capacity,
            WaitCause::Outage => self.outage,
            WaitCause::InTransit => self.in_transit,
            WaitCause::Offline => self.offline,
            WaitCause::Doze => self.doze,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::faults::fault::FaultKind;

    fn fault(at: u64, lasts: Option<u64>, every: Option<u64>) -> Fault {
        Fault::by_hand(FaultKind::Offline, at, lasts, every)
    }

    #[test]
    fn a_fault_of_ten_seconds_is_seen_in_its_minute_only() {
        let minute = |at: u64| Span { from: SimTime(at * MINUTE_MS), to: SimTime((at + 1) * MINUTE_MS) };
        let seen = |fault: &Fault| (0..8).filter(|at| is_in_force_within(fault, minute(*at))).collect::<Vec<_>>();
        assert_eq!(seen(&fault(90_000, Some(10_000), None)), [1]);
        assert_eq!(seen(&fault(90_000, Some(30_000), None)), [1], "its end is not inside");
        assert_eq!(seen(&fault(90_000, Some(30_001), None)), [1, 2]);
        assert_eq!(seen(&fault(90_000, Some(10_000), Some(120_000))), [1, 3, 5, 7]);
        assert_eq!(seen(&fault(300_000, None, None)), [5, 6, 7]);
    }
}
