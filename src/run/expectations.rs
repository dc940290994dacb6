//! Judges what a scenario expects against the books. Nothing to measure is never a pass, unless it is the driver that has nothing.

use hdrhistogram::Histogram;

use crate::rules::agenda::{Agenda, Entry};
use crate::rules::fleet::Stratum;
use crate::rules::ids::FaultIx;
use crate::rules::journey::Journey;
use crate::rules::tally::{Cell, Tally};
use crate::rules::time::SimTime;
use crate::rules::world::{
    AudienceClass, Bound, During, Expectation, Filter, MessageKind, Metric, Outcome as SendOutcome, Statistic, World,
};

use super::distribution::{Distribution, Parts};
use super::faults::{FaultLine, FaultStatus};
use super::outcome::ExpectationLine;
use super::selection::{Sum, cause_of, cells, lets_send_pass, lets_stratum_pass, pages};
use super::words;

/// What an expectation saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observed {
    /// A share of a whole, both as counts.
    Share(u64, u64),
    /// A count.
    Count(u64),
    /// Milliseconds.
    Millis(f64),
    /// There was nothing to measure.
    Nothing(&'static str),
    /// This driver has nothing to measure it on, so nothing is wrong.
    NotApplicable,
}

impl Observed {
    /// The figure that is compared.
    #[expect(clippy::cast_precision_loss, reason = "counts below 2^53; comparing them decides no fate")]
    pub fn figure(self) -> Option<f64> {
        match self {
            Self::Share(_, 0) | Self::Nothing(_) | Self::NotApplicable => None,
            Self::Share(part, whole) => Some(part as f64 / whole as f64),
            Self::Count(count) => Some(count as f64),
            Self::Millis(ms) => Some(ms),
        }
    }

    /// For people: `87.3 %`, `12,114`, `4.2 s`.
    pub fn text(self) -> String {
        match self {
            Self::Share(_, 0) => "no such pairs".to_owned(),
            Self::Share(part, whole) => words::share(part, whole),
            Self::Count(count) => words::count(count),
            Self::Millis(ms) => words::millis(ms),
            Self::Nothing(why) => why.to_owned(),
            Self::NotApplicable => "not applicable".to_owned(),
        }
    }
}

/// The books and what has been read out of them already.
pub(super) struct Evidence<'a> {
    pub(super) world: &'a World,
    pub(super) agenda: &'a Agenda,
    pub(super) tally: &'a Tally,
    pub(super) faults: &'a [FaultLine],
    pub(super) lag_ms: Option<&'a Histogram<u64>>,
    /// The horizon, or when the run was interrupted.
    pub(super) end: SimTime,
}

