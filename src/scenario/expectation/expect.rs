//! Expectations: what must hold at the end. An expectation about something that does not exist is an error, never a
//! pass.

use strum::VariantArray as _;

use crate::rules::base::ids::GroupIx;
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::Fault;
use crate::rules::model::expectation::{Bound, Check, During, Expectation, Metric, PairFilter, SendOutcome, Statistic};
use crate::rules::model::send::SendPlan;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::{BlockCause, Form, SkipCause, Station, WaitCause};
use crate::rules::service::message::MessageKind;

use super::condition::{self, Measure};
use super::during::{self, fault};
use super::{divide, impossible};
use crate::scenario::build::builder::Build;
use crate::scenario::build::fleet::Roster;
use crate::scenario::build::names::Names;
use crate::scenario::build::sends::SendNames;
use crate::scenario::build::traits;
use crate::scenario::build::windows::reach_limit;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, listed, nearest, shown};
use crate::scenario::diagnostics::limits::EXPECTATIONS_MAX;
use crate::scenario::text::view::{Spot, View};

/// What expectations refer to.
pub(crate) struct ExpectationRefs<'a> {
    /// Users and devices.
    pub(crate) roster: &'a Roster,
    /// Names of sends.
    pub(crate) sends: &'a SendNames,
    /// Names of groups.
    pub(crate) groups: &'a Names,
    /// Names of faults.
    pub(crate) faults: &'a Names,
    /// The faults, in file order; without those beyond their limit.
    pub(crate) all_faults: &'a [Fault],
    /// The sends, in file order.
    pub(crate) all_sends: &'a [SendPlan],
    /// The end of the run.
    pub(crate) horizon: SimTime,
}

/// Reads every expectation; one with `by` becomes several.
pub(crate) fn expectations(tables: &[View<'_>], around: &ExpectationRefs<'_>, build: &mut Build) -> Vec<Expectation> {
    let mut all = Vec::new();
    for table in tables {
        let Some(whole) = expectation(*table, around, build) else { continue };
        all.extend(divide::by(*table, whole, around, build));
        if all.len() > EXPECTATIONS_MAX {
            let found = Diagnostic::new(Code::TooMuch, table.place, "more than 1,000 expectations in one scenario");
            build.report(found.help("`by` makes one of each value: divide by something that has fewer"));
            break;
        }
    }
    all
}

/// The metric of a word.
pub(crate) fn metric(word: &str) -> Option<Metric> {
    Some(match word {
        "sends" => Metric::Sends,
        "reach" => Metric::Reach,
        "reach_eligible" => Metric::ReachEligible,
        "delivery" => Metric::Delivery,
        "journeys" => Metric::Journeys,
        "copies" => Metric::Copies,
        "recovery_time" => Metric::RecoveryTime,
        "fault_touched" => Metric::FaultTouched,
        "lag" => Metric::Lag,
        _ => return None,
    })
}

/// The conditions that a metric takes.
pub(crate) fn conditions(metric: Metric) -> &'static [&'static str] {
    const PAIRS: [&str; 7] = ["send", "group", "kind", "platform", "gateway", "cohort", "labels"];
    match metric {
        Metric::Sends => &["send", "group", "kind", "outcome", "reason"],
        Metric::Reach | Metric::ReachEligible | Metric::Delivery => &PAIRS,
        Metric::Journeys => {
            &["send", "group", "kind", "platform", "gateway", "cohort", "labels", "station", "cause", "form"]
        }
        Metric::Copies => &["send", "group", "kind", "platform", "gateway", "cohort", "labels", "audience"],
        Metric::RecoveryTime | Metric::FaultTouched => &["fault"],
        Metric::Lag => &[],
    }
}

pub(crate) fn measure(metric: Metric) -> Measure {
    match metric {
        Metric::Reach | Metric::ReachEligible => Measure::Share,
        Metric::Delivery | Metric::RecoveryTime | Metric::Lag => Measure::Duration,
        Metric::Sends | Metric::Journeys | Metric::Copies | Metric::FaultTouched => Measure::Count,
    }
}

fn expectation(table: View<'_>, around: &ExpectationRefs<'_>, build: &mut Build) -> Option<Expectation> {
    let metric = metric(table.text("metric")?.value)?;
    let filter = filter(table, metric, around, build);
    let within = table.node("within");
    if let Some(within) = within.filter(|_| !matches!(metric, Metric::Reach | Metric::ReachEligible)) {
        let found =
            Diagnostic::new(Code::BadExpectation, within.place, "`within` goes with `reach` and `reach_eligible` only");
        build.report(found);
    }
    let check = table.text("check").and_then(|text| check(text, metric, build));
    let during = during::during(table, metric, around, build).unwrap_or(During::Always);
    let made = Expectation {
        name: table.text("name").map_or("", |name| name.value).to_owned(),
        metric,
        filter,
        within: reach_limit(table, "within"),
        check: check.unwrap_or(Check { text: String::new(), statistic: Statistic::Value, bound: Bound::AtLeast(1.0) }),
        during,
        window_ms: during::window(table, (metric, during), around, build),
        abort: table.yes("abort").unwrap_or(false),
    };
    impossible::refuse(&made, table, around, build);
    Some(made)
}

