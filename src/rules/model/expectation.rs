//! Expectations of a scenario: metric, filter and condition. Data only; `outcome` measures.

use std::collections::BTreeMap;
use std::ops::Range;

use super::reach_window::ReachLimit;
use super::send::{SendPlan, Target};
use crate::rules::base::ids::{FaultIx, GroupIx, SendIx};
use crate::rules::base::platform::{GatewayName, Platform};
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::Fault;
use crate::rules::population::fleet::Stratum;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::{Form, Station};
use crate::rules::service::message::MessageKind;

/// One `[[expect]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Unique name.
    pub name: String,
    /// What is measured.
    pub metric: Metric,
    /// What is counted, all conditions together.
    pub filter: PairFilter,
    /// `within`: for reach, until when; for other metrics absent.
    pub within: Option<ReachLimit>,
    /// What must hold.
    pub check: Check,
    /// The messages that count, by the time of their acceptance (or refusal).
    pub during: During,
    /// `window`: it must hold of every span of so many ms, by the same times; `None` for all at once.
    pub window_ms: Option<u64>,
    /// `abort`: a live run ends as soon as it can no longer hold.
    pub abort: bool,
}

impl Expectation {
    /// Times after acceptance, in ms, up to which the totals count shown pairs exactly for it, so that no bucket of a
    /// histogram decides (X37): a window of reach, and the limits of a quantile of delivery.
    pub fn counted_ms(&self) -> impl Iterator<Item = u64> {
        let within_ms = match self.within {
            Some(ReachLimit::After(ms)) => Some(ms),
            Some(ReachLimit::Local(_)) | None => None,
        };
        within_ms.into_iter().chain(self.delivery_edges_ms())
    }

    /// Latencies, in ms, that decide about its quantile of delivery: whether it holds depends only on which of them the
    /// quantile exceeds. None for other figures, which are exact anyway.
    pub fn delivery_edges_ms(&self) -> impl Iterator<Item = u64> {
        let edges = match (self.metric, self.check.statistic) {
            (Metric::Delivery, Statistic::Quantile(_)) => self.check.bound.edges(),
            _ => [None; 2],
        };
        edges.into_iter().flatten()
    }
}

/// What an expectation measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Sends, by outcome and reason (each with the outcome of its last attempt).
    Sends,
    /// Shown within `within` ÷ pairs.
    Reach,
    /// Shown within `within` ÷ pairs that are not skipped.
    ReachEligible,
    /// Time from acceptance to display, in ms, of what was shown.
    Delivery,
    /// Pairs, by station and cause.
    Journeys,
    /// Pairs, by audience class.
    Copies,
    /// From a fault's end until its backlog is gone, in ms.
    RecoveryTime,
    /// Pairs a fault touched.
    FaultTouched,
    /// Lag of the live engine, in ms of wall time; null at speed `max`.
    Lag,
}

/// Conditions of a `where`; an absent condition matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairFilter {
    /// Only these sends, which have one name.
    pub sends: Option<Range<u32>>,
    /// Only sends to this group directly.
    pub group: Option<GroupIx>,
    /// Only this kind of message.
    pub kind: Option<MessageKind>,
    /// Only this platform (`ios` is not `ipados`).
    pub platform: Option<Platform>,
    /// Only platforms of this gateway.
    pub gateway: Option<GatewayName>,
    /// Only this cohort.
    pub cohort: Option<String>,
    /// Only devices with these labels.
    pub labels: BTreeMap<String, String>,
    /// Only sends with this outcome: `accepted` or `refused`.
    pub outcome: Option<SendOutcome>,
    /// Only refusals for this reason (a word of X5).
    pub reason: Option<String>,
    /// Only pairs in this station.
    pub station: Option<Station>,
    /// Only pairs with this cause (a cause's word, or a fault's name).
    pub cause: Option<String>,
    /// Only pairs shown in this form.
    pub form: Option<Form>,
    /// Only pairs of this audience class.
    pub audience: Option<AudienceClass>,
    /// For `fault_touched` and `recovery_time`: which fault.
    pub fault: Option<FaultIx>,
}

impl PairFilter {
    /// Whether it matches this send.
    pub fn takes_send(&self, ix: SendIx, send: &SendPlan) -> bool {
        let (kind, groups) = match &send.target {
            Target::Groups(groups) => (MessageKind::Group, groups.as_slice()),
            Target::Devices { .. } => (MessageKind::Device, &[][..]),
        };
        self.sends.as_ref().is_none_or(|wanted| wanted.contains(&ix.0))
            && self.kind.is_none_or(|wanted| wanted == kind)
            && self.group.is_none_or(|wanted| groups.contains(&wanted))
    }

    /// Whether it matches devices of this stratum.
    pub fn takes_stratum(&self, stratum: &Stratum) -> bool {
        self.platform.is_none_or(|wanted| wanted == stratum.platform)
            && self.gateway.is_none_or(|wanted| stratum.platform.gateway() == Some(wanted))
            && self.cohort.as_ref().is_none_or(|wanted| *wanted == stratum.cohort)
            && self.labels.iter().all(|(label, wanted)| stratum.labels.get(label) == Some(wanted))
    }
}

