//! The messages of a report: outcome, recipients and reach. Must not keep a text (R6).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

use crate::rules::base::ids::SendIx;
use crate::rules::base::time::SimTime;
use crate::rules::counting::counts::{REACH_WINDOWS_MS, RunCounts, StratumCounts};
use crate::rules::model::reach_window::ReachLimit;
use crate::rules::model::world::World;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::Station;
use crate::rules::timeline::agenda::{Agenda, LedgerEntry};
use crate::rules::timeline::summary::Summary;

use super::distribution::{Distribution, Parts};
use super::outcome::Counts;
use super::reach::{ShownUntil, shown_until};
use super::selection::{Sum, cells, pages};

/// What became of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum MessageOutcome {
    /// Taken in.
    Accepted,
    /// Turned down.
    Refused,
    /// Some of each; only in a summarised entry.
    Mixed,
}

impl MessageOutcome {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

/// One occurrence of a send, or a whole send where there are very many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageLine {
    /// The send's name.
    pub send: String,
    /// Which occurrence, from 0.
    pub occurrence: u32,
    /// `group` or `device`.
    pub kind: String,
    /// The single target, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The last outcome.
    pub outcome: MessageOutcome,
    /// Why it was refused; null if it was accepted.
    pub reason: Option<String>,
    /// Attempts, retries included.
    pub attempts: u64,
    /// When it was accepted, in ms; null if it was refused.
    pub accepted_at_ms: Option<u64>,
    /// The same in the send's local time, or the scenario's: `Tue 21:30`; absent if it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_local: Option<String>,
    /// When the quota that refused it has a slot again, in ms.
    pub next_slot_ms: Option<u64>,
    /// Pairs.
    pub audience: u64,
    /// Pairs by class.
    pub audience_by: AudienceBy,
    /// Pairs that are not skipped.
    pub eligible: u64,
    /// Pairs by station.
    pub stations: Counts,
    /// Pairs shown within a time from acceptance.
    pub reach: Reach,
    /// Pairs shown until each of the scenario's windows of reach; absent where these are the usual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_until: Option<ShownUntil>,
    /// Milliseconds from acceptance to display; null when nothing was shown.
    pub latency_ms: Option<LatencyShort>,
    /// This entry sums all occurrences and devices of a send; then `occurrence` is 0 and times are null.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub summarised: bool,
    /// How many messages a summarised entry sums.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<u64>,
    /// How many of them were accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<u64>,
    /// How many of them were refused, by reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Counts>,
}

/// Pairs by why they belong to their message; the first that fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AudienceBy {
    /// Plainly a member, or the single target.
    pub member: u64,
    /// Reached by catch-up.
    pub late_joiner: u64,
    /// No longer a member in truth, still visible.
    pub stale_member: u64,
    /// Unenrolled in truth, still visible.
    pub stale_device: u64,
}

/// Pairs shown within a time from acceptance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reach {
    /// Within a minute.
    #[serde(rename = "1m")]
    pub one_minute: u64,
    /// Within a quarter of an hour.
    #[serde(rename = "15m")]
    pub fifteen_minutes: u64,
    /// Within an hour.
    #[serde(rename = "1h")]
    pub one_hour: u64,
    /// Within four hours.
    #[serde(rename = "4h")]
    pub four_hours: u64,
    /// Before the end.
    pub end: u64,
}

/// The figures of a message's distribution of milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LatencyShort {
    /// At least 50 % are no larger.
    pub p50: u64,
    /// At least 95 % are no larger.
    pub p95: u64,
    /// The largest, exactly.
    pub max: u64,
}

/// One line for each entry of the ledger, or for each send if it is summarised.
pub(crate) fn messages(world: &World, agenda: &Agenda, counts: &RunCounts) -> Vec<MessageLine> {
    let ledger = agenda.ledger();
    if ledger.len() as u64 <= world.listed_max && !agenda.summarises() {
        return ledger.iter().map(|entry| message(world, counts, entry)).collect();
    }
    let mut summaries = agenda.summaries().clone();
    for entry in ledger {
        summaries.entry(entry.send).or_default().add(entry);
    }
    let mut pairs: BTreeMap<SendIx, Vec<&StratumCounts>> = BTreeMap::new();
    for page in pages(counts) {
        pairs.entry(page.send).or_default().extend(cells(world, page.cells).map(|(_, cell)| cell));
    }
    let sum = |send: &SendIx| pairs.get(send).map(|cells| Sum::of(cells.iter().copied())).unwrap_or_default();
    let of_send = |send: &SendIx, summary| summarised(world, counts, *send, summary, &sum(send));
    summaries.iter().map(|(send, summary)| of_send(send, summary)).collect()
}

