//! Judges expectations against the totals. Nothing to measure is never a pass, unless the driver cannot measure it at
//! all.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use crate::rules::base::ids::FaultIx;
use crate::rules::base::time::{SimTime, Span};
use crate::rules::counting::counts::{Cells, RunCounts, StratumCounts};
use crate::rules::model::expectation::{During, Expectation, Metric, PairFilter, SendOutcome};
use crate::rules::model::world::World;
use crate::rules::population::fleet::Stratum;
use crate::rules::service::journey::{Journey, Station};
use crate::rules::timeline::agenda::Agenda;

use super::observed::{Observed, of_distribution};
use super::windows::{Portion, worst};
use crate::outcome::record::distribution::Distribution;
use crate::outcome::record::faults::{FaultLine, FaultStatus};
use crate::outcome::record::outcome::{Driver, ExpectationLine};
use crate::outcome::record::selection::{CountsPage, Sum, answer, cause_of, cells, lets_answer_pass, pages};
use crate::outcome::words;

/// The totals and what has been computed from them already.
pub(crate) struct Evidence<'a> {
    pub(crate) world: &'a World,
    pub(crate) agenda: &'a Agenda,
    pub(crate) counts: &'a RunCounts,
    pub(crate) faults: &'a [FaultLine],
    pub(crate) lag_ms: Option<&'a Histogram<u64>>,
    pub(crate) driver: Driver,
    /// The horizon, or when the run was interrupted.
    pub(crate) end: SimTime,
}

