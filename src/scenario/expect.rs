//! Expectations: what must hold at the end. An expectation on something that does not exist is an error, never a pass.

use crate::rules::fleet::GatewayName;
use crate::rules::ids::{FaultIx, GroupIx, SendIx};
use crate::rules::journey::{BlockCause, Form, SkipCause, Station, WaitCause};
use crate::rules::world::{
    AudienceClass, Bound, Check, During, Expectation, Filter, MessageKind, Metric, Outcome, Statistic,
};

use super::build::Build;
use super::condition::{self, Measure};
use super::diagnostic::{Code, Diagnostic, listed, nearest, shown};
use super::fleet::Roster;
use super::names::Names;
use super::traits;
use super::view::{Spot, View};

/// What expectations refer to.
pub(crate) struct Around<'a> {
    /// Users and devices.
    pub(crate) roster: &'a Roster,
    /// Names of sends.
    pub(crate) sends: &'a Names,
    /// Names of groups.
    pub(crate) groups: &'a Names,
    /// Names of faults.
    pub(crate) faults: &'a Names,
    /// The faults' tables, in file order.
    pub(crate) fault_tables: &'a [View<'a>],
}

/// Reads every expectation.
pub(crate) fn expectations(tables: &[View<'_>], around: &Around<'_>, build: &mut Build) -> Vec<Expectation> {
    tables.iter().filter_map(|table| expectation(*table, around, build)).collect()
}

fn metric(word: &str) -> Option<Metric> {
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

/// The conditions that make sense for a metric.
fn conditions(metric: Metric) -> &'static [&'static str] {
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

fn measure(metric: Metric) -> Measure {
    match metric {
        Metric::Reach | Metric::ReachEligible => Measure::Share,
        Metric::Delivery | Metric::RecoveryTime | Metric::Lag => Measure::Duration,
        Metric::Sends | Metric::Journeys | Metric::Copies | Metric::FaultTouched => Measure::Count,
    }
}

fn expectation(table: View<'_>, around: &Around<'_>, build: &mut Build) -> Option<Expectation> {
    let metric = metric(table.text("metric")?.value)?;
    let filter = filter(table, metric, around, build);
    let within = table.node("within");
    if let Some(within) = within.filter(|_| !matches!(metric, Metric::Reach | Metric::ReachEligible)) {
        let found =
            Diagnostic::new(Code::BadExpectation, within.place, "`within` goes with `reach` and `reach_eligible` only");
        build.report(found);
    }
    let check = table.text("check").and_then(|text| check(text, metric, build));
    Some(Expectation {
        name: table.text("name").map_or("", |name| name.value).to_owned(),
        metric,
        filter,
        within_ms: table.duration("within").map(|within| within.value),
        check: check.unwrap_or(Check { text: String::new(), statistic: Statistic::Value, bound: Bound::AtLeast(0.0) }),
        during: during(table, around, build).unwrap_or(During::Always),
    })
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
        Ok(check) if check.statistic == Statistic::Count && measure(metric) == Measure::Duration => {
            build.report(
                bad("a count of durations is not measured here".to_owned())
                    .help("count journeys with `metric = \"journeys\"`"),
            );
            None
        }
        Ok(check) => Some(check),
    }
}

fn filter(table: View<'_>, metric: Metric, around: &Around<'_>, build: &mut Build) -> Filter {
    let needs_fault = matches!(metric, Metric::RecoveryTime | Metric::FaultTouched);
    let Some(wheres) = table.table("where") else {
        if needs_fault {
            let found = Diagnostic::new(
                Code::BadExpectation,
                table.place_of("metric"),
                "which fault? this metric needs `where.fault`",
            );
            build.report(found.help("add where = { fault = \"NAME\" }"));
        }
        return Filter::default();
    };
    let known = super::expect_keys::WHERE.keys.iter().map(|key| key.name);
    for key in known.filter(|key| wheres.has(key) && !conditions(metric).contains(key)) {
        let place = wheres.place_of(key);
        let found = Diagnostic::new(Code::BadExpectation, place, format!("`{key}` does not go with this metric"));
        build.report(found.label(format!("it takes {}", listed(conditions(metric).iter().copied()))));
    }
    if needs_fault && !wheres.has("fault") {
        build.report(Diagnostic::new(Code::BadExpectation, wheres.place, "which fault? this metric needs `fault`"));
    }
    let fault = wheres.text("fault").and_then(|name| fault(name, metric == Metric::RecoveryTime, around, build));
    let mut named = |key: &str, names: &Names| wheres.text(key).and_then(|name| names.find(name, &mut build.out));
    let mut filter = Filter {
        send: named("send", around.sends).map(SendIx),
        group: named("group", around.groups).map(GroupIx),
        cohort: named("cohort", &around.roster.cohorts)
            .and_then(|_| wheres.text("cohort"))
            .map(|cohort| cohort.value.to_owned()),
        labels: traits::labels(wheres, "labels"),
        fault,
        ..Filter::default()
    };
    words(&mut filter, wheres);
    exists(&filter, wheres, around, build);
    cause(&mut filter, wheres, around, build);
    filter
}

/// The conditions that are words of the grammar.
fn words(filter: &mut Filter, wheres: View<'_>) {
    let word = |key: &str| wheres.text(key).map(|word| word.value);
    filter.kind = word("kind")
        .and_then(|word| [MessageKind::Group, MessageKind::Device].into_iter().find(|kind| kind.name() == word));
    filter.platform = word("platform").and_then(traits::platform);
    filter.gateway =
        word("gateway").and_then(|word| GatewayName::ALL.into_iter().find(|gateway| gateway.name() == word));
    filter.outcome = word("outcome").and_then(|word| match word {
        "accepted" => Some(Outcome::Accepted),
        "refused" => Some(Outcome::Refused),
        _ => None,
    });
    filter.reason = word("reason").map(str::to_owned);
    filter.station = word("station").and_then(|word| Station::ALL.into_iter().find(|station| station.name() == word));
    filter.form = word("form").and_then(|word| Form::ALL.into_iter().find(|form| form.name() == word));
    filter.audience =
        word("audience").and_then(|word| AudienceClass::ALL.into_iter().find(|class| class.name() == word));
}

/// Labels that no device has, and conditions that exclude each other, are mistakes.
fn exists(filter: &Filter, wheres: View<'_>, around: &Around<'_>, build: &mut Build) {
    let strata = around.roster.fleet.strata();
    for (label, value) in &filter.labels {
        if !strata.iter().any(|stratum| stratum.labels.get(label) == Some(value)) {
            let message = format!("no device has the label `{} = \"{}\"`", shown(label), shown(value));
            let labels = strata.iter().flat_map(|stratum| stratum.labels.iter());
            let near = labels
                .clone()
                .find(|(known, _)| *known == label)
                .map(|(_, value)| format!("did you mean \"{value}\"?"));
            let near = near.or_else(|| {
                nearest(label, labels.map(|(known, _)| known.as_str())).map(|near| format!("did you mean `{near}`?"))
            });
            build.report(Diagnostic::new(Code::UnknownName, wheres.place_of("labels"), message).maybe_help(near));
        }
    }
    if filter.reason.is_some() && filter.outcome == Some(Outcome::Accepted) {
        build.report(Diagnostic::new(
            Code::BadExpectation,
            wheres.place_of("reason"),
            "what is accepted has no reason",
        ));
    }
    if filter.form.is_some() && filter.station.is_some_and(|station| station != Station::Shown) {
        build.report(Diagnostic::new(Code::BadExpectation, wheres.place_of("form"), "only what is shown has a form"));
    }
    if let (Some(platform), Some(gateway)) = (filter.platform, filter.gateway)
        && platform.gateway() != Some(gateway)
    {
        let message = format!("{} devices are not reached through {}", platform.name(), gateway.name());
        build.report(Diagnostic::new(Code::BadExpectation, wheres.place_of("gateway"), message));
    }
}

fn cause(filter: &mut Filter, wheres: View<'_>, around: &Around<'_>, build: &mut Build) {
    let Some(cause) = wheres.text("cause") else { return };
    let words: [(Station, Vec<&str>); 4] = [
        (Station::Skipped, SkipCause::ALL.map(SkipCause::name).to_vec()),
        (Station::Blocked, BlockCause::ALL.map(BlockCause::name).to_vec()),
        (Station::Waiting, WaitCause::ALL.map(WaitCause::name).to_vec()),
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

/// A fault by name; where its recovery is looked at, one that ends.
fn fault(name: Spot<&str>, recovers: bool, around: &Around<'_>, build: &mut Build) -> Option<FaultIx> {
    let found = around.faults.find(name, &mut build.out)?;
    if recovers && around.fault_tables.get(found as usize).is_some_and(|table| !table.has("for")) {
        let message = format!("`{}` never ends, so nothing recovers from it", name.value);
        build.report(Diagnostic::new(Code::BadExpectation, name.place, message).help("give the fault a `for`"));
    }
    Some(FaultIx(found))
}

fn during(table: View<'_>, around: &Around<'_>, build: &mut Build) -> Option<During> {
    let text = table.text("during")?;
    let named = |name| Spot { value: name, place: text.place };
    let parts = text.value.split_once(':').map_or((text.value, None), |(word, name)| (word, Some(name)));
    match parts {
        ("always", None) => Some(During::Always),
        ("before", None) => Some(During::Before),
        ("after", None) => Some(During::After),
        ("fault", Some(name)) => fault(named(name), false, around, build).map(During::Fault),
        ("recovery", Some(name)) => fault(named(name), true, around, build).map(During::Recovery),
        (word, _) => {
            let message = format!("`during` cannot be \"{}\"", shown(text.value));
            let near = nearest(word, ["always", "before", "after", "fault:NAME", "recovery:NAME"]);
            let found = Diagnostic::new(Code::UnknownWord, text.place, message);
            let found = found.label("expected always, before, after, fault:NAME or recovery:NAME");
            build.report(found.maybe_help(near.map(|near| format!("did you mean \"{near}\"?"))));
            None
        }
    }
}
