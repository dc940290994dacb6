//! The grammar of expectations. Tables only.

use super::fleet_keys::{COHORT_PLATFORMS, GATEWAYS};
use super::parts::{Grammar, KeySpec, Shape};

/// `[[expect]]`.
pub(crate) static EXPECT: Grammar = Grammar {
    noun: "expectation",
    doc: "Something that must hold, or the run fails.",
    keys: &[
        KeySpec::required("name", Shape::Text, "Its unique name."),
        KeySpec::required("metric", Shape::Word(&METRICS), "What is measured."),
        KeySpec::optional("where", Shape::Table(&WHERE), "What is counted."),
        KeySpec::default(
            "within",
            Shape::Any(&[Shape::Word(&["end"]), Shape::Duration(0), Shape::TimeOfDay]),
            "end",
            "Of reach: shown so soon after acceptance (X3), or until the next such time of day, in the device's local time.",
        ),
        KeySpec::optional(
            "by",
            Shape::Text,
            "platform, gateway, cohort, send, audience, fault or label:NAME: it must hold of each by itself.",
        ),
        KeySpec::optional(
            "window",
            Shape::Duration(1),
            "It must hold of every span of this length, by the time of acceptance (of refusal).",
        ),
        KeySpec::required(
            "check",
            Shape::Text,
            "\">= 0.75\", \"p(95) < 5s\", \"max <= 25\", \"count == 5\", \"in [0.6, 0.8]\".",
        ),
        KeySpec::default(
            "during",
            Shape::Text,
            "always",
            "always, before (the first fault), after (the last), fault:NAME or recovery:NAME.",
        ),
        KeySpec::default(
            "abort",
            Shape::YesNo,
            "false",
            "Of sends, with < or <=: a live run ends as soon as it can no longer hold.",
        ),
    ],
};

/// Metrics of `[[expect]]`.
pub(crate) const METRICS: [&str; 9] =
    ["sends", "reach", "reach_eligible", "delivery", "journeys", "copies", "recovery_time", "fault_touched", "lag"];

/// Values of `by`; after the last word follows the label's name.
pub(crate) const DIVISIONS: [&str; 7] = ["platform", "gateway", "cohort", "send", "audience", "fault", "label:NAME"];

/// Conditions of an expectation.
pub(crate) static WHERE: Grammar = Grammar {
    noun: "condition",
    doc: "What an expectation counts: every condition given must hold.",
    keys: &[
        KeySpec::optional("send", Shape::Text, "Only this send."),
        KeySpec::optional("group", Shape::Text, "Only sends to this group directly."),
        KeySpec::optional("kind", Shape::Word(&["group", "device"]), "Only this kind of message."),
        KeySpec::optional("platform", COHORT_PLATFORMS, "Only this platform; ios does not include ipados (X28)."),
        KeySpec::optional("gateway", GATEWAYS, "Only the phones of this gateway."),
        KeySpec::optional("cohort", Shape::Text, "Only this cohort."),
        KeySpec::optional("labels", Shape::Map(&Shape::Text), "Only devices with these labels."),
        KeySpec::optional("outcome", Shape::Word(&["accepted", "refused"]), "Of sends: only these."),
        KeySpec::optional("reason", Shape::Word(&REASONS), "Of sends: only refusals for this reason."),
        KeySpec::optional("station", Shape::Word(&STATIONS), "Of journeys: only pairs in this station."),
        KeySpec::optional("cause", Shape::Text, "Of journeys: only pairs with this cause, or lost to this fault."),
        KeySpec::optional("form", Shape::Word(&FORMS), "Of journeys: only pairs shown in this form."),
        KeySpec::optional(
            "audience",
            Shape::Word(&["late_joiner", "stale_member", "stale_device", "member"]),
            "Of copies: only pairs of this class.",
        ),
        KeySpec::optional("fault", Shape::Text, "Of recovery_time and fault_touched: which fault."),
    ],
};

/// Reasons of refusals, in the order of checking (X5).
const REASONS: [&str; 10] = [
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
];

const STATIONS: [&str; 8] = ["skipped", "blocked", "lost", "waiting", "superseded", "discarded", "expired", "shown"];

const FORMS: [&str; 6] = ["banner", "lock_full", "lock_hidden", "notification_centre", "in_app", "stub"];
