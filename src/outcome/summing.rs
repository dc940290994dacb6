//! From the totals to the record: one pass of sums. Must not judge beyond what the totals state.

use std::collections::BTreeMap;

use strum::VariantArray as _;

use crate::engine::RunTotals;
use crate::rules::base::platform::Platform;
use crate::rules::base::time::SimTime;
use crate::rules::counting::counts::{Minute, RunCounts};
use crate::rules::model::expectation::Expectation;
use crate::rules::model::live::ModelSpeed;
use crate::rules::model::world::World;
use crate::rules::population::site::SITE_LABEL;
use crate::rules::service::journey::{Form, Journey, Station};
use crate::rules::service::quota::Hour;
use crate::rules::timeline::agenda::{Agenda, QuotaCount};

use super::judge::expectations::Evidence;
use super::record::distribution::{Distribution, Parts};
use super::record::faults::faults;
use super::record::finished::Finished;
use super::record::lag::{Lag, together};
use super::record::messages::{messages, stations};
use super::record::outcome::{
    AssumptionLine, Conservation, Counts, Dismissals, Driver, ExpectationLine, Latency, MODEL_VERSION, Outcome, Quota,
    QuotaHour, QuotaLine, RestartLine, SCHEMA_VERSION, Stations, WarningLine,
};
use super::record::reach::{ReachByWindow, shown_until};
use super::record::selection::{Sum, cause_of, pages};
use super::record::series::series;

/// Facts that only the driver of a run has.
#[derive(Clone, Debug)]
pub struct RunFacts {
    /// The driver.
    pub driver: Driver,
    /// How long it took, in ms of wall time.
    pub wall_ms: u64,
    /// The most memory that the process held, in bytes, where that is known.
    pub peak_rss_bytes: Option<u64>,
    /// The model time at which it was interrupted.
    pub interrupted_at: Option<SimTime>,
    /// Devices whose whole lives are in the totals of a forecast.
    pub devices_done: Option<u64>,
    /// Sends issued more than 100 ms of wall time late.
    pub late_sends: u64,
    /// The command that runs it again.
    pub replay: String,
}

impl RunFacts {
    /// Those of a run that has finished.
    pub const fn of(finished: &Finished, driver: Driver, peak_rss_bytes: Option<u64>, replay: String) -> Self {
        let Finished { wall_ms, interrupted_at, devices_done, late_sends, .. } = *finished;
        Self { driver, wall_ms, peak_rss_bytes, interrupted_at, devices_done, late_sends, replay }
    }
}

impl Outcome {
    /// The record of a run.
    pub fn new(world: &World, agenda: &Agenda, run_totals: &RunTotals, facts: RunFacts) -> Self {
        let counts = &run_totals.counts;
        let end = facts.interrupted_at.unwrap_or(world.horizon);
        let totals = Totals::new(world, counts);
        let devices = u64::from(world.fleet.devices());
        let interrupted = facts.interrupted_at.is_some() || facts.devices_done.is_some_and(|done| done < devices);
        let faults = faults(world, run_totals, end, interrupted);
        let (driver, lag) = (facts.driver, together(&run_totals.lag));
        let evidence = Evidence { world, agenda, counts, faults: &faults, lag_ms: lag.as_ref(), driver, end };
        let expectations = evidence.judge();
        let aborted_by = facts.interrupted_at.and_then(|_| aborted_by(world, &expectations));
        let pairs = totals.overall.pairs();
        Self {
            schema_version: SCHEMA_VERSION,
            scenario: world.name.clone(),
            scenario_hash: world.scenario_hash.clone(),
            start_unix_ms: world.start_unix_ms,
            start_local: world.zone.clock_at(SimTime::ZERO),
            profile: world.profile.name().to_owned(),
            seed: world.chance.seed(),
            driver: facts.driver,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            model_version: MODEL_VERSION,
            model_duration_ms: end.ms(),
            speed_thousandths: match (facts.driver, world.live.speed) {
                (Driver::Actors, ModelSpeed::Times(thousandths)) => thousandths,
                (Driver::Actors, ModelSpeed::Max) | (Driver::Forecast, _) => 0,
            },
            wall_ms: facts.wall_ms,
            devices,
            pairs,
            pairs_per_second: pairs.saturating_mul(1_000) / facts.wall_ms.max(1),
            messages: messages(world, agenda, counts),
            stations: totals.stations(),
            reach: totals.reach(world, counts),
            latency_ms: latency(&totals.overall.latency),
            series: series(world, agenda, counts, end),
            quota: Quota {
                group: quota(agenda.group_quota()),
                device: quota(agenda.device_quota()),
                hour: match world.service.hour {
                    Hour::Sliding => QuotaHour::Sliding,
                    Hour::Clock { .. } => QuotaHour::Clock,
                },
            },
            dismissals: dismissals(world, counts),
            exposed: totals.overall.exposed,
            restarts: match facts.driver {
                Driver::Actors => Some(RestartLine {
                    device: run_totals.restarts.device,
                    portal: run_totals.restarts.portal,
                    shard: run_totals.restarts.shard,
                    recovery_us_max: run_totals.restarts.recovery_us_max,
                    recovery_us_total: run_totals.restarts.recovery_us_total,
                }),
                Driver::Forecast => None,
            },
            late_sends: facts.late_sends,
            expectations,
            baseline: None,
            warnings: world.cautions.iter().map(WarningLine::of).collect(),
            assumptions: world
                .assumptions
                .iter()
                .map(|(key, value)| AssumptionLine { key: key.clone(), value: value.clone() })
                .collect(),
            conservation: conservation(&totals.overall, run_totals),
            faults,
            without: None,
            lag_ms: Lag::new(&run_totals.lag, world.live.lag_p99_max_ms),
            peak_rss_bytes: facts.peak_rss_bytes,
            digest: format!("{:032x}", counts.digest),
            replay: facts.replay,
            aborted_by,
            interrupted,
            interrupted_at_ms: facts.interrupted_at.map(SimTime::ms),
            devices_done: facts.devices_done,
        }
    }
}

