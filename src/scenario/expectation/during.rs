//! `during` and `window`: the part of the run that an expectation covers. A part without any message is refused. Must
//! not measure anything.

use crate::rules::base::ids::FaultIx;
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::{Fault, FaultKind};
use crate::rules::model::expectation::{During, Metric};

use super::expect::ExpectationRefs;
use crate::scenario::build::builder::Build;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, nearest, shown};
use crate::scenario::grammar::values::duration_text;
use crate::scenario::text::view::{Spot, View};

/// Reads `during`; a part of the run that does not exist is reported.
pub(crate) fn during(
    table: View<'_>,
    metric: Metric,
    around: &ExpectationRefs<'_>,
    build: &mut Build,
) -> Option<During> {
    let text = table.text("during")?;
    of_messages(text.place, "during", metric, build);
    let named = |name| Spot { value: name, place: text.place };
    let parts = text.value.split_once(':').map_or((text.value, None), |(word, name)| (word, Some(name)));
    let found = match parts {
        ("always", None) => During::Always,
        ("before", None) => During::Before,
        ("after", None) => During::After,
        ("fault", Some(name)) => During::Fault(fault(named(name), around, build)?),
        ("recovery", Some(name)) => During::Recovery(recovering(named(name), around, build)?),
        (word, _) => {
            let message = format!("`during` cannot be \"{}\"", shown(text.value));
            let near = nearest(word, ["always", "before", "after", "fault:NAME", "recovery:NAME"]);
            let found = Diagnostic::new(Code::UnknownWord, text.place, message);
            let found = found.label("expected always, before, after, fault:NAME or recovery:NAME");
            build.report(found.maybe_help(near.map(|near| format!("did you mean \"{near}\"?"))));
            return None;
        }
    };
    if let Some(why) = is_empty(found, around).filter(|_| !build.out.has_errors()) {
        build.report(Diagnostic::new(Code::BadExpectation, text.place, why).help("look at another part of the run"));
    }
    Some(found)
}

/// Why a part of the run contains no moment, if so.
fn is_empty(during: During, around: &ExpectationRefs<'_>) -> Option<&'static str> {
    let faults = around.all_faults;
    match during {
        During::Before | During::After if faults.is_empty() => Some("there is no fault to be before or after"),
        During::Before if faults.iter().any(|fault| fault.at.ms() == 0) => {
            Some("nothing is before a fault that begins at the start")
        }
        During::After
            if faults.iter().any(|fault| fault.ends(around.horizon).is_none_or(|end| end >= around.horizon)) =>
        {
            Some("nothing is after all faults: one of them lasts to the end of the run")
        }
        During::Fault(fault) if faults.get(fault.at()).is_some_and(|fault| fault.at >= around.horizon) => {
            Some("this fault begins when the run is over")
        }
        During::Always | During::Before | During::After | During::Fault(_) | During::Recovery(_) => None,
    }
}

/// Reads `window`, in ms; one that does not fit is reported.
pub(crate) fn window(
    table: View<'_>,
    (metric, during): (Metric, During),
    around: &ExpectationRefs<'_>,
    build: &mut Build,
) -> Option<u64> {
    let window = table.duration("window")?;
    of_messages(window.place, "window", metric, build);
    let longest = longest_ms(during, around);
    if window.value > longest && !build.out.has_errors() {
        let found =
            Diagnostic::new(Code::BadExpectation, window.place, "a window that is longer than what it slides over");
        let found = found.label(format!("that takes {}", duration_text(longest)));
        build.report(found.help("a window lies wholly inside the run, or the part of it that `during` names"));
    }
    Some(window.value)
}

/// The longest span of a part of the run, in ms; for a recovery an upper limit.
fn longest_ms(during: During, around: &ExpectationRefs<'_>) -> u64 {
    let (faults, horizon) = (around.all_faults, around.horizon);
    let end = |fault: &Fault| fault.ends(horizon).unwrap_or(horizon);
    let left = |from: SimTime| horizon.since(from.min(horizon));
    match during {
        During::Always => horizon.ms(),
        During::Before => faults.iter().map(|fault| fault.at.ms()).min().unwrap_or(0),
        During::After => left(faults.iter().map(end).max().unwrap_or(horizon)),
        During::Fault(fault) => {
            faults.get(fault.at()).map_or(0, |fault| fault.lasts_ms.unwrap_or(u64::MAX).min(left(fault.at)))
        }
        During::Recovery(fault) => faults.get(fault.at()).and_then(|fault| fault.ended_by(horizon)).map_or(0, left),
    }
}

/// Refuses a part of the run for a metric that does not measure messages.
fn of_messages(place: crate::scenario::diagnostics::source::SourceSpan, key: &str, metric: Metric, build: &mut Build) {
    match metric {
        Metric::Sends
        | Metric::Reach
        | Metric::ReachEligible
        | Metric::Delivery
        | Metric::Journeys
        | Metric::Copies => {}
        Metric::RecoveryTime | Metric::FaultTouched | Metric::Lag => {
            let message = format!("`{key}` goes with what is measured on messages, and this metric is not");
            build.report(Diagnostic::new(Code::BadExpectation, place, message).help("leave it out"));
        }
    }
}

/// A fault by name.
pub(crate) fn fault(name: Spot<&str>, around: &ExpectationRefs<'_>, build: &mut Build) -> Option<FaultIx> {
    around.faults.find(name, &mut build.out).map(FaultIx)
}

/// Whether pairs that wait because of a fault can recover from it within the run.
pub(crate) fn is_recovered(fault: &Fault, horizon: SimTime) -> bool {
    !matches!(fault.kind, FaultKind::DirectoryLag { .. } | FaultKind::Strike(_)) && fault.ended_by(horizon).is_some()
}

/// A fault by name, from which pairs recover within the run.
pub(crate) fn recovering(name: Spot<&str>, around: &ExpectationRefs<'_>, build: &mut Build) -> Option<FaultIx> {
    let found = fault(name, around, build)?;
    let fault = around.all_faults.get(found.at())?;
    if is_recovered(fault, around.horizon) {
        return Some(found);
    }
    let called = shown(name.value);
    let (why, help) = match (&fault.kind, fault.lasts_ms) {
        (FaultKind::DirectoryLag { .. } | FaultKind::Strike(_), _) => {
            (format!("no pair waits because of `{called}`, so nothing recovers from it"), "name another fault")
        }
        (_, None) => (format!("`{called}` never ends, so nothing recovers from it"), "give the fault a `for`"),
        (_, Some(_)) => (format!("`{called}` is not over before the run is"), "raise `duration`, or shorten the fault"),
    };
    // A fault that could not be read may be replaced by another than was meant.
    if !build.out.has_errors() {
        build.report(Diagnostic::new(Code::BadExpectation, name.place, why).help(help));
    }
    Some(found)
}
