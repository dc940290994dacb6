//! The words that reports of the random scenarios must contain for the comparison to be meaningful. Must not compare.

use std::collections::BTreeSet;

use serde_json::Value;

/// Words that must occur in at least one report.
pub(super) const WORDS: [&str; 49] = [
    "skipped/unsupported_platform",
    "skipped/unsupported_enrolment",
    "skipped/not_enrolled",
    "skipped/enrolled_by_another",
    "skipped/app_missing",
    "blocked/play_services",
    "blocked/force_stopped",
    "blocked/battery",
    "blocked/app_removed",
    "blocked/permission",
    "lost/gateway",
    "lost/f0",
    "waiting/capacity",
    "waiting/outage",
    "waiting/in_transit",
    "waiting/offline",
    "superseded",
    "discarded",
    "expired",
    "banner",
    "lock_full",
    "lock_hidden",
    "notification_centre",
    "in_app",
    "stub",
    "permission",
    "scope",
    "empty_text",
    "title_too_long",
    "body_too_long",
    "too_many_groups",
    "not_enrolled",
    "unsupported_target",
    "group_quota",
    "device_quota",
    "member",
    "late_joiner",
    "stale_member",
    "stale_device",
    "touched by outage",
    "touched by loss",
    "touched by delay",
    "touched by duplicate",
    "touched by throttle",
    "touched by offline",
    "touched by play_services_down",
    "touched by permission_revoked",
    "touched by app_removed",
    "touched by directory_lag",
];

/// The words of a report whose count is at least one.
pub(super) fn words(report: &Value) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut counted = |counts: &Value| {
        let counts = counts.as_object().expect("counts by word").iter();
        words.extend(counts.filter(|(_, count)| **count != 0).map(|(word, _)| word.clone()));
    };
    counted(&report["stations"]["overall"]);
    counted(&report["stations"]["by_cause"]);
    counted(&report["stations"]["by_form"]);
    for message in report["messages"].as_array().expect("a list") {
        counted(&message["audience_by"]);
    }
    for message in report["messages"].as_array().expect("a list") {
        words.extend(message["reason"].as_str().map(str::to_owned));
    }
    for fault in report["faults"].as_array().expect("a list").iter().filter(|fault| fault["touched"] != 0) {
        words.extend(fault["kind"].as_str().map(|kind| format!("touched by {kind}")));
    }
    words
}