/// The first expectation with `abort` that can no longer hold.
fn aborted_by(world: &World, lines: &[ExpectationLine]) -> Option<String> {
    let is_lost = |(expectation, line): &(&Expectation, &ExpectationLine)| expectation.abort && !line.ok;
    world.expectations.iter().zip(lines).find(is_lost).map(|(expectation, _)| expectation.name.clone())
}

/// Sums over the pairs of the whole run, and by parts of them.
#[derive(Default)]
struct Totals {
    overall: Sum,
    by_platform: BTreeMap<Platform, Sum>,
    by_cohort: BTreeMap<String, Sum>,
    by_site: BTreeMap<String, Sum>,
    by_label: BTreeMap<String, Sum>,
    by_cause: Counts,
}

impl Totals {
    fn new(world: &World, counts: &RunCounts) -> Self {
        let of_stratum = |at: usize| Sum::of(pages(counts).filter_map(|page| page.cells.get(at)?.as_deref()));
        let by_stratum: Vec<Sum> = (0..world.fleet.strata().len()).map(of_stratum).collect();
        let mut totals = Self::default();
        for (stratum, sum) in world.fleet.strata().iter().zip(&by_stratum) {
            totals.overall.join(sum);
            totals.by_platform.entry(stratum.platform).or_default().join(sum);
            totals.by_cohort.entry(stratum.cohort.clone()).or_default().join(sum);
            for (label, value) in &stratum.labels {
                let part = if label == SITE_LABEL {
                    totals.by_site.entry(value.clone())
                } else {
                    totals.by_label.entry(format!("{label}={value}"))
                };
                part.or_default().join(sum);
            }
        }
        for (code, count) in totals.overall.journeys.iter().enumerate().filter(|(_, count)| **count > 0) {
            let journey = Journey::from_code(code);
            if let Some(cause) = cause_of(world, journey) {
                *totals.by_cause.entry(format!("{}/{cause}", journey.station().name())).or_default() += count;
            }
        }
        totals
    }

    fn reach(&self, world: &World, counts: &RunCounts) -> ReachByWindow {
        let of = |sum: &Sum| shown_until(world, counts, sum);
        let parts = |parts: &BTreeMap<String, Sum>| parts.iter().map(|(name, sum)| (name.clone(), of(sum))).collect();
        ReachByWindow {
            windows: ReachByWindow::windows_of(world),
            overall: of(&self.overall),
            by_platform: self.by_platform.iter().map(|(platform, sum)| (platform.name().to_owned(), of(sum))).collect(),
            by_cohort: parts(&self.by_cohort),
            by_site: parts(&self.by_site),
            by_label: parts(&self.by_label),
        }
    }