/// What became of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// Taken in.
    Accepted,
    /// Turned down.
    Refused,
}

/// A condition on a measured value.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// As written, for reports.
    pub text: String,
    /// Which figure of a distribution; the plain value for counts and ratios.
    pub statistic: Statistic,
    /// Its bounds. Durations are in ms, ratios plain.
    pub bound: Bound,
}

/// Which figure is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// The value itself.
    Value,
    /// `count`.
    Count,
    /// `p(95)`: a quantile in (0, 1].
    Quantile(f64),
    /// `min`.
    Min,
    /// `max`.
    Max,
    /// `avg`.
    Mean,
}

/// What a figure is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// `<`
    Less(f64),
    /// `<=`
    AtMost(f64),
    /// `>`
    More(f64),
    /// `>=`
    AtLeast(f64),
    /// `==`
    Equal(f64),
    /// `!=`
    NotEqual(f64),
    /// `in [a, b]`, both ends included.
    In(f64, f64),
}

impl Bound {
    /// The most that a count may reach if the bound is an upper one: counts only grow, so a larger count never meets it
    /// again.
    pub fn most(self) -> Option<f64> {
        match self {
            Self::Less(limit) => Some(limit - 1.0),
            Self::AtMost(limit) => Some(limit),
            Self::More(_) | Self::AtLeast(_) | Self::Equal(_) | Self::NotEqual(_) | Self::In(..) => None,
        }
    }

    /// The whole numbers, from 0, that separate values for which it holds from the others: of any two values on the
    /// same side of each (up to it, or above), it holds for both or for neither.
    pub fn edges(self) -> [Option<u64>; 2] {
        match self {
            Self::Less(limit) | Self::AtLeast(limit) => [last_below(limit), None],
            Self::AtMost(limit) | Self::More(limit) => [None, last_up_to(limit)],
            Self::Equal(limit) | Self::NotEqual(limit) => [last_below(limit), last_up_to(limit)],
            Self::In(from, to) => [last_below(from), last_up_to(to)],
        }
    }
}

/// The largest whole number below `limit`, if there is one.
fn last_below(limit: f64) -> Option<u64> {
    whole(limit.ceil())?.checked_sub(1)
}

/// The largest whole number that is at most `limit`, if there is one.
fn last_up_to(limit: f64) -> Option<u64> {
    whole(limit.floor())
}

/// A whole number from 0 on; numbers beyond 64 bits become the largest.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not below 0, and a cast saturates")]
fn whole(number: f64) -> Option<u64> {
    (number >= 0.0).then_some(number as u64)
}

/// The part of the run that an expectation covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum During {
    /// All of it.
    Always,
    /// Before the first fault begins.
    Before,
    /// After the last fault has ended.
    After,
    /// While a fault is in force.
    Fault(FaultIx),
    /// From the end of a fault's last window that ended within the run until its backlog is gone (X34).
    Recovery(FaultIx),
}