impl Evidence<'_> {
    /// Every expectation, in file order.
    pub(super) fn judge(&self) -> Vec<ExpectationLine> {
        let line = |expectation: &Expectation| {
            let observed = self.observe(expectation);
            ExpectationLine {
                name: expectation.name.clone(),
                metric: metric_name(expectation.metric).to_owned(),
                check: expectation.check.text.clone(),
                observed: observed.figure(),
                observed_text: observed.text(),
                ok: observed == Observed::NotApplicable
                    || observed.figure().is_some_and(|figure| holds(expectation.check.bound, figure)),
            }
        };
        self.world.expectations.iter().map(line).collect()
    }

    fn observe(&self, expectation: &Expectation) -> Observed {
        let Expectation { filter, check, .. } = expectation;
        let of_faults = matches!(expectation.metric, Metric::FaultTouched | Metric::RecoveryTime);
        // X25: what only strikes could touch fails nothing where there are no actors.
        if of_faults && self.has_fault(filter.fault) && self.lines(filter.fault).next().is_none() {
            return Observed::NotApplicable;
        }
        match expectation.metric {
            Metric::Sends => Observed::Count(self.sends(expectation)),
            Metric::Reach => self.share(expectation, Sum::pairs),
            Metric::ReachEligible => self.share(expectation, Sum::eligible),
            Metric::Delivery if names_journeys(filter) || filter.audience.is_some() => NOT_TOGETHER,
            Metric::Delivery => of_distribution(&self.pairs(expectation).latency, check.statistic, "nothing was shown"),
            Metric::Journeys if filter.audience.is_some() => NOT_TOGETHER,
            Metric::Journeys => Observed::Count(self.journeys(&self.pairs(expectation), filter)),
            Metric::Copies if names_journeys(filter) => NOT_TOGETHER,
            Metric::Copies => {
                let sum = self.pairs(expectation);
                Observed::Count(filter.audience.map_or_else(|| sum.pairs(), |class: AudienceClass| sum.class(class)))
            }
            Metric::RecoveryTime => self.recovery(filter.fault),
            Metric::FaultTouched => Observed::Count(self.lines(filter.fault).map(|line| line.touched).sum()),
            Metric::Lag => match self.lag_ms {
                None => Observed::Nothing("no lag at speed max"),
                Some(lag) => {
                    let mut of = Distribution::default();
                    of.add(lag, lag.max());
                    of_distribution(&of, check.statistic, "nothing was due")
                }
            },
        }
    }

    fn sends(&self, expectation: &Expectation) -> u64 {
        let filter = &expectation.filter;
        let fits = |entry: &&Entry| {
            lets_send_pass(self.world, filter, entry.send, entry.kind())
                && self.is_during(expectation.during, entry.at)
                && match (filter.outcome, entry.outcome) {
                    (None, _) | (Some(SendOutcome::Accepted), Ok(_)) | (Some(SendOutcome::Refused), Err(_)) => true,
                    (Some(SendOutcome::Accepted), Err(_)) | (Some(SendOutcome::Refused), Ok(_)) => false,
                }
                && filter
                    .reason
                    .as_ref()
                    .is_none_or(|wanted| entry.outcome.is_err_and(|refusal| refusal.reason.name() == wanted))
                && self.target_fits(filter, entry)
        };
        self.agenda.ledger().iter().filter(fits).count() as u64
    }

    /// A send to a single device is of that device's platform, cohort and labels; one to groups is of none.
    fn target_fits(&self, filter: &Filter, entry: &Entry) -> bool {
        let asks = filter.platform.is_some()
            || filter.gateway.is_some()
            || filter.cohort.is_some()
            || !filter.labels.is_empty();
        !asks
            || entry.device.is_some_and(|device| {
                let stratum = self.world.fleet.traits(device).stratum;
                lets_stratum_pass(filter, &self.world.fleet.strata()[stratum.at()])
            })
    }

    fn share(&self, expectation: &Expectation, whole: impl Fn(&Sum) -> u64) -> Observed {
        if names_journeys(&expectation.filter) || expectation.filter.audience.is_some() {
            return NOT_TOGETHER;
        }
        let sum = self.pairs(expectation);
        let shown = match expectation.within_ms {
            None => sum.journeys_that(|journey| matches!(journey, Journey::Shown(_))),
            Some(within) => {
                let window = self.tally.reach_windows_ms.binary_search(&within);
                sum.shown_within(window.expect("the books count the windows of every expectation"))
            }
        };
        Observed::Share(shown, whole(&sum))
    }

    fn journeys(&self, sum: &Sum, filter: &Filter) -> u64 {
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
        longest.map_or(Observed::Nothing("no fault"), millis)
    }

    fn has_fault(&self, fault: Option<FaultIx>) -> bool {
        fault.is_some() || !self.faults.is_empty()
    }

    /// The faults that are meant, without those that do not apply.
    fn lines(&self, fault: Option<FaultIx>) -> impl Iterator<Item = &FaultLine> {
        self.faults
            .iter()
            .enumerate()
            .filter(move |(at, _)| fault.is_none_or(|wanted| wanted.at() == *at))
            .map(|(_, line)| line)
            .filter(|line| line.status != FaultStatus::NotApplicable)
    }

    /// The pairs that an expectation looks at.
    fn pairs(&self, expectation: &Expectation) -> Sum {
        let filter = &expectation.filter;
        let mut sum = Sum::default();
        if filter.outcome == Some(SendOutcome::Refused) || filter.reason.is_some() {
            return sum;
        }
        for page in pages(self.tally) {
            let kind: MessageKind = page.message.kind;
            if lets_send_pass(self.world, filter, page.message.send, kind)
                && self.is_during(expectation.during, page.message.accepted_at)
            {
                cells(self.world, page)
                    .filter(|(stratum, _): &(&Stratum, &Cell)| lets_stratum_pass(filter, stratum))
                    .for_each(|(_, cell)| sum.add(cell));
            }
        }
        sum
    }

    /// Does a message accepted (or refused) at `at` belong to this part of the run?
    fn is_during(&self, during: During, at: SimTime) -> bool {
        let faults = &self.world.faults;
        match during {
            During::Always => true,
            During::Before => faults.iter().all(|fault| at < fault.at),
            During::After => faults.iter().all(|fault| fault.ends(self.world.horizon).is_some_and(|ended| at >= ended)),
            During::Fault(fault) => faults[fault.at()].in_force(at),
            During::Recovery(fault) => {
                let recovered = match &self.faults[fault.at()] {
                    FaultLine { backlog_at_end: 1.., .. } => self.end,
                    _ => self.tally.faults[fault.at()].last_settled,
                };
                faults[fault.at()].ends(self.world.horizon).is_some_and(|ended| ended <= at && at < recovered)
            }
        }
    }
}