fn message(world: &World, counts: &RunCounts, entry: &LedgerEntry) -> MessageLine {
    let page = entry.outcome.ok().and_then(|message| counts.messages.get(&message));
    let sum = Sum::of(page.iter().flat_map(|page| cells(world, &page.cells)).map(|(_, cell)| cell));
    let refusal = entry.outcome.err();
    MessageLine {
        occurrence: entry.occurrence,
        device: entry.device.map(|device| world.fleet.device_name(device)),
        outcome: if refusal.is_some() { MessageOutcome::Refused } else { MessageOutcome::Accepted },
        reason: refusal.map(|refusal| refusal.reason.name().to_owned()),
        attempts: u64::from(entry.attempts),
        accepted_at_ms: entry.outcome.is_ok().then_some(entry.at.ms()),
        accepted_local: entry.outcome.is_ok().then(|| world.zone_of(entry.send).clock_at(entry.at)),
        next_slot_ms: refusal.and_then(|refusal| refusal.next_slot).map(SimTime::ms),
        ..line(world, counts, entry.send, &sum)
    }
}

fn summarised(world: &World, counts: &RunCounts, send: SendIx, summary: &Summary, sum: &Sum) -> MessageLine {
    let refused: Counts =
        summary.outcomes().filter_map(|(outcome, count)| Some((outcome.err()?.name().to_owned(), count))).collect();
    MessageLine {
        outcome: match (summary.accepted, refused.is_empty()) {
            (_, true) => MessageOutcome::Accepted,
            (0, false) => MessageOutcome::Refused,
            (_, false) => MessageOutcome::Mixed,
        },
        attempts: summary.attempts,
        summarised: true,
        entries: Some(summary.entries),
        accepted: Some(summary.accepted),
        refused: Some(refused),
        ..line(world, counts, send, sum)
    }
}

/// What a single message and the summary of a send have in common: the send and its pairs.
fn line(world: &World, counts: &RunCounts, send: SendIx, sum: &Sum) -> MessageLine {
    let send = &world.sends[send.at()];
    MessageLine {
        send: send.name.clone(),
        occurrence: 0,
        kind: send.target.kind().name().to_owned(),
        device: None,
        outcome: MessageOutcome::Accepted,
        reason: None,
        attempts: 0,
        accepted_at_ms: None,
        accepted_local: None,
        next_slot_ms: None,
        audience: sum.pairs(),
        audience_by: AudienceBy {
            member: sum.class(AudienceClass::Member),
            late_joiner: sum.class(AudienceClass::LateJoiner),
            stale_member: sum.class(AudienceClass::StaleMember),
            stale_device: sum.class(AudienceClass::StaleDevice),
        },
        eligible: sum.eligible(),
        stations: stations(sum),
        reach: reach(counts, sum),
        shown_until: has_chosen_windows(world).then(|| shown_until(world, counts, sum)),
        latency_ms: short(&sum.latency),
        summarised: false,
        entries: None,
        accepted: None,
        refused: None,
    }
}

/// Whether the scenario tells other windows of reach than the usual ones.
fn has_chosen_windows(world: &World) -> bool {
    let is_usual = |limit| matches!(limit, ReachLimit::After(ms) if REACH_WINDOWS_MS.contains(&ms));
    world.windows.iter().any(|window| !is_usual(window.until))
}

fn reach(counts: &RunCounts, sum: &Sum) -> Reach {
    let [one_minute, fifteen_minutes, one_hour, four_hours] = REACH_WINDOWS_MS.map(|window| {
        let at = counts.reach_windows_ms.binary_search(&window).expect("the totals always count these windows");
        sum.shown_within(at)
    });
    Reach { one_minute, fifteen_minutes, one_hour, four_hours, end: sum.station(Station::Shown) }
}

pub(crate) fn short(of: &Distribution) -> Option<LatencyShort> {
    let quantile = |thousandths| of.quantile(Parts::thousandths(thousandths));
    Some(LatencyShort { p50: quantile(500)?, p95: quantile(950)?, max: of.max()? })
}

/// The counts of all eight stations.
pub(crate) fn stations(sum: &Sum) -> Counts {
    Station::VARIANTS.iter().map(|station| (station.name().to_owned(), sum.station(*station))).collect()
}
