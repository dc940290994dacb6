//! The headline figures of an outcome, by which many forecasts are compared. Copies and sums the record. Must not judge
//! anything anew.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::outcome::judge::verdict::Verdict;
use crate::outcome::record::contrast::ContrastLine;
use crate::outcome::record::faults::FaultLine;
use crate::outcome::record::messages::{MessageLine, MessageOutcome, Reach};
use crate::outcome::record::outcome::{Counts, ExpectationLine, Outcome};
use crate::outcome::record::reach::WindowLine;

/// What one forecast came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Headline {
    /// The seed of all chance.
    pub seed: u64,
    /// 32 hex digits over the resolved scenario, without its seed.
    pub scenario_hash: String,
    /// 32 hex digits over the fate of every pair.
    pub digest: String,
    /// The command that runs this one again.
    pub replay: String,
    /// Every pair was found again; if not, the program is wrong.
    pub conserved: bool,
    /// What did not hold, in the order of the report; empty when all is well.
    pub failures: Vec<String>,
    /// Devices of the fleet.
    pub devices: u64,
    /// Pairs of an accepted message and a targeted device.
    pub pairs: u64,
    /// Pairs that are not skipped.
    pub eligible: u64,
    /// Sends, after their retries.
    pub sends: SendCounts<u64>,
    /// Attempts that a quota refused.
    pub quota_refusals: QuotaRefusals<u64>,
    /// Pairs by station, all eight.
    pub stations: Counts,
    /// Pairs shown within a time from each message's acceptance.
    pub reach: Reach,
    /// Pairs shown until each window that the scenario chose beyond those of `reach`; absent if it chose none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<WindowHeadline>,
    /// Milliseconds from acceptance to display; null when nothing was shown.
    pub latency_ms: Option<LatencyHeadline<u64>>,
    /// Notifications dismissed.
    pub dismissals: u64,
    /// Shown pairs that another app on the phone could read (R64).
    pub exposed: u64,
    /// What each fault did, in file order.
    pub faults: Vec<FaultLine>,
    /// What would have been without the faults that were asked about, each alone and then all together; absent if none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without: Option<Vec<ContrastLine>>,
    /// What was expected, in file order.
    pub expectations: Vec<ExpectationLine>,
}

/// Pairs shown until a window's end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WindowHeadline {
    /// The window.
    #[serde(flatten)]
    pub line: WindowLine,
    /// The pairs; null where they are not counted.
    pub shown: Option<u64>,
}

/// Sends by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SendCounts<T> {
    /// Taken in.
    pub accepted: T,
    /// Turned down for good.
    pub refused: T,
}

/// Attempts refused by the quota that refused them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuotaRefusals<T> {
    /// 25 group messages an hour (R40).
    pub group: T,
    /// 10 messages an hour to one device (R43).
    pub device: T,
}

/// Figures of a distribution of milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LatencyHeadline<T> {
    /// At least 50 % are no larger.
    pub p50: T,
    /// At least 95 % are no larger.
    pub p95: T,
    /// At least 99 % are no larger.
    pub p99: T,
    /// The largest, exactly.
    pub max: T,
}

impl Headline {
    /// The headline of an outcome.
    pub fn new(outcome: &Outcome) -> Self {
        let sum = |of: fn(&MessageLine) -> u64| outcome.messages.iter().map(of).sum::<u64>();
        Self {
            seed: outcome.seed,
            scenario_hash: outcome.scenario_hash.clone(),
            digest: outcome.digest.clone(),
            replay: outcome.replay.clone(),
            conserved: outcome.conservation.ok,
            failures: match outcome.verdict() {
                Verdict::Passed => Vec::new(),
                Verdict::Broken => vec![BROKEN.to_owned()],
                Verdict::Failed { reasons } => reasons.iter().map(ToString::to_string).collect(),
            },
            devices: outcome.devices,
            pairs: outcome.pairs,
            eligible: sum(|line| line.eligible),
            sends: SendCounts { accepted: sum(accepted), refused: sum(refused) },
            quota_refusals: QuotaRefusals { group: outcome.quota.group.refused, device: outcome.quota.device.refused },
            stations: outcome.stations.overall.clone(),
            reach: Reach {
                one_minute: sum(|line| line.reach.one_minute),
                fifteen_minutes: sum(|line| line.reach.fifteen_minutes),
                one_hour: sum(|line| line.reach.one_hour),
                four_hours: sum(|line| line.reach.four_hours),
                end: sum(|line| line.reach.end),
            },
            windows: windows(outcome),
            latency_ms: outcome.latency_ms.as_ref().map(|latency| LatencyHeadline {
                p50: latency.p50,
                p95: latency.p95,
                p99: latency.p99,
                max: latency.max,
            }),
            dismissals: outcome.dismissals.total,
            exposed: outcome.exposed,
            faults: outcome.faults.clone(),
            without: outcome.without.clone(),
            expectations: outcome.expectations.clone(),
        }
    }

