//! Windows of reach: durations after acceptance, and local times of day. Must not count.

use crate::rules::model::reach_window::{ReachLimit, ReachWindow};

use super::builder::Build;
use crate::scenario::diagnostics::diagnostic::{Code, Diagnostic, shown};
use crate::scenario::diagnostics::limits::WINDOWS_MAX;
use crate::scenario::grammar::values;
use crate::scenario::text::view::View;

/// The windows of a report that names none.
const USUAL: [&str; 4] = ["1m", "15m", "1h", "4h"];

/// The limit that a key gives; `None` where it is absent or a word.
pub(crate) fn reach_limit(table: View<'_>, key: &str) -> Option<ReachLimit> {
    table.text(key).and_then(|text| limit(text.value))
}

fn limit(text: &str) -> Option<ReachLimit> {
    let duration = values::duration_ms(text).ok().map(ReachLimit::After);
    duration.or_else(|| values::time_of_day_ms(text).ok().map(ReachLimit::Local))
}

/// The windows that reports tell, in the order given.
pub(crate) fn windows(root: View<'_>, build: &mut Build) -> Vec<ReachWindow> {
    let window = |name: &str, until| ReachWindow { name: name.to_owned(), until };
    let listed = root.table("report").and_then(|report| report.names("windows"));
    let Some(listed) = listed else {
        return USUAL.iter().filter_map(|name| Some(window(name, limit(name)?))).collect();
    };
    if let Some(one_more) = listed.get(WINDOWS_MAX) {
        let found = Diagnostic::new(Code::TooMuch, one_more.place, format!("{} windows of reach", listed.len()));
        build.report(found.help(format!("a report has at most {WINDOWS_MAX}: each is a column of its tables")));
    }
    let mut windows: Vec<ReachWindow> = Vec::new();
    for name in listed.into_iter().take(WINDOWS_MAX) {
        let Some(until) = limit(name.value) else {
            let message = format!("`{}` is neither a duration nor a time of day", shown(name.value));
            let found = Diagnostic::new(Code::BadValue, name.place, message);
            build.report(found.help("write \"15m\" for what is shown so soon, or \"08:00\" for until that local time"));
            continue;
        };
        if windows.iter().any(|known| known.until == until) {
            let message = format!("the window `{}` twice", shown(name.value));
            build.report(Diagnostic::new(Code::DuplicateName, name.place, message));
            continue;
        }
        windows.push(window(name.value, until));
    }
    windows
}
