//! The page of metrics, read back, and a scenario that fills it.

use std::collections::BTreeMap;

/// The value of each series; labels in alphabetical order.
pub(crate) type Page = BTreeMap<(String, Vec<(String, String)>), f64>;

/// A scenario in which everything that is counted happens, on 600 phones.
pub(crate) const SCENARIO: &str = r#"
schema = 1
name = "page"
seed = 11
duration = "3h"
[fleet]
users = 600
[[fleet.cohort]]
name = "iphones"
share = 0.4
platform = "ios"
[[fleet.cohort]]
name = "ipads"
share = 0.1
platform = "ipados"
[[fleet.cohort]]
name = "androids"
share = 0.4
platform = "android"
[[fleet.cohort]]
name = "macs"
share = 0.1
platform = "macos"
[[user]]
name = "u"
[[device]]
name = "phone"
user = "u"
platform = "android"
[[device]]
name = "late-phone"
user = "u"
platform = "ios"
enrolled = false
[[device]]
name = "never-phone"
user = "u"
platform = "ios"
enrolled = false
[[account]]
name = "intern"
[directory]
lag = "1m"
[[change]]
name = "late"
kind = "enroll"
devices = ["late-phone"]
at = "16m"
[[send]]
name = "news"
schedule = { from = "10m", every = "2m", count = 40 }
to = { groups = ["All users"] }
on_refusal = { retry_after = 1 }
title = "t"
body = "b"
[[send]]
name = "loop"
schedule = { from = "20m", every = "1m", count = 12 }
to = { device = "phone" }
title = "t"
body = "b"
[[send]]
name = "unauthorised"
at = "30m"
as = "intern"
to = { groups = ["All users"] }
title = "t"
body = "b"
[[send]]
name = "last"
at = "2h55m"
to = { groups = ["All users"] }
title = "t"
body = "b"
[[fault]]
name = "down"
kind = "outage"
mode = "hold"
at = "15m"
for = "10m"
scope = { gateway = "fcm" }
[[fault]]
name = "leak"
kind = "loss"
rate = 0.2
at = "30m"
for = "10m"
[[fault]]
name = "masts"
kind = "offline"
at = "50m"
for = "20m"
scope = { pick = "30%" }
[[fault]]
name = "slow"
kind = "directory_lag"
delay = "1m"
at = "15m"
for = "5m"
[[fault]]
name = "idle"
kind = "delay"
delay = "1m"
at = "1m"
for = "1m"
may_touch_nothing = true
"#;

pub(crate) fn parsed(page: &str) -> Page {
    let mut found = Page::new();
    for line in page.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("a series has a value: {line}"));
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let labels = labels.strip_suffix('}').unwrap_or_else(|| panic!("braces are closed: {line}"));
        let mut labels: Vec<(String, String)> = labels
            .split(',')
            .filter_map(|label| label.split_once('='))
            .map(|(label, value)| (label.to_owned(), value.trim_matches('"').to_owned()))
            .collect();
        labels.sort();
        let value = value.parse().unwrap_or_else(|_| panic!("a value is a number: {line}"));
        assert_eq!(found.insert((name.to_owned(), labels), value), None, "twice: {line}");
    }
    found
}

/// The sum over all series of a metric that have these labels.
pub(crate) fn sum(page: &Page, name: &str, wanted: &[(&str, &str)]) -> u64 {
    let fits = |labels: &[(String, String)]| {
        wanted.iter().all(|(label, value)| labels.iter().any(|known| known.0 == *label && known.1 == *value))
    };
    let mut series = page.iter().filter(|((known, labels), _)| known == name && fits(labels)).peekable();
    assert!(series.peek().is_some(), "no series {name} with {wanted:?}");
    let sum = series.map(|(_, value)| value).sum::<f64>();
    // A count is printed without a decimal point, whatever type it has.
    sum.to_string().parse().unwrap_or_else(|_| panic!("{name} counts: {sum}"))
}
