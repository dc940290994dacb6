//! The record of forecasts over a range of seeds: the range of every headline figure, and a row for each seed. Counts
//! stay integers. Must not contain a title or a body.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::batch::Batch;
use super::headline::{Headline, LatencyHeadline, QuotaRefusals, SendCounts, WindowHeadline, failures};
use super::range::{Range, Seen, Share};
use crate::outcome::record::baseline::BaselineLine;
use crate::outcome::record::contrast::ContrastLine;
use crate::outcome::record::reach::WindowLine;

/// The version of this record; raised when a key changes its meaning.
pub const RANGES_SCHEMA_VERSION: u32 = 1;
/// Seeds of one range: each has a row of some kilobytes, in memory and in the record.
pub const SEEDS_MAX: u64 = 10_000;

/// What a scenario comes to over a range of seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ranges {
    /// The version of this record: 1.
    pub schema_version: u32,
    /// What the forecasts have in common.
    #[serde(flatten)]
    pub batch: Batch,
    /// The seeds that were asked for.
    pub seeds: SeedSpan,
    /// The range of every headline figure.
    pub ranges: FigureRanges,
    /// What would have been without the faults that were asked about, each alone and then all together; absent if none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without: Option<Vec<ContrastRange>>,
    /// What was expected, in file order.
    pub expectations: Vec<ExpectationRange>,
    /// The comparison with a former report; absent if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineLine>,
    /// What did not hold, with the seeds in which it did not; empty when all is well.
    pub failures: Vec<SeedFailure>,
    /// A row for each seed that was forecast, ascending.
    pub rows: Vec<Headline>,
}

/// Seeds from the first to the last, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeedSpan {
    /// The first.
    pub first: u64,
    /// The last, not below the first.
    pub last: u64,
}

/// The range of every headline figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FigureRanges {
    /// Pairs of an accepted message and a targeted device.
    pub pairs: Range<u64>,
    /// Pairs that are not skipped.
    pub eligible: Range<u64>,
    /// Sends, after their retries.
    pub sends: SendCounts<Range<u64>>,
    /// Attempts that a quota refused.
    pub quota_refusals: QuotaRefusals<Range<u64>>,
    /// Pairs by station, all eight.
    pub stations: BTreeMap<String, Range<u64>>,
    /// Pairs shown within a time from each message's acceptance, of all pairs; null where there are none.
    pub reach: Option<ReachRanges>,
    /// The same, of the pairs that are not skipped.
    pub reach_eligible: Option<ReachRanges>,
    /// Pairs shown until each window that the scenario chose, of all pairs, over the seeds in which that is counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<WindowRange>,
    /// Milliseconds from acceptance to display, over the seeds in which something was shown.
    pub latency_ms: Option<LatencyHeadline<Range<u64>>>,
    /// Notifications dismissed.
    pub dismissals: Range<u64>,
    /// Shown pairs that another app on the phone could read (R64).
    pub exposed: Range<u64>,
    /// What each fault did, in file order.
    pub faults: Vec<FaultRange>,
}

/// Ranges of reach, compared as shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReachRanges {
    /// Within a minute.
    #[serde(rename = "1m")]
    pub one_minute: Range<Share>,
    /// Within a quarter of an hour.
    #[serde(rename = "15m")]
    pub fifteen_minutes: Range<Share>,
    /// Within an hour.
    #[serde(rename = "1h")]
    pub one_hour: Range<Share>,
    /// Within four hours.
    #[serde(rename = "4h")]
    pub four_hours: Range<Share>,
    /// Before the end.
    pub end: Range<Share>,
}

/// The range of a chosen window of reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WindowRange {
    /// The window.
    #[serde(flatten)]
    pub line: WindowLine,
    /// The share of all pairs; null where it is not counted.
    pub shown: Option<Range<Share>>,
}

/// What a fault did over the seeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FaultRange {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Pairs it touched; for `directory_lag` the changes it slowed.
    pub touched: Range<u64>,
    /// Touched pairs that still waited at the end.
    pub backlog_at_end: Range<u64>,
    /// From its end until the last touched pair had settled, in ms, over the seeds in which that is known.
    pub recovery_ms: Option<Range<u64>>,
}

/// What some faults did over the seeds, found by the same runs without them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContrastRange {
    /// The faults that are taken out, together.
    pub faults: Vec<String>,
    /// Pairs shown in both runs, later with the faults.
    pub shown_later: Range<u64>,
    /// The median of their delay, in ms, over the seeds in which there is one.
    pub delay_p50_ms: Option<Range<u64>>,
    /// Pairs shown without the faults, and not by the end with them.
    pub never_shown: Range<u64>,
    /// Pairs shown in both runs, earlier with the faults.
    pub shown_earlier: Range<u64>,
    /// Pairs shown with the faults, and not by the end without them.
    pub shown_only_with: Range<u64>,
}

