//! The grammar of expectations. Only tables; no code.

use super::fleet_keys::{COHORT_PLATFORMS, GATEWAYS};
use super::parts::{Grammar, Key, Shape};

/// `[[expect]]`.
pub(crate) static EXPECT: Grammar = Grammar {
    noun: "expectation",
    doc: "Something that must hold, or the run fails.",
    keys: &[
        Key::required("name", Shape::Text, "Its unique name."),
        Key::required("metric", Shape::Word(&METRICS), "What is measured."),
        Key::optional("where", Shape::Table(&WHERE), "What is counted."),
        Key::default(
            "within",
            Shape::Any(&[Shape::Word(&["end"]), Shape::Duration(0)]),
            "end",
            "Of reach: shown so soon after acceptance (X3).",
        ),
        Key::optional(
            "by",
            Shape::Text,
            "platform, gateway, cohort, send, audience, fault or label:NAME: it must hold of each by itself.",
        ),
        Key::optional(
            "window",
            Shape::Duration(1),
            "It must hold of every span of this length, by the time of acceptance (of refusal).",
        ),
        Key::required(
            "check",
            Shape::Text,
            "\">= 0.75\", \"p(95) < 5s\", \"max <= 25\", \"count == 5\", \"in [0.6, 0.8]\".",
        ),
        Key::default(
            "during",
            Shape::Text,
            "always",
            "always, before (the first fault), after (the last), fault:NAME or recovery:NAME.",
        ),
        Key::default(
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

/// What an expectation may be divided by; behind the last word comes the label's name.
pub(crate) const DIVISIONS: [&str; 7] = ["platform", "gateway", "cohort", "send", "audience", "fault", "label:NAME"];

/// Conditions of an expectation.
pub(crate) static WHERE: Grammar = Grammar {
    noun: "condition",
    doc: "What an expectation counts: every condition given must hold.",
    keys: &[
        Key::optional("send", Shape::Text, "Only this send."),
        Key::optional("group", Shape::Text, "Only sends to this group directly."),
        Key::optional("kind", Shape::Word(&["group", "device"]), "Only this kind of message."),
        Key::optional("platform", COHORT_PLATFORMS, "Only this platform; ios does not include ipados (X28)."),
        Key::optional("gateway", GATEWAYS, "Only the phones of this gateway."),
        Key::optional("cohort", Shape::Text, "Only this cohort."),
        Key::optional("labels", Shape::Map(&Shape::Text), "Only devices with these labels."),
        Key::optional("outcome", Shape::Word(&["accepted", "refused"]), "Of sends: only these."),
        Key::optional("reason", Shape::Word(&REASONS), "Of sends: only refusals for this reason."),
        Key::optional("station", Shape::Word(&STATIONS), "Of journeys: only pairs in this station."),
        Key::optional("cause", Shape::Text, "Of journeys: only pairs with this cause, or lost to this fault."),
        Key::optional("form", Shape::Word(&FORMS), "Of journeys: only pairs shown in this form."),
        Key::optional(
            "audience",
            Shape::Word(&["late_joiner", "stale_member", "stale_device", "member"]),
            "Of copies: only pairs of this class.",
        ),
        Key::optional("fault", Shape::Text, "Of recovery_time and fault_touched: which fault."),
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