    fn stations(&self) -> Stations {
        let parts =
            |parts: &BTreeMap<String, Sum>| parts.iter().map(|(name, sum)| (name.clone(), stations(sum))).collect();
        Stations {
            overall: stations(&self.overall),
            by_platform: self
                .by_platform
                .iter()
                .map(|(platform, sum)| (platform.name().to_owned(), stations(sum)))
                .collect(),
            by_cohort: parts(&self.by_cohort),
            by_site: parts(&self.by_site),
            by_label: parts(&self.by_label),
            by_cause: self.by_cause.clone(),
            by_form: Form::VARIANTS
                .iter()
                .map(|form| (form.name().to_owned(), self.overall.form(*form)))
                .filter(|(_, count)| *count > 0)
                .collect(),
        }
    }
}

fn latency(of: &Distribution) -> Option<Latency> {
    let quantile = |thousandths| of.quantile(Parts::thousandths(thousandths));
    Some(Latency {
        p50: quantile(500)?,
        p90: quantile(900)?,
        p95: quantile(950)?,
        p99: quantile(990)?,
        p999: quantile(999)?,
        max: of.max()?,
        histogram: of.buckets().collect(),
    })
}

fn quota(count: QuotaCount) -> QuotaLine {
    QuotaLine { accepted: count.accepted, refused: count.refused }
}

fn dismissals(world: &World, counts: &RunCounts) -> Dismissals {
    let by_platform = Platform::VARIANTS
        .iter()
        .zip(counts.dismissals)
        .filter(|(platform, _)| world.fleet.strata().iter().any(|stratum| stratum.platform == **platform))
        .map(|(platform, count)| (platform.name().to_owned(), count))
        .collect();
    Dismissals { total: counts.dismissals.iter().sum(), by_platform }
}

