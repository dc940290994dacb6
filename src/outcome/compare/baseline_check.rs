//! Checks that a record read from a file is consistent. A report is not authenticated, so a comparison reads only
//! figures that agree with one another. Must not compare or name a file.

use strum::VariantArray as _;

use crate::rules::service::journey::Station;

use super::headline::Headline;
use crate::outcome::record::messages::MessageLine;
use crate::outcome::record::outcome::{Counts, Latency, Outcome};

/// Pairs of a report to be compared; a hundred times the largest possible number, and small enough for exact
/// multiplication.
const PAIRS_MAX: u64 = 1 << 44;
/// Hex digits of a digest and of a scenario's hash.
const HASH_DIGITS: usize = 32;

/// Checks a record of a whole run.
///
/// # Errors
/// The first sum that is wrong.
pub(crate) fn check(record: &Outcome) -> Result<(), &'static str> {
    let sums = &record.conservation;
    let is_conserved = sums.ok
        && record.pairs <= PAIRS_MAX
        && (sums.sent, sums.counted) == (record.pairs, record.pairs)
        && sums.settled.checked_add(sums.waiting) == Some(record.pairs);
    require(is_conserved, "the pairs sent and counted")?;
    let all = stations(&record.stations.overall).ok_or("the pairs by station")?;
    require(all.pairs == record.pairs && all.waiting == sums.waiting, "the pairs by station")?;
    for divided in [&record.stations.by_platform, &record.stations.by_cohort] {
        let sums: Option<Vec<Sum>> = divided.values().map(stations).collect();
        let sums = sums.ok_or("the pairs by platform and cohort")?;
        let total = |of: fn(&Sum) -> u64| sums.iter().map(|sum| u128::from(of(sum))).sum::<u128>();
        let same = total(|sum| sum.pairs) == u128::from(all.pairs) && total(|sum| sum.shown) == u128::from(all.shown);
        require(same, "the pairs by platform and cohort")?;
    }
    let mut audience = 0_u128;
    for line in &record.messages {
        message(line)?;
        audience += u128::from(line.audience);
    }
    require(audience == u128::from(record.pairs), "the audiences of the messages")?;
    require(latency(record.latency_ms.as_ref(), all.shown), "the latencies")?;
    require(is_hash(&record.digest) && is_hash(&record.scenario_hash), "the digest and the scenario's hash")
}

/// Checks the headline of one of many runs.
///
/// # Errors
/// The first sum that is wrong.
pub(crate) fn check_row(row: &Headline) -> Result<(), &'static str> {
    let all = stations(&row.stations).ok_or("the pairs by station")?;
    require(row.conserved && row.pairs <= PAIRS_MAX && all.pairs == row.pairs, "the pairs by station")?;
    require(row.eligible <= row.pairs, "the pairs that are eligible")?;
    let reach = &row.reach;
    let reach = [reach.one_minute, reach.fifteen_minutes, reach.one_hour, reach.four_hours, reach.end];
    require(reach.is_sorted() && reach[4] == all.shown, "the reach")?;
    let is_known = row.latency_ms.is_some() == (all.shown > 0);
    let are_sorted =
        row.latency_ms.is_none_or(|latency| [latency.p50, latency.p95, latency.p99, latency.max].is_sorted());
    require(is_known && are_sorted, "the latencies")?;
    require(is_hash(&row.digest) && is_hash(&row.scenario_hash), "the digest and the scenario's hash")
}

/// Whether a text is a digest or a scenario's hash.
fn is_hash(text: &str) -> bool {
    text.len() == HASH_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn require(holds: bool, sum: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(sum) }
}

/// Pairs of some counts by station.
#[derive(Clone, Copy, Debug)]
struct Sum {
    pairs: u64,
    shown: u64,
    waiting: u64,
}

/// The sums of counts by station; `None` if stations are missing or unknown, or there are too many pairs.
fn stations(counts: &Counts) -> Option<Sum> {
    let of = |station: Station| counts.get(station.name()).copied();
    let known: Option<Vec<u64>> = Station::VARIANTS.iter().map(|station| of(*station)).collect();
    let pairs = known?.into_iter().try_fold(0_u64, u64::checked_add)?;
    (counts.len() == Station::VARIANTS.len() && pairs <= PAIRS_MAX).then_some(())?;
    Some(Sum { pairs, shown: of(Station::Shown)?, waiting: of(Station::Waiting)? })
}

/// A message: its audience by class and by station is the same, and reach only grows.
fn message(line: &MessageLine) -> Result<(), &'static str> {
    let sum = stations(&line.stations).ok_or("the stations of a message")?;
    let by = &line.audience_by;
    let classes = [by.member, by.late_joiner, by.stale_member, by.stale_device];
    let audience = classes.into_iter().try_fold(0_u64, u64::checked_add);
    let is_one = audience == Some(line.audience) && sum.pairs == line.audience && line.eligible <= line.audience;
    require(is_one, "the audience of a message")?;
    let reach = &line.reach;
    let reach = [reach.one_minute, reach.fifteen_minutes, reach.one_hour, reach.four_hours, reach.end];
    require(reach.is_sorted() && reach[4] == sum.shown, "the reach of a message")
}

/// Latencies: as many as pairs were shown, and quantiles that ascend.
fn latency(latency: Option<&Latency>, shown: u64) -> bool {
    let Some(latency) = latency else { return shown == 0 };
    let quantiles = [latency.p50, latency.p90, latency.p95, latency.p99, latency.p999];
    let counts: u128 = latency.histogram.iter().map(|(_, count)| u128::from(*count)).sum();
    shown > 0
        && counts == u128::from(shown)
        && quantiles.is_sorted()
        && latency.histogram.is_sorted_by(|(one, _), (other, _)| one < other)
}
