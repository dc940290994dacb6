//! Expectations that could never be measured: contradictory conditions, or conditions that nothing in the scenario
//! meets. Each is an error, because it would pass, or fail, in every run. Must not measure anything.

use crate::rules::base::ids::SendIx;
use crate::rules::base::platform::{GatewayName, Platform};
use crate::rules::model::expectation::{During, Expectation, Metric, PairFilter, SendOutcome};
use crate::rules::model::send::SendPlan;
use crate::rules::service::journey::{BlockCause, Station, WaitCause};
use crate::rules::service::message::MessageKind;

use super::expect::ExpectationRefs;
use crate::scenario::build::builder::Build;
use crate::scenario::build::names::small;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, nearest, shown};
use crate::scenario::diagnostics::source::SourceSpan;
use crate::scenario::text::view::View;

/// Refusals of group messages only.
const OF_GROUPS: [&str; 2] = ["too_many_groups", "group_quota"];
const OF_DEVICES: [&str; 3] = ["not_enrolled", "unsupported_target", "device_quota"];

/// Reports why an expectation is impossible, if it is.
pub(crate) fn refuse(made: &Expectation, table: View<'_>, around: &ExpectationRefs<'_>, build: &mut Build) {
    let wheres = table.table("where").unwrap_or(table);
    labels(&made.filter, wheres, around, build);
    words(&made.filter, wheres, build);
    devices(&made.filter, wheres, around, build);
    messages(made, wheres, around, build);
    if made.abort {
        abort(made, table, build);
    }
}

fn bad(place: SourceSpan, message: impl Into<String>, build: &mut Build) {
    build.report(Diagnostic::new(Code::BadExpectation, place, message));
}

/// Refuses labels that no device has.
fn labels(filter: &PairFilter, wheres: View<'_>, around: &ExpectationRefs<'_>, build: &mut Build) {
    let strata = around.roster.fleet.strata();
    for (label, value) in &filter.labels {
        if strata.iter().any(|stratum| stratum.labels.get(label) == Some(value)) {
            continue;
        }
        let message = format!("no device has the label `{} = \"{}\"`", shown(label), shown(value));
        let all = || strata.iter().flat_map(|stratum| stratum.labels.iter());
        let values: Vec<&str> = all().filter(|(known, _)| *known == label).map(|(_, value)| value.as_str()).collect();
        let near = match nearest(value, values.iter().copied()).or(values.first().copied()) {
            Some(value) => Some(format!("did you mean \"{value}\"?")),
            None => {
                nearest(label, all().map(|(known, _)| known.as_str())).map(|near| format!("did you mean `{near}`?"))
            }
        };
        build.report(Diagnostic::new(Code::UnknownName, wheres.place_of("labels"), message).maybe_help(near));
    }
}

/// Refuses words that contradict each other in every scenario.
fn words(filter: &PairFilter, wheres: View<'_>, build: &mut Build) {
    if filter.reason.is_some() && filter.outcome == Some(SendOutcome::Accepted) {
        bad(wheres.place_of("reason"), "what is accepted has no reason", build);
    }
    if let (Some(reason), Some(kind)) = (&filter.reason, filter.kind) {
        let other = if kind == MessageKind::Group { &OF_DEVICES[..] } else { &OF_GROUPS };
        if other.contains(&reason.as_str()) {
            let message = format!("no message of kind `{}` is refused for `{reason}`", kind.name());
            bad(wheres.place_of("reason"), message, build);
        }
    }
    if filter.form.is_some() && filter.station.is_some_and(|station| station != Station::Shown) {
        bad(wheres.place_of("form"), "only what is shown has a form", build);
    }
    if filter.form.is_some() && filter.cause.is_some() {
        bad(wheres.place_of("cause"), "what is shown has a form and no cause", build);
    }
    if let (Some(platform), Some(gateway)) = (filter.platform, filter.gateway)
        && platform.gateway() != Some(gateway)
    {
        let message = format!("{} devices are not reached through {}", platform.name(), gateway.name());
        bad(wheres.place_of("gateway"), message, build);
    }
    if filter.kind == Some(MessageKind::Device) && filter.group.is_some() {
        bad(wheres.place_of("group"), "a message of kind `device` goes to no group", build);
    }
    let through = filter.gateway.or_else(|| filter.platform.and_then(Platform::gateway));
    if let Some((key, only)) = only_through(filter).filter(|(_, only)| through.is_some_and(|through| through != *only))
    {
        let message = format!("this happens behind {} only", only.name());
        bad(wheres.place_of(key), message, build);
    }
}

/// The gateway that a station or a cause is limited to (R53–R56), and the key with that value.
fn only_through(filter: &PairFilter) -> Option<(&'static str, GatewayName)> {
    let android = [BlockCause::PlayServices, BlockCause::ForceStopped, BlockCause::Battery].map(BlockCause::name);
    match (filter.station, filter.cause.as_deref()) {
        (Some(Station::Superseded), _) => Some(("station", GatewayName::Apns)),
        (Some(Station::Discarded), _) => Some(("station", GatewayName::Fcm)),
        (_, Some(cause)) if android.contains(&cause) || cause == WaitCause::Doze.name() => {
            Some(("cause", GatewayName::Fcm))
        }
        _ => None,
    }
}

/// Refuses conditions that no device meets.
fn devices(filter: &PairFilter, wheres: View<'_>, around: &ExpectationRefs<'_>, build: &mut Build) {
    if build.out.has_errors() || around.roster.fleet.strata().iter().any(|stratum| filter.takes_stratum(stratum)) {
        return;
    }
    let keys = ["platform", "gateway", "cohort", "labels"];
    if let Some(first) = wheres.first_of(&keys) {
        bad(wheres.place_of(first), "no device of the fleet is like this", build);
    }
}

/// Refuses conditions that no message meets at its time.
fn messages(made: &Expectation, wheres: View<'_>, around: &ExpectationRefs<'_>, build: &mut Build) {
    let about_faults = matches!(made.metric, Metric::RecoveryTime | Metric::FaultTouched | Metric::Lag);
    if about_faults || build.out.has_errors() {
        return;
    }
    let tested: Vec<&SendPlan> = around
        .all_sends
        .iter()
        .enumerate()
        .filter(|(at, send)| made.filter.takes_send(SendIx(small(*at)), send))
        .map(|(_, send)| send)
        .collect();
    if tested.is_empty() {
        let keys = ["send", "group", "kind"];
        let place = wheres.first_of(&keys).map_or(wheres.place, |first| wheres.place_of(first));
        return bad(place, "no send of the scenario is like this", build);
    }
    let is_then = |send: &&SendPlan| {
        send.retries > 0 || send.times.iter().any(|at| made.during.may_contain(*at, around.all_faults, around.horizon))
    };
    if !tested.iter().any(is_then) {
        bad(wheres.place, "nothing of this is sent in the part of the run that `during` names", build);
    }
}

/// Refuses `abort` where the expectation cannot be lost for good before the end.
fn abort(made: &Expectation, table: View<'_>, build: &mut Build) {
    let place = table.place_of("abort");
    let why = if made.metric != Metric::Sends {
        Some("`abort` goes with `sends` only: what becomes of pairs is counted at the end")
    } else if made.check.bound.most().is_none() {
        Some("`abort` needs `<` or `<=`: a count that is too small may still grow")
    } else if matches!(made.during, During::Recovery(_)) {
        Some("`abort` does not go with `recovery:NAME`: when that ends is known at the end")
    } else {
        None
    };
    if let Some(why) = why {
        build.report(Diagnostic::new(Code::BadExpectation, place, why).help("leave `abort` out"));
    }
}