fn conservation(overall: &Sum, run_totals: &RunTotals) -> Conservation {
    let waiting = overall.station(Station::Waiting);
    let mut sums = Conservation {
        ok: false,
        sent: run_totals.pairs_sent,
        counted: overall.pairs(),
        settled: overall.journeys.iter().sum::<u64>() - waiting,
        waiting,
        settled_by_minute: run_totals.counts.minutes.iter().map(Minute::settled).sum(),
        waiting_by_minute: run_totals.counts.minutes.iter().flat_map(|minute| minute.opened).sum(),
    };
    sums.ok = sums.sent == sums.counted
        && sums.counted == sums.settled + sums.waiting
        && i64::try_from(sums.settled) == Ok(sums.settled_by_minute)
        && i64::try_from(sums.waiting) == Ok(sums.waiting_by_minute);
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::{Hand, usual};
    use crate::outcome::{Failure, FaultStatus, MessageOutcome, Verdict};
    use crate::rules::base::ids::FaultIx;
    use crate::rules::service::audience::AudienceClass;
    use crate::rules::service::journey::WaitCause;
    use crate::rules::service::message::Refusal;

    #[test]
    fn every_pair_is_found_in_every_sum() {
        let outcome = usual("").outcome(None);
        assert_eq!(outcome.pairs, 5);
        assert!(outcome.conservation.ok, "{:?}", outcome.conservation);
        assert_eq!(outcome.stations.overall["shown"], 3);
        assert_eq!(outcome.stations.overall.len(), 8, "all eight stations, those without pairs too");
        let of = |platform: &str, station: &str| outcome.stations.by_platform[platform][station];
        assert_eq!(
            (of("ios", "shown"), of("ios", "blocked"), of("android", "shown"), of("macos", "skipped")),
            (2, 1, 1, 1)
        );
        let causes: Vec<_> = outcome.stations.by_cause.iter().map(|(words, count)| (words.as_str(), *count)).collect();
        assert_eq!(causes, [("blocked/permission", 1), ("skipped/unsupported_platform", 1)]);
        assert_eq!(outcome.stations.by_form.get("banner"), Some(&3));
        assert_eq!(outcome.pairs_per_second, 20);
        assert_eq!(outcome.verdict(), Verdict::Passed);
    }

    #[test]
    fn messages_have_their_audience_reach_and_reason() {
        let outcome = usual("").outcome(None);
        let [closure, ring, novel] = outcome.messages.as_slice() else { panic!("three sends") };
        assert_eq!((closure.audience, closure.eligible), (4, 3));
        assert_eq!((closure.audience_by.member, closure.audience_by.stale_member), (3, 1));
        let reach = closure.reach;
        assert_eq!(
            (reach.one_minute, reach.fifteen_minutes, reach.one_hour, reach.four_hours, reach.end),
            (1, 2, 2, 2, 2)
        );
        assert_eq!(
            (ring.device.as_deref(), ring.kind.as_str(), ring.accepted_at_ms),
            (Some("ada-phone"), "device", Some(180_000))
        );
        assert_eq!(novel.reason.as_deref(), Some("title_too_long"));
        assert_eq!((novel.outcome, novel.accepted_at_ms, novel.audience), (MessageOutcome::Refused, None, 0));
    }

    #[test]
    fn a_fault_has_its_touched_pairs_and_its_recovery() {
        let outcome = usual("").outcome(None);
        let fault = &outcome.faults[0];
        assert_eq!((fault.touched, fault.backlog_at_end, fault.recovery_ms), (1, 0, Some(33_000)));
        let backlog = |hand: &mut Hand| {
            hand.pair(
                (1, "bob-phone", AudienceClass::Member, &[(180_000, Journey::Waiting(WaitCause::Outage))]),
                Some(FaultIx(0)),
            );
        };
        let mut hand = usual("");
        backlog(&mut hand);
        let outcome = hand.outcome(None);
        assert_eq!((outcome.faults[0].backlog_at_end, outcome.faults[0].recovery_ms), (1, None));
        assert_eq!(outcome.conservation.waiting, 1);
    }

    #[test]
    fn a_fault_that_touched_nothing_fails_the_run_unless_it_was_interrupted() {
        let untouched = Hand::new("", |_| {
            Err(Refusal { reason: crate::rules::service::message::Reason::Permission, next_slot: None })
        });
        let name = "fcm-down".to_owned();
        let failed = Verdict::Failed { reasons: vec![Failure::FaultTouchedNothing { name }] };
        assert_eq!(untouched.outcome(None).verdict(), failed);
        assert_eq!(untouched.outcome(Some(SimTime(10_000))).verdict(), Verdict::Passed);
    }

    #[test]
    fn an_actor_fault_counts_actors_and_does_not_apply_without_them() {
        let mut hand = usual(
            "[[fault]]\nname = \"deaths\"\nkind = \"crash\"\nrate = \"10%\"\nat = \"30s\"\nfor = \"1m\"\n\
             [[expect]]\nname = \"some\"\nmetric = \"fault_touched\"\nwhere = { fault = \"deaths\" }\ncheck = \">= 1\"",
        );
        let outcome = hand.outcome(None);
        assert_eq!(outcome.faults[1].status, FaultStatus::NotApplicable);
        assert_eq!(outcome.expectations[0].observed_text, "not applicable");
        assert_eq!(outcome.verdict(), Verdict::Passed);
        hand.totals.struck = Some(vec![0, 0]);
        let outcome = hand.outcome(None);
        assert_eq!(outcome.faults[1].status, FaultStatus::TouchedNothing);
        assert!(matches!(outcome.verdict(), Verdict::Failed { reasons } if reasons.len() == 2), "{outcome:?}");
        hand.totals.struck = Some(vec![0, 7]);
        let outcome = hand.outcome(None);
        assert_eq!((outcome.faults[1].touched, outcome.faults[1].backlog_at_end), (7, 0));
        assert!(outcome.expectations[0].ok);
    }

    #[test]
    fn a_lost_pair_is_a_fault_of_the_program() {
        let mut hand = usual("");
        hand.totals.pairs_sent += 1;
        assert_eq!(hand.outcome(None).verdict(), Verdict::Broken);
    }

    #[test]
    fn minutes_carry_what_waits_forward() {
        let series = usual("").outcome(None).series;
        assert_eq!(series.len(), 5);
        assert_eq!((series[1].accepted, series[1].shown, series[1].settled.blocked), (1, 1, 1));
        assert_eq!((series[1].open.outage, series[2].open.outage, series[2].shown), (1, 0, 1));
        assert_eq!((series[3].accepted, series[3].refused), (1, 1));
        let in_force: Vec<bool> = series.iter().map(|minute| !minute.faults_in_force.is_empty()).collect();
        assert_eq!(in_force, [true, true, false, false, false]);
    }

    #[test]
    fn the_record_survives_json_and_contains_no_text() {
        let outcome = usual("").outcome(None);
        let json = serde_json::to_string(&outcome).expect("the record is JSON");
        assert_eq!(serde_json::from_str::<Outcome>(&json).expect("and back"), outcome);
        assert!(!json.contains("very much longer"), "a title is in no report");
    }
}