    /// The number of expectations that held.
    pub fn held(&self) -> u64 {
        self.expectations.iter().filter(|line| line.ok).count() as u64
    }
}

/// The windows that the scenario chose, except for those that every record has.
fn windows(outcome: &Outcome) -> Vec<WindowHeadline> {
    let counted = outcome.reach.windows.iter().zip(&outcome.reach.overall);
    counted
        .filter(|(line, _)| line.is_chosen())
        .map(|(line, shown)| WindowHeadline { line: line.clone(), shown: *shown })
        .collect()
}

fn accepted(line: &MessageLine) -> u64 {
    line.accepted.unwrap_or(u64::from(line.outcome == MessageOutcome::Accepted))
}

fn refused(line: &MessageLine) -> u64 {
    let summarised = line.refused.as_ref().map(|reasons| reasons.values().sum());
    summarised.unwrap_or(u64::from(line.outcome == MessageOutcome::Refused))
}

/// The failures in `rows`, each with the rows in which it occurred, in the order of first occurrence.
pub(crate) fn failures<'r, L>(rows: impl IntoIterator<Item = (L, &'r Headline)>) -> Vec<(String, Vec<L>)>
where
    L: Clone,
{
    let mut found: Vec<(String, Vec<L>)> = Vec::new();
    for (place, row) in rows {
        for what in &row.failures {
            match found.iter_mut().find(|(known, _)| known == what) {
                Some((_, places)) => places.push(place.clone()),
                None => found.push((what.clone(), vec![place.clone()])),
            }
        }
    }
    found
}

/// The failure of a forecast whose sums differ.
const BROKEN: &str = "this program lost or doubled pairs (please report it)";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::usual;

    #[test]
    fn every_figure_equals_the_records() {
        let outcome = usual("").outcome(None);
        let row = Headline::new(&outcome);
        assert_eq!((row.seed, row.pairs, row.eligible, row.devices), (7, 5, 4, 4));
        assert_eq!((row.sends.accepted, row.sends.refused), (2, 1));
        assert_eq!(
            (row.reach.one_minute, row.reach.fifteen_minutes, row.reach.end, row.stations["shown"]),
            (2, 3, 3, 3)
        );
        let latency = row.latency_ms.expect("three were shown");
        let whole = outcome.latency_ms.expect("three were shown");
        assert_eq!((latency.p50, latency.p95, latency.p99, latency.max), (whole.p50, whole.p95, whole.p99, whole.max));
        assert_eq!((row.failures.len(), row.conserved, row.faults[0].touched), (0, true, 1));
    }

    #[test]
    fn a_failure_names_every_place_and_a_lost_pair_is_one() {
        let late = "[[expect]]\nname = \"late\"\nmetric = \"reach\"\nwithin = \"1m\"\ncheck = \"== 1\"\n";
        let failed = Headline::new(&usual(late).outcome(None));
        let mut lost = usual("");
        lost.totals.pairs_sent += 1;
        let lost = Headline::new(&lost.outcome(None));
        let found = failures([(1, &failed), (2, &lost), (3, &failed)]);
        let late = "expectation \"late\" did not hold".to_owned();
        assert_eq!(found, [(late, vec![1, 3]), (BROKEN.to_owned(), vec![2])]);
    }
}