/// What was expected, and what was seen over the seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExpectationRange {
    /// Its name.
    pub name: String,
    /// The metric.
    pub metric: String,
    /// The check, as written.
    pub check: String,
    /// In how many of the seeds it held.
    pub held: u64,
    /// What was seen, over the seeds in which there was something to measure; null where there never was.
    pub observed: Option<Range<Seen>>,
}

/// What did not hold, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SeedFailure {
    /// What.
    pub what: String,
    /// The seeds in which it did not, ascending.
    pub seeds: Vec<u64>,
}

impl Ranges {
    /// The record of `rows`, one for each seed that was forecast, seeds ascending.
    ///
    /// # Panics
    /// If there are no rows.
    pub fn new(batch: Batch, seeds: SeedSpan, rows: Vec<Headline>) -> Self {
        assert!(!rows.is_empty(), "there is at least one row");
        assert!(rows.is_sorted_by_key(|row| row.seed), "rows come in the order of their seeds");
        let found = failures(rows.iter().map(|row| (row.seed, row)));
        Self {
            schema_version: RANGES_SCHEMA_VERSION,
            batch,
            seeds,
            ranges: figures(&rows),
            without: without(&rows),
            expectations: expectations(&rows),
            baseline: None,
            failures: found.into_iter().map(|(what, seeds)| SeedFailure { what, seeds }).collect(),
            rows,
        }
    }
}

/// The range of a figure that every seed has.
fn of(rows: &[Headline], figure: impl Fn(&Headline) -> u64) -> Range<u64> {
    known(rows, |row| Some(figure(row))).expect("every row has it, and there are rows")
}

/// The range of a figure that some seeds may not have.
fn known(rows: &[Headline], figure: impl Fn(&Headline) -> Option<u64>) -> Option<Range<u64>> {
    Range::over(rows.iter().filter_map(|row| Some((row.seed, figure(row)?))).collect(), u64::cmp)
}

fn figures(rows: &[Headline]) -> FigureRanges {
    let of = |figure: fn(&Headline) -> u64| of(rows, figure);
    FigureRanges {
        pairs: of(|row| row.pairs),
        eligible: of(|row| row.eligible),
        sends: SendCounts { accepted: of(|row| row.sends.accepted), refused: of(|row| row.sends.refused) },
        quota_refusals: QuotaRefusals {
            group: of(|row| row.quota_refusals.group),
            device: of(|row| row.quota_refusals.device),
        },
        stations: stations(rows),
        reach: reach(rows, |row| row.pairs),
        reach_eligible: reach(rows, |row| row.eligible),
        windows: windows(rows),
        latency_ms: latency(rows),
        dismissals: of(|row| row.dismissals),
        exposed: of(|row| row.exposed),
        faults: faults(rows),
    }
}

fn stations(rows: &[Headline]) -> BTreeMap<String, Range<u64>> {
    let range = |station: &String| of(rows, |row| row.stations[station]);
    rows[0].stations.keys().map(|station| (station.clone(), range(station))).collect()
}

fn reach(rows: &[Headline], whole: fn(&Headline) -> u64) -> Option<ReachRanges> {
    let within = |part: fn(&Headline) -> u64| {
        let shares = rows.iter().filter_map(|row| Some((row.seed, Share::of(part(row), whole(row))?)));
        Range::over(shares.collect(), Share::compare)
    };
    Some(ReachRanges {
        one_minute: within(|row| row.reach.one_minute)?,
        fifteen_minutes: within(|row| row.reach.fifteen_minutes)?,
        one_hour: within(|row| row.reach.one_hour)?,
        four_hours: within(|row| row.reach.four_hours)?,
        end: within(|row| row.reach.end)?,
    })
}

/// Every seed has the same windows: they are the scenario's.
fn windows(rows: &[Headline]) -> Vec<WindowRange> {
    let range = |(at, window): (usize, &WindowHeadline)| {
        let shares = rows.iter().filter_map(|row| Some((row.seed, Share::of(row.windows[at].shown?, row.pairs)?)));
        WindowRange { line: window.line.clone(), shown: Range::over(shares.collect(), Share::compare) }
    };
    rows[0].windows.iter().enumerate().map(range).collect()
}

