//! How much worse than in a former report figures may be. Must not compare.

use crate::rules::model::baseline_limits::{BaselineLimits, FigureLimit, IgnoredChange};

use super::builder::Build;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, shown};
use crate::scenario::text::view::View;

/// The limits that a scenario states.
pub(crate) fn limits(root: View<'_>, build: &mut Build) -> BaselineLimits {
    let Some(table) = root.table("baseline") else { return BaselineLimits::default() };
    let mut limits =
        BaselineLimits { max_regression: table.ratio("max_regression").map(|ratio| ratio.value), figures: Vec::new() };
    for view in table.tables("limit") {
        let Some(figure) = view.text("name") else { continue };
        if limits.figures.iter().any(|known| known.figure == figure.value) {
            let message = format!("a limit of `{}` twice", shown(figure.value));
            build.report(Diagnostic::new(Code::DuplicateName, figure.place, message));
            continue;
        }
        let max_regression = view.ratio("max_regression").map(|ratio| ratio.value);
        let ignore = ignored(view, figure.value, build);
        limits.figures.push(FigureLimit { figure: figure.value.to_owned(), max_regression, ignore });
    }
    limits
}

/// What a limit ignores, in the unit of its figure.
fn ignored(view: View<'_>, figure: &str, build: &mut Build) -> Option<IgnoredChange> {
    let (ratio, duration) = (view.ratio("ignore"), view.duration("ignore"));
    let place = ratio.as_ref().map(|spot| spot.place).or_else(|| duration.as_ref().map(|spot| spot.place))?;
    let is_latency = figure.starts_with("latency");
    let found = if is_latency {
        duration.map(|spot| IgnoredChange::Millis(spot.value))
    } else {
        ratio.map(|spot| IgnoredChange::Share(spot.value))
    };
    if found.is_none() {
        let (got, help) = if is_latency {
            ("a ratio of a latency", "write a duration, such as \"500ms\"")
        } else {
            ("a duration of pairs", "write a share of all pairs, such as \"0.5%\"")
        };
        build.report(Diagnostic::new(Code::BadValue, place, format!("`ignore` is {got}")).help(help));
    }
    found
}