fn check(text: Spot<&str>, metric: Metric, build: &mut Build) -> Option<Check> {
    let bad = |message: String| Diagnostic::new(Code::BadExpectation, text.place, message);
    match condition::check(text.value, measure(metric)) {
        Err(message) => {
            build.report(bad(message).help("examples: \">= 0.75\", \"p(95) < 5s\", \"count == 5\", \"in [0.6, 0.8]\""));
            None
        }
        // One fault has one recovery; the others are distributions of many values.
        Ok(check) if matches!(metric, Metric::Delivery | Metric::Lag) && check.statistic == Statistic::Value => {
            build.report(
                bad("which figure of the distribution?".to_owned())
                    .help("write p(95), med, max, avg, min or count before the comparison"),
            );
            None
        }
        Ok(check) => Some(check),
    }
}

fn filter(table: View<'_>, metric: Metric, around: &ExpectationRefs<'_>, build: &mut Build) -> PairFilter {
    let by_fault = table.text("by").is_some_and(|by| by.value == "fault");
    let needs_fault = matches!(metric, Metric::RecoveryTime | Metric::FaultTouched) && !by_fault;
    let Some(wheres) = table.table("where") else {
        if needs_fault {
            let found = Diagnostic::new(
                Code::BadExpectation,
                table.place_of("metric"),
                "which fault? this metric needs `where.fault`",
            );
            build.report(found.help("add where = { fault = \"NAME\" }, or by = \"fault\" for each"));
        }
        return PairFilter::default();
    };
    let known = crate::scenario::grammar::expect_keys::WHERE.keys.iter().map(|key| key.name);
    for key in known.filter(|key| wheres.has(key) && !conditions(metric).contains(key)) {
        let place = wheres.place_of(key);
        let found = Diagnostic::new(Code::BadExpectation, place, format!("`{key}` does not go with this metric"));
        build.report(found.label(format!("it takes {}", listed(conditions(metric).iter().copied()))));
    }
    if needs_fault && !wheres.has("fault") {
        build.report(Diagnostic::new(Code::BadExpectation, wheres.place, "which fault? this metric needs `fault`"));
    }
    let fault = wheres.text("fault").and_then(|name| match metric {
        Metric::RecoveryTime => during::recovering(name, around, build),
        _ => fault(name, around, build),
    });
    let sends = wheres.text("send").and_then(|name| around.sends.find(name, &mut build.out));
    let mut named = |key: &str, names: &Names| wheres.text(key).and_then(|name| names.find(name, &mut build.out));
    let mut filter = PairFilter {
        group: named("group", around.groups).map(GroupIx),
        cohort: named("cohort", &around.roster.cohorts)
            .and_then(|_| wheres.text("cohort"))
            .map(|cohort| cohort.value.to_owned()),
        labels: traits::labels(wheres, "labels"),
        sends,
        fault,
        ..PairFilter::default()
    };
    words(&mut filter, wheres);
    cause(&mut filter, wheres, around, build);
    filter
}

/// Reads the conditions whose values are words of the grammar.
fn words(filter: &mut PairFilter, wheres: View<'_>) {
    let word = |key: &str| wheres.text(key).map(|word| word.value);
    filter.kind = word("kind")
        .and_then(|word| [MessageKind::Group, MessageKind::Device].into_iter().find(|kind| kind.name() == word));
    filter.platform = word("platform").and_then(traits::platform);
    filter.gateway = word("gateway").and_then(|word| word.parse().ok());
    filter.outcome = word("outcome").and_then(|word| match word {
        "accepted" => Some(SendOutcome::Accepted),
        "refused" => Some(SendOutcome::Refused),
        _ => None,
    });
    filter.reason = word("reason").map(str::to_owned);
    filter.station = word("station").and_then(|word| word.parse().ok());
    filter.form = word("form").and_then(|word| Form::VARIANTS.iter().copied().find(|form| form.name() == word));
    filter.audience =
        word("audience").and_then(|word| AudienceClass::VARIANTS.iter().copied().find(|class| class.name() == word));
}

fn cause(filter: &mut PairFilter, wheres: View<'_>, around: &ExpectationRefs<'_>, build: &mut Build) {
    let Some(cause) = wheres.text("cause") else { return };
    let words: [(Station, Vec<&str>); 4] = [
        (Station::Skipped, SkipCause::VARIANTS.iter().map(|cause| cause.name()).collect()),
        (Station::Blocked, BlockCause::VARIANTS.iter().map(|cause| cause.name()).collect()),
        (Station::Waiting, WaitCause::VARIANTS.iter().map(|cause| cause.name()).collect()),
        (Station::Lost, std::iter::once("gateway").chain(around.faults.all()).collect()),
    ];
    let stations: Vec<Station> =
        words.iter().filter(|(_, causes)| causes.contains(&cause.value)).map(|(station, _)| *station).collect();
    if stations.is_empty() {
        let near = nearest(cause.value, words.iter().flat_map(|(_, causes)| causes.iter().copied()));
        let message = format!("no pair has the cause `{}`", shown(cause.value));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        build.report(Diagnostic::new(Code::UnknownName, cause.place, message).maybe_help(help));
    } else if let Some(station) = filter.station.filter(|station| !stations.contains(station)) {
        let message = format!("what is {} has no cause `{}`", station.name(), cause.value);
        build.report(Diagnostic::new(Code::BadExpectation, cause.place, message));
    }
    filter.cause = Some(cause.value.to_owned());
}