/// The books count pairs by station and by class, not by both.
const NOT_TOGETHER: Observed = Observed::Nothing("not counted together");

fn names_journeys(filter: &Filter) -> bool {
    filter.station.is_some() || filter.cause.is_some() || filter.form.is_some()
}

fn of_distribution(of: &Distribution, statistic: Statistic, nothing: &'static str) -> Observed {
    let observed = match statistic {
        Statistic::Count => return Observed::Count(of.samples()),
        // A bound without a figure is meant for every sample; the largest is the one to look at.
        Statistic::Value | Statistic::Max => of.max().map(millis),
        Statistic::Min => of.min().map(millis),
        Statistic::Quantile(share) => of.quantile(Parts::nearest(share)).map(millis),
        Statistic::Mean => of.mean().map(Observed::Millis),
    };
    observed.unwrap_or(Observed::Nothing(nothing))
}

#[expect(clippy::cast_precision_loss, reason = "times are far below 2^53 ms")]
fn millis(ms: u64) -> Observed {
    Observed::Millis(ms as f64)
}

#[expect(clippy::float_cmp, reason = "`==` compares counts, and ratios that were rounded once on both sides")]
fn holds(bound: Bound, figure: f64) -> bool {
    match bound {
        Bound::Less(limit) => figure < limit,
        Bound::AtMost(limit) => figure <= limit,
        Bound::More(limit) => figure > limit,
        Bound::AtLeast(limit) => figure >= limit,
        Bound::Equal(limit) => figure == limit,
        Bound::NotEqual(limit) => figure != limit,
        Bound::In(from, to) => from <= figure && figure <= to,
    }
}

/// The word of a metric in scenarios and reports.
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
    use crate::run::fixture::usual;

    /// What each of these expectations saw, and whether it held.
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
        let none = "metric = \"reach\"\nwhere = { send = \"novel\" }\nwithin = \"1m\"\ncheck = \">= 0\"";
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
        let parts = ["fault:fcm-down", "after", "before", "recovery:fcm-down"].map(count);
        let parts = parts.each_ref().map(String::as_str);
        assert_eq!(judged(&parts), [seen("4", true), seen("1", true), seen("0", false), seen("0", false)]);
    }
}