impl Evidence<'_> {
    /// Every expectation, in file order.
    pub(crate) fn judge(&self) -> Vec<ExpectationLine> {
        let line = |expectation: &Expectation| {
            let bound = expectation.check.bound;
            let (observed, observed_text) = match expectation.window_ms {
                None => {
                    let observed = self.observe(expectation);
                    (observed, observed.text_beside(bound))
                }
                Some(window_ms) => self.worst_window(expectation, window_ms),
            };
            ExpectationLine {
                name: expectation.name.clone(),
                metric: metric_name(expectation.metric).to_owned(),
                check: expectation.check.text.clone(),
                observed: observed.figure(),
                observed_text,
                ok: observed == Observed::NotApplicable || observed.holds(bound),
            }
        };
        self.world.expectations.iter().map(line).collect()
    }

    fn observe(&self, expectation: &Expectation) -> Observed {
        let Expectation { filter, check, metric, .. } = expectation;
        match metric {
            Metric::Sends => {
                let listed: u64 = self.sends(expectation).values().map(|portion| portion.part).sum();
                Observed::Count(listed + self.summarised_sends(filter))
            }
            Metric::Reach | Metric::ReachEligible | Metric::Delivery | Metric::Journeys | Metric::Copies => {
                let cells = self.addressed(expectation).flat_map(|page| self.passing(filter, page.cells));
                let sum = Sum::of(cells);
                figure(expectation, &self.portion(expectation, &sum))
            }
            Metric::FaultTouched | Metric::RecoveryTime if self.has_only_strikes(filter.fault) => {
                Observed::NotApplicable
            }
            Metric::RecoveryTime => self.recovery(filter.fault),
            Metric::FaultTouched => Observed::Count(self.lines(filter.fault).map(|line| line.touched).sum()),
            Metric::Lag => match (self.lag_ms, self.driver) {
                (_, Driver::Forecast) => Observed::NotApplicable,
                (None, Driver::Actors) => Observed::Nothing("no lag at speed max"),
                (Some(lag), Driver::Actors) => {
                    let mut of = Distribution::default();
                    of.add(lag, lag.max());
                    of_distribution(&of, check.statistic, "nothing was due")
                }
            },
        }
    }

    /// The worst of all windows, with its text and position.
    fn worst_window(&self, expectation: &Expectation, window_ms: u64) -> (Observed, String) {
        let portions =
            if expectation.metric == Metric::Sends { self.sends(expectation) } else { self.pairs(expectation) };
        let is_measured = |counted: &Portion| match expectation.metric {
            Metric::Reach | Metric::ReachEligible | Metric::Delivery => counted.whole > 0,
            _ => true,
        };
        let measured = |counted: &Portion| is_measured(counted).then(|| figure(expectation, counted));
        let bound = expectation.check.bound;
        match worst(&portions, &self.stretches(expectation), window_ms, bound, measured) {
            Some((observed, from)) => {
                #[expect(clippy::cast_precision_loss, reason = "text only")]
                let from = words::millis(from.ms() as f64);
                (observed, format!("{} from {from} on", observed.text_beside(bound)))
            }
            None => {
                let nothing = Observed::Nothing("no such window");
                (nothing, nothing.text())
            }
        }
    }

    /// The parts of the run that contain windows. A count that is already too large stays so after an interruption.
    fn stretches(&self, expectation: &Expectation) -> Vec<Span> {
        let World { faults, horizon, .. } = self.world;
        let end = if expectation.check.bound.most().is_some() { *horizon } else { self.end };
        let ends = |fault: &crate::rules::faults::fault::Fault| fault.ends(*horizon).unwrap_or(end);
        let span = |from: SimTime, to: SimTime| vec![Span { from, to: to.min(end) }];
        match expectation.during {
            During::Always => span(SimTime::ZERO, end),
            During::Before => span(SimTime::ZERO, faults.iter().map(|fault| fault.at).min().unwrap_or(end)),
            During::After => span(faults.iter().map(ends).max().unwrap_or(SimTime::ZERO), end),
            During::Fault(fault) => {
                let clip = |window: Span| Span { from: window.from, to: window.to.min(end) };
                faults[fault.at()].windows(end).map(clip).collect()
            }
            During::Recovery(fault) => {
                span(faults[fault.at()].ended_by(*horizon).unwrap_or(end), self.recovered(fault))
            }
        }
    }

    /// The contribution of each moment to a count of sends.
    fn sends(&self, expectation: &Expectation) -> BTreeMap<SimTime, Portion> {
        let Expectation { filter, during, .. } = expectation;
        let mut portions: BTreeMap<SimTime, Portion> = BTreeMap::new();
        for entry in self.agenda.ledger() {
            let passes = lets_answer_pass(self.world, filter, entry.send, answer(&entry.outcome));
            if passes && self.is_during(*during, entry.at) {
                portions.entry(entry.at).or_default().part += 1;
            }
        }
        portions
    }

    /// Messages of summarised sends that match a filter: all at once, because none of them is examined by the moment.
    fn summarised_sends(&self, filter: &PairFilter) -> u64 {
        let summaries = self.agenda.summaries().iter();
        let outcomes = summaries.flat_map(|(send, summary)| summary.outcomes().map(|outcome| (*send, outcome)));
        let passing = outcomes.filter(|(send, (outcome, _))| lets_answer_pass(self.world, filter, *send, *outcome));
        passing.map(|(_, (_, count))| count).sum()
    }

    /// The contribution of each moment to a figure of pairs.
    fn pairs(&self, expectation: &Expectation) -> BTreeMap<SimTime, Portion> {
        let mut portions: BTreeMap<SimTime, Portion> = BTreeMap::new();
        for page in self.addressed(expectation) {
            let Some(accepted_at) = page.accepted_at else { continue };
            let sum = Sum::of(self.passing(&expectation.filter, page.cells));
            portions.entry(accepted_at).or_default().join(&self.portion(expectation, &sum));
        }
        portions
    }

    /// The figure's share of some pairs. The check of a scenario allows only conditions that the totals count together.
    fn portion(&self, expectation: &Expectation, sum: &Sum) -> Portion {
        let Expectation { filter, metric, within, .. } = expectation;
        let windows_ms = &self.counts.reach_windows_ms;
        let shown = || match within {
            None => sum.station(Station::Shown),
            Some(within) => sum.shown_until(*within, self.counts).expect("it is counted: the send is not summarised"),
        };
        let latency = || sum.latency_with(expectation.delivery_edges_ms(), windows_ms);
        let of = |part: u64, whole: u64| Portion { part, whole, latency: Distribution::default() };
        match metric {
            Metric::Reach => of(shown(), sum.pairs()),
            Metric::ReachEligible => of(shown(), sum.eligible()),
            Metric::Delivery => Portion { part: 0, whole: sum.pairs(), latency: latency() },
            Metric::Copies => of(filter.audience.map_or_else(|| sum.pairs(), |class| sum.class(class)), sum.pairs()),
            _ => of(self.journeys(sum, filter), sum.pairs()),
        }
    }

    fn journeys(&self, sum: &Sum, filter: &PairFilter) -> u64 {
        sum.journeys_that(|journey| {
            filter.station.is_none_or(|wanted| wanted == journey.station())
                && filter.cause.as_ref().is_none_or(|wanted| cause_of(self.world, journey) == Some(wanted.as_str()))
                && filter.form.is_none_or(|wanted| journey == Journey::Shown(wanted))
        })
    }

    fn recovery(&self, fault: Option<FaultIx>) -> Observed {
        let mut longest = None;
        for line in self.lines(fault) {
            let Some(recovery) = line.recovery_ms else { return Observed::Nothing("not recovered by the end") };
            longest = longest.max(Some(recovery));
        }
        longest.map_or(Observed::Nothing("no fault"), Observed::Millis)
    }

    /// X25: whether a fault hits actors only; then a driver without actors cannot fail it.
    fn has_only_strikes(&self, fault: Option<FaultIx>) -> bool {
        let asks = fault.is_some() || !self.faults.is_empty();
        asks && self.lines(fault).next().is_none()
    }

    /// The faults that are meant, except those that do not apply.
    fn lines(&self, fault: Option<FaultIx>) -> impl Iterator<Item = &FaultLine> {
        self.faults
            .iter()
            .enumerate()
            .filter(move |(at, _)| fault.is_none_or(|wanted| wanted.at() == *at))
            .map(|(_, line)| line)
            .filter(|line| line.status != FaultStatus::NotApplicable)
    }

    /// The counts of messages that an expectation covers.
    fn addressed(&self, expectation: &Expectation) -> impl Iterator<Item = CountsPage<'_>> {
        let Expectation { filter, during, .. } = expectation.clone();
        let is_refused = filter.outcome == Some(SendOutcome::Refused) || filter.reason.is_some();
        pages(self.counts).filter(move |page| {
            !is_refused
                && filter.takes_send(page.send, &self.world.sends[page.send.at()])
                && page.accepted_at.is_none_or(|at| self.is_during(during, at))
        })
    }

    /// The counts that match a filter.
    fn passing<'c>(&'c self, filter: &'c PairFilter, of: &'c Cells) -> impl Iterator<Item = &'c StratumCounts> {
        let passes = |(stratum, _): &(&Stratum, &StratumCounts)| filter.takes_stratum(stratum);
        cells(self.world, of).filter(passes).map(|(_, cell)| cell)
    }

    /// Whether a message accepted (or refused) at `at` belongs to this part of the run.
    fn is_during(&self, during: During, at: SimTime) -> bool {
        during.may_contain(at, &self.world.faults, self.world.horizon)
            && match during {
                During::Recovery(fault) => at < self.recovered(fault),
                During::Always | During::Before | During::After | During::Fault(_) => true,
            }
    }

    /// When the last pair that a fault had touched stopped waiting.
    fn recovered(&self, fault: FaultIx) -> SimTime {
        match &self.faults[fault.at()] {
            FaultLine { backlog_at_end: 1.., .. } => self.end,
            _ => self.counts.faults[fault.at()].last_settled,
        }
    }
}