fn latency(rows: &[Headline]) -> Option<LatencyHeadline<Range<u64>>> {
    let of = |figure: fn(&LatencyHeadline<u64>) -> u64| known(rows, |row| row.latency_ms.as_ref().map(figure));
    Some(LatencyHeadline {
        p50: of(|latency| latency.p50)?,
        p95: of(|latency| latency.p95)?,
        p99: of(|latency| latency.p99)?,
        max: of(|latency| latency.max)?,
    })
}

/// Every seed has the same faults: they are the scenario's.
fn faults(rows: &[Headline]) -> Vec<FaultRange> {
    let range = |(at, fault): (usize, &crate::outcome::FaultLine)| FaultRange {
        name: fault.name.clone(),
        kind: fault.kind.clone(),
        touched: of(rows, |row| row.faults[at].touched),
        backlog_at_end: of(rows, |row| row.faults[at].backlog_at_end),
        recovery_ms: known(rows, |row| row.faults[at].recovery_ms),
    };
    rows[0].faults.iter().enumerate().map(range).collect()
}

/// The cost of each set of faults, if it is known for every seed.
fn without(rows: &[Headline]) -> Option<Vec<ContrastRange>> {
    let lines: Vec<&[ContrastLine]> = rows.iter().map(|row| row.without.as_deref()).collect::<Option<_>>()?;
    let all = lines.iter().map(|lines| lines.len()).min()?;
    let range = |at: usize| {
        let known = |figure: fn(&ContrastLine) -> Option<u64>| {
            let samples = rows.iter().zip(&lines).filter_map(|(row, lines)| Some((row.seed, figure(&lines[at])?)));
            Range::over(samples.collect(), u64::cmp)
        };
        Some(ContrastRange {
            faults: lines[0][at].faults.clone(),
            shown_later: known(|line| Some(line.shown_later))?,
            delay_p50_ms: known(|line| line.delay_ms.map(|delay| delay.p50)),
            never_shown: known(|line| Some(line.never_shown))?,
            shown_earlier: known(|line| Some(line.shown_earlier))?,
            shown_only_with: known(|line| Some(line.shown_only_with))?,
        })
    };
    (0..all).map(range).collect()
}

/// Every seed has the same expectations too.
fn expectations(rows: &[Headline]) -> Vec<ExpectationRange> {
    let range = |(at, line): (usize, &crate::outcome::ExpectationLine)| {
        let seen = rows.iter().filter_map(|row| {
            let line = &row.expectations[at];
            Some((row.seed, Seen { figure: line.observed?, text: line.observed_text.clone() }))
        });
        ExpectationRange {
            name: line.name.clone(),
            metric: line.metric.clone(),
            check: line.check.clone(),
            held: rows.iter().filter(|row| row.expectations[at].ok).count() as u64,
            observed: Range::over(seen.collect(), |one, other| one.figure.total_cmp(&other.figure)),
        }
    };
    rows[0].expectations.iter().enumerate().map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::{ranges, usual};

    #[test]
    fn every_figure_has_its_extremes_and_their_seeds() {
        let record = ranges();
        assert_eq!((record.rows.len(), record.batch.interrupted), (3, false));
        let reach = record.ranges.reach.expect("there are pairs").end;
        assert_eq!((reach.min.seed, reach.min.value), (2, Share { part: 1, whole: 5 }));
        assert_eq!((reach.max.seed, reach.max.value), (1, Share { part: 3, whole: 5 }));
        assert_eq!(
            (record.ranges.pairs.min.seed, record.ranges.pairs.max.seed),
            (1, 1),
            "all the same: the first seed"
        );
        assert_eq!(record.ranges.stations.len(), 8);
        assert_eq!(record.ranges.faults[0].recovery_ms.map(|range| range.seeds), Some(2), "one never recovered");
    }

    #[test]
    fn an_expectation_says_in_how_many_seeds_it_held_and_where_it_did_not() {
        let record = ranges();
        let [most] = record.expectations.as_slice() else { panic!("one expectation") };
        assert_eq!(most.held, 2);
        let observed = most.observed.as_ref().expect("it was measured");
        assert_eq!((observed.min.seed, observed.min.value.text.as_str()), (2, "20.0 %"));
        assert_eq!(record.failures[0].seeds, [2]);
    }

    #[test]
    fn nothing_to_measure_is_no_range() {
        let row = Headline { pairs: 0, eligible: 0, latency_ms: None, ..Headline::new(&usual("").outcome(None)) };
        let figures = figures(&[row]);
        assert_eq!((figures.reach, figures.reach_eligible, figures.latency_ms), (None, None, None));
    }

    #[test]
    fn the_record_survives_json() {
        let record = ranges();
        let json = serde_json::to_string(&record).expect("the record is JSON");
        assert_eq!(serde_json::from_str::<Ranges>(&json).expect("and back"), record);
    }
}