impl During {
    /// Whether it may contain a moment. The end of a recovery is known only from the totals: any moment after its fault
    /// may belong to it.
    pub fn may_contain(self, at: SimTime, faults: &[Fault], horizon: SimTime) -> bool {
        let is_over = |fault: &Fault| fault.ends(horizon).is_some_and(|end| at >= end);
        match self {
            Self::Always => true,
            Self::Before => faults.iter().all(|fault| at < fault.at),
            Self::After => faults.iter().all(is_over),
            Self::Fault(fault) => faults[fault.at()].in_force(at),
            Self::Recovery(fault) => faults[fault.at()].ended_by(horizon).is_some_and(|end| at >= end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(bound: Bound, value: f64) -> bool {
        match bound {
            Bound::Less(limit) => value < limit,
            Bound::AtMost(limit) => value <= limit,
            Bound::More(limit) => value > limit,
            Bound::AtLeast(limit) => value >= limit,
            Bound::Equal(limit) => value.total_cmp(&limit).is_eq(),
            Bound::NotEqual(limit) => value.total_cmp(&limit).is_ne(),
            Bound::In(from, to) => from <= value && value <= to,
        }
    }

    #[test]
    fn whole_numbers_on_one_side_of_the_edges_hold_alike_x37() {
        let limits = [0.0, 0.5, 1.0, 2.5, 3.0, 7.0];
        let of_one = [Bound::Less, Bound::AtMost, Bound::More, Bound::AtLeast, Bound::Equal, Bound::NotEqual];
        let mut bounds: Vec<Bound> = of_one.iter().flat_map(|make| limits.map(make)).collect();
        bounds.extend(limits.iter().flat_map(|from| limits.map(|to| Bound::In(*from, to))));
        for bound in bounds {
            let sides = |value: u64| bound.edges().map(|edge| edge.is_some_and(|edge| value <= edge));
            for (one, other) in (0..10).flat_map(|one| (0..10).map(move |other| (one, other))) {
                let alike = holds(bound, one as f64) == holds(bound, other as f64);
                assert!(alike || sides(one) != sides(other), "{bound:?} of {one} and {other}");
            }
        }
        for (bound, count) in [Bound::Less, Bound::AtMost]
            .into_iter()
            .flat_map(|make| (1..9).map(move |limit| (make(f64::from(limit)), limit)))
        {
            let most = bound.most().expect("it is an upper bound");
            assert!((0..20).map(f64::from).all(|value| holds(bound, value) == (value <= most)), "{bound:?} {count}");
        }
        let others =
            [Bound::More(2.0), Bound::AtLeast(2.0), Bound::Equal(2.0), Bound::NotEqual(2.0), Bound::In(0.0, 2.0)];
        assert_eq!(others.map(Bound::most), [None; 5]);
        assert_eq!(Bound::Less(0.0).edges(), [None; 2], "nothing is below 0");
        assert_eq!(Bound::AtMost(1e300).edges(), [None, Some(u64::MAX)]);
    }

    #[test]
    fn only_a_quantile_of_delivery_is_counted_at_its_limits_x37() {
        let expectation = |metric, statistic, within| Expectation {
            name: "e".to_owned(),
            metric,
            filter: PairFilter::default(),
            within,
            check: Check { text: "< 5s".to_owned(), statistic, bound: Bound::Less(5_000.0) },
            during: During::Always,
            window_ms: None,
            abort: false,
        };
        let counted =
            |metric, statistic, within| expectation(metric, statistic, within).counted_ms().collect::<Vec<_>>();
        assert_eq!(counted(Metric::Delivery, Statistic::Quantile(0.95), None), [4_999]);
        assert_eq!(counted(Metric::Delivery, Statistic::Max, None), Vec::<u64>::new());
        assert_eq!(counted(Metric::Lag, Statistic::Quantile(0.95), None), Vec::<u64>::new());
        assert_eq!(counted(Metric::Reach, Statistic::Value, Some(ReachLimit::After(60_000))), [60_000]);
        let until_eight = Some(ReachLimit::Local(28_800_000));
        assert_eq!(counted(Metric::Reach, Statistic::Value, until_eight), Vec::<u64>::new(), "by the clock");
    }

    #[test]
    fn a_filter_takes_the_strata_that_meet_all_its_conditions() {
        let labels = BTreeMap::from([("site".to_owned(), "north".to_owned())]);
        let stratum = |platform| Stratum {
            cohort: "c".to_owned(),
            platform,
            labels: labels.clone(),
            zone: crate::rules::base::time::Zone::fixed(0),
        };
        let takes = |filter: &PairFilter| {
            [Platform::Ios, Platform::Android].map(|platform| filter.takes_stratum(&stratum(platform)))
        };
        let all = PairFilter::default();
        assert_eq!(takes(&all), [true, true]);
        assert_eq!(takes(&PairFilter { platform: Some(Platform::Android), ..all.clone() }), [false, true]);
        assert_eq!(takes(&PairFilter { gateway: Some(GatewayName::Apns), ..all.clone() }), [true, false]);
        assert_eq!(takes(&PairFilter { cohort: Some("d".to_owned()), ..all.clone() }), [false, false]);
        assert_eq!(takes(&PairFilter { labels: labels.clone(), ..all.clone() }), [true, true]);
        let elsewhere = BTreeMap::from([("site".to_owned(), "south".to_owned())]);
        assert_eq!(takes(&PairFilter { labels: elsewhere, ..all }), [false, false]);
    }

    #[test]
    fn parts_of_a_run_begin_and_end_with_their_faults_x34() {
        let (day, kind) = (SimTime(1_000), crate::rules::faults::fault::FaultKind::Offline);
        // From 100 to 120 and from 200 to 220; from 150 to the end.
        let faults = [
            Fault { stopped_at: SimTime(300), ..Fault::by_hand(kind.clone(), 100, Some(20), Some(100)) },
            Fault::by_hand(kind, 150, None, None),
        ];
        let moments = |during: During, faults: &[Fault]| -> Vec<u64> {
            [0, 99, 100, 119, 120, 199, 200, 219, 220, 999]
                .into_iter()
                .filter(|at| during.may_contain(SimTime(*at), faults, day))
                .collect()
        };
        assert_eq!(moments(During::Always, &faults).len(), 10);
        assert_eq!(moments(During::Before, &faults), [0, 99]);
        assert_eq!(moments(During::After, &faults[..1]), [220, 999]);
        assert_eq!(moments(During::After, &faults), Vec::<u64>::new(), "one never ends");
        assert_eq!(moments(During::Fault(FaultIx(0)), &faults), [100, 119, 200, 219]);
        assert_eq!(moments(During::Recovery(FaultIx(0)), &faults), [220, 999]);
        assert_eq!(moments(During::Recovery(FaultIx(1)), &faults), Vec::<u64>::new());
    }
}