/// The figure of the counts.
fn figure(expectation: &Expectation, counted: &Portion) -> Observed {
    match expectation.metric {
        Metric::Reach | Metric::ReachEligible => Observed::Share(counted.part, counted.whole),
        Metric::Delivery => of_distribution(&counted.latency, expectation.check.statistic, "nothing was shown"),
        _ => Observed::Count(counted.part),
    }
}

/// The name of a metric in scenarios and reports.
pub fn metric_name(metric: Metric) -> &'static str {
    match metric {
        Metric::Sends => "sends",
        Metric::Reach => "reach",
        Metric::ReachEligible => "reach_eligible",
        Metric::Delivery => "delivery",
        Metric::Journeys => "journeys",
        Metric::Copies => "copies",
        Metric::RecoveryTime => "recovery_time",
        Metric::FaultTouched => "fault_touched",
        Metric::Lag => "lag",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::usual;

    /// The text of each of these expectations, and whether it held.
    fn judged(expectations: &[&str]) -> Vec<(String, bool)> {
        let mut more = String::new();
        for (at, keys) in expectations.iter().enumerate() {
            more.push_str(&["[[expect]]\nname = \"e", &at.to_string(), "\"\n", keys, "\n"].concat());
        }
        let lines = usual(&more).outcome(None).expectations;
        lines.into_iter().map(|line| (line.observed_text, line.ok)).collect()
    }

    fn seen(text: &str, ok: bool) -> (String, bool) {
        (text.to_owned(), ok)
    }

    #[test]
    fn reach_divides_by_every_pair_and_reach_eligible_by_those_that_set_out() {
        let all = "metric = \"reach\"\nwhere = { send = \"closure\" }\nwithin = \"1m\"\ncheck = \">= 0.25\"";
        let eligible =
            "metric = \"reach_eligible\"\nwhere = { send = \"closure\" }\nwithin = \"2m\"\ncheck = \"> 0.7\"";
        let ios = "metric = \"reach\"\nwhere = { platform = \"ios\" }\nwithin = \"1m\"\ncheck = \"in [0.6, 0.7]\"";
        assert_eq!(judged(&[all, eligible, ios]), [seen("25.0 %", true), seen("66.7 %", false), seen("66.7 %", true)]);
    }

    #[test]
    fn nothing_to_measure_is_not_ok() {
        let none = "metric = \"reach\"\nwhere = { send = \"novel\" }\nwithin = \"1m\"\ncheck = \"< 1\"";
        assert_eq!(judged(&[none]), [seen("no such pairs", false)]);
    }

    #[test]
    fn counts_sends_journeys_and_copies() {
        let sends =
            "metric = \"sends\"\nwhere = { outcome = \"refused\", reason = \"title_too_long\" }\ncheck = \"== 1\"";
        let blocked =
            "metric = \"journeys\"\nwhere = { station = \"blocked\", cause = \"permission\" }\ncheck = \"count == 1\"";
        let stale = "metric = \"copies\"\nwhere = { audience = \"stale_member\" }\ncheck = \"< 1\"";
        assert_eq!(judged(&[sends, blocked, stale]), [seen("1", true), seen("1", true), seen("1", false)]);
    }

    #[test]
    fn times_are_judged_by_their_figure() {
        let p95 = "metric = \"delivery\"\ncheck = \"p(95) < 65s\"";
        let median = "metric = \"delivery\"\nwhere = { platform = \"ios\" }\ncheck = \"med <= 1010ms\"";
        let recovery = "metric = \"recovery_time\"\nwhere = { fault = \"fcm-down\" }\ncheck = \"<= 33s\"";
        let touched = "metric = \"fault_touched\"\nwhere = { fault = \"fcm-down\" }\ncheck = \"count >= 1\"";
        assert_eq!(
            judged(&[p95, median, recovery, touched]),
            [seen("1 min 03 s", true), seen("1 s", true), seen("33 s", true), seen("1", true)]
        );
    }

    #[test]
    fn during_goes_by_the_acceptance() {
        let count = |during: &str| format!("metric = \"copies\"\nduring = \"{during}\"\ncheck = \">= 1\"");
        let parts = ["fault:fcm-down", "after", "recovery:fcm-down"].map(count);
        let parts = parts.each_ref().map(String::as_str);
        assert_eq!(judged(&parts), [seen("4", true), seen("1", true), seen("0", false)]);
    }

    #[test]
    fn by_makes_one_of_each_value_and_each_is_judged_by_itself() {
        let by = |by: &str| {
            let keys =
                format!("metric = \"reach\"\nwhere = {{ send = \"closure\" }}\nby = \"{by}\"\ncheck = \">= 0.7\"");
            let more = format!("[[expect]]\nname = \"most\"\n{keys}\n");
            let lines = usual(&more).outcome(None).expectations;
            lines.into_iter().map(|line| (line.name, line.observed_text, line.ok)).collect::<Vec<_>>()
        };
        let line = |name: &str, text: &str, ok| (format!("{name}: most"), text.to_owned(), ok);
        let platforms = [line("ios", "50.0 %", false), line("android", "100.0 %", true), line("macos", "0.0 %", false)];
        assert_eq!(by("platform"), platforms);
        assert_eq!(
            by("gateway"),
            platforms[..2]
                .iter()
                .cloned()
                .map(|(name, text, ok)| { (name.replace("ios", "apns").replace("android", "fcm"), text, ok) })
                .collect::<Vec<_>>()
        );
        assert_eq!(by("cohort"), [line("named", "50.0 %", false)]);
    }

    #[test]
    fn a_window_slides_over_every_millisecond_and_the_worst_counts() {
        let sends =
            |window: &str, check: &str| format!("metric = \"sends\"\nwindow = \"{window}\"\ncheck = \"{check}\"");
        let asked = [
            sends("2m", "<= 2"),
            sends("2m1ms", "<= 2"),
            sends("1m", ">= 1"),
            "metric = \"reach\"\nwindow = \"1m\"\ncheck = \">= 0.6\"".to_owned(),
            "metric = \"delivery\"\nwindow = \"1m\"\ncheck = \"max < 5s\"".to_owned(),
            "metric = \"copies\"\nwindow = \"30s\"\nduring = \"fault:fcm-down\"\ncheck = \"<= 3\"".to_owned(),
        ];
        assert_eq!(
            judged(&asked.each_ref().map(String::as_str)),
            [
                seen("2 from 1 min on", true),
                seen("3 from 1 min on", false),
                seen("0 from 0 ms on", false),
                seen("50.0 % from 1 ms on", false),
                seen("1 min 03 s from 1 ms on", false),
                seen("4 from 30 s on", false),
            ]
        );
    }

    #[test]
    fn a_forecast_has_no_lag_and_an_actor_at_full_speed_neither() {
        let lag = "[[expect]]\nname = \"e\"\nmetric = \"lag\"\ncheck = \"p(99) < 1s\"\n";
        let line = |driver| {
            let outcome = usual(lag).outcome_of(driver, None);
            seen(&outcome.expectations[0].observed_text, outcome.expectations[0].ok)
        };
        assert_eq!(line(Driver::Forecast), seen("not applicable", true));
        assert_eq!(line(Driver::Actors), seen("no lag at speed max", false));
    }
}
