//! `by`: one expectation becomes one for each value, which holds or fails by itself. Must not measure anything.

use std::collections::BTreeSet;

use strum::VariantArray as _;

use crate::rules::base::ids::{FaultIx, SendIx};
use crate::rules::base::platform::GatewayName;
use crate::rules::model::expectation::{Expectation, Metric, PairFilter};
use crate::rules::population::fleet::Stratum;
use crate::rules::service::audience::AudienceClass;

use super::during;
use super::expect::{ExpectationRefs, conditions};
use crate::scenario::build::builder::Build;
use crate::scenario::build::names::small;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, listed, nearest, shown};
use crate::scenario::grammar::expect_keys::DIVISIONS;
use crate::scenario::text::view::{Spot, View};

/// The expectation for each value of its `by`, in the order of reports, or itself without `by`.
pub(crate) fn by(
    table: View<'_>,
    whole: Expectation,
    around: &ExpectationRefs<'_>,
    build: &mut Build,
) -> Vec<Expectation> {
    let Some(by) = table.text("by") else { return vec![whole] };
    let key = if by.value.starts_with("label:") { "labels" } else { by.value };
    if !is_known(by, build) || !is_free(by, key, table, whole.metric, build) {
        return vec![whole];
    }
    let parts = parts(by.value, &whole, around);
    if parts.is_empty() {
        unknown(by, around, build);
        return vec![whole];
    }
    parts
        .into_iter()
        .map(|(value, filter)| Expectation { name: format!("{value}: {}", whole.name), filter, ..whole.clone() })
        .collect()
}

fn is_known(by: Spot<&str>, build: &mut Build) -> bool {
    let known = by.value.starts_with("label:") || DIVISIONS[..DIVISIONS.len() - 1].contains(&by.value);
    if !known {
        let found = Diagnostic::new(Code::UnknownWord, by.place, format!("`by` cannot be \"{}\"", shown(by.value)));
        let near = nearest(by.value, DIVISIONS).map(|near| format!("did you mean \"{near}\"?"));
        build.report(found.label(format!("expected {}", listed(DIVISIONS).replace('`', "\""))).maybe_help(near));
    }
    known
}

/// Whether the metric takes such a condition and it is not given already.
fn is_free(by: Spot<&str>, key: &str, table: View<'_>, metric: Metric, build: &mut Build) -> bool {
    if !conditions(metric).contains(&key) {
        let message = format!("this metric cannot be divided by \"{}\"", shown(by.value));
        let takes = conditions(metric)
            .iter()
            .copied()
            .filter(|condition| DIVISIONS.contains(condition) || *condition == "labels");
        let found = Diagnostic::new(Code::BadExpectation, by.place, message);
        build.report(found.label(format!("it can be by {}", listed(takes))));
        return false;
    }
    let label = by.value.strip_prefix("label:");
    let given = table.table("where").filter(|wheres| match label {
        Some(label) => wheres.table("labels").is_some_and(|labels| labels.has(label)),
        None => wheres.has(key),
    });
    if let Some(wheres) = given {
        let message = format!("`where` has one {} only, so there is nothing to divide by", label.unwrap_or(key));
        build.report(Diagnostic::new(Code::Conflict, wheres.place_of(key), message).help("leave one of the two out"));
    }
    given.is_none()
}

/// The existing values, each with the filter that selects it.
fn parts(by: &str, whole: &Expectation, around: &ExpectationRefs<'_>) -> Vec<(String, PairFilter)> {
    let filter = &whole.filter;
    let strata: Vec<&Stratum> =
        around.roster.fleet.strata().iter().filter(|stratum| filter.takes_stratum(stratum)).collect();
    let picked = |value: &str, pick: &dyn Fn(&mut PairFilter)| {
        let mut one = filter.clone();
        pick(&mut one);
        (value.to_owned(), one)
    };
    match by {
        "platform" => {
            let platforms: BTreeSet<_> = strata.iter().map(|stratum| stratum.platform).collect();
            platforms.into_iter().map(|one| picked(one.name(), &|filter| filter.platform = Some(one))).collect()
        }
        "gateway" => GatewayName::VARIANTS
            .iter()
            .copied()
            .filter(|one| strata.iter().any(|stratum| stratum.platform.gateway() == Some(*one)))
            .map(|one| picked(one.name(), &|filter| filter.gateway = Some(one)))
            .collect(),
        "cohort" => {
            let cohorts: BTreeSet<&str> = strata.iter().map(|stratum| stratum.cohort.as_str()).collect();
            cohorts.into_iter().map(|one| picked(one, &|filter| filter.cohort = Some(one.to_owned()))).collect()
        }
        "send" => around
            .all_sends
            .iter()
            .enumerate()
            .filter(|(at, send)| filter.takes_send(SendIx(small(*at)), send))
            .map(|(at, send)| picked(&send.name, &|filter| filter.sends = Some(small(at)..small(at) + 1)))
            .collect(),
        "audience" => AudienceClass::VARIANTS
            .iter()
            .copied()
            .map(|one| picked(one.name(), &|filter| filter.audience = Some(one)))
            .collect(),
        "fault" => around
            .all_faults
            .iter()
            .enumerate()
            .filter(|(_, fault)| whole.metric != Metric::RecoveryTime || during::is_recovered(fault, around.horizon))
            .map(|(at, fault)| picked(&fault.name, &|filter| filter.fault = Some(FaultIx(small(at)))))
            .collect(),
        labelled => {
            let label = labelled.trim_start_matches("label:");
            let values: BTreeSet<&String> = strata.iter().filter_map(|stratum| stratum.labels.get(label)).collect();
            let pick =
                |value: &String| picked(value, &|filter| drop(filter.labels.insert(label.to_owned(), value.clone())));
            values.into_iter().map(pick).collect()
        }
    }
}

/// Reports that nothing has such a value.
fn unknown(by: Spot<&str>, around: &ExpectationRefs<'_>, build: &mut Build) {
    if build.out.has_errors() {
        return;
    }
    let Some(label) = by.value.strip_prefix("label:") else {
        let message = format!("there is no {} to divide by", by.value);
        return build.report(Diagnostic::new(Code::BadExpectation, by.place, message));
    };
    let strata = around.roster.fleet.strata();
    let labels = strata.iter().flat_map(|stratum| stratum.labels.keys()).map(String::as_str);
    let near = nearest(label, labels).map(|near| format!("did you mean \"label:{near}\"?"));
    let message = format!("no device has a label `{}`", shown(label));
    build.report(Diagnostic::new(Code::UnknownName, by.place, message).maybe_help(near));
}
