//! The grammar of a scenario outside its fleet: every key there is, once. Only tables; no code.

use super::fleet_keys::{COHORT_PLATFORMS, DEVICE, FLEET, GATEWAYS, USER};
use super::grammar::{Grammar, Key, Shape};
use super::limits::{SHARDS_MAX, STORED_MAX};

const ANY_WHOLE: Shape = Shape::Whole(0, u64::MAX);
const DURATION: Shape = Shape::Duration(0);
const POSITIVE: Shape = Shape::Duration(1);

/// The whole file.
pub(crate) static SCENARIO: Grammar = Grammar {
    noun: "scenario",
    doc: "A scenario: a tenant's fleet, what is sent to it, and what goes wrong.",
    keys: &[
        Key::required("schema", Shape::Whole(1, 1), "The version of this language: 1."),
        Key::required("name", Shape::Text, "The scenario's name, for reports."),
        Key::default("seed", ANY_WHOLE, "1", "All chance comes from it: the same seed, the same result."),
        Key::default(
            "start",
            Shape::Moment,
            "2026-01-05T06:00:00Z",
            "Model time zero; without an offset it is local time.",
        ),
        Key::default(
            "timezone",
            Shape::Text,
            "UTC",
            "Local time: \"UTC\", \"+01:00\" or a name such as \"Europe/Paris\".",
        ),
        Key::required("duration", POSITIVE, "How long the run lasts; what is due at its end does not happen (X3)."),
        Key::default(
            "profile",
            Shape::Word(&["intune-2019", "intune-2025"]),
            "intune-2019",
            "Which edition of the service is emulated.",
        ),
        Key::optional("include", Shape::Names, "Files to merge below this one, relative to it."),
        Key::optional("service", Shape::Table(&SERVICE), "Assumptions about the service."),
        Key::optional("fleet", Shape::Table(&FLEET), "Generated users and devices."),
        Key::optional("user", Shape::Tables(&USER), "Named users."),
        Key::optional("device", Shape::Tables(&DEVICE), "Named devices."),
        Key::optional("group", Shape::Tables(&GROUP), "Groups; \"All users\" is built in."),
        Key::optional("account", Shape::Tables(&ACCOUNT), "Who sends; \"administrator\" is built in."),
        Key::optional("delivery", Shape::Table(&DELIVERY), "The two gateways."),
        Key::optional("directory", Shape::Table(&DIRECTORY), "How fast directory changes are seen."),
        Key::optional("change", Shape::Tables(&CHANGE), "Changes in the directory and on phones."),
        Key::optional("send", Shape::Tables(&SEND), "What is sent, when, to whom, by whom."),
        Key::optional("fault", Shape::Tables(&FAULT), "What goes wrong."),
        Key::optional("expect", Shape::Tables(&EXPECT), "What must hold, or the run fails."),
        Key::optional("live", Shape::Table(&LIVE), "How it is run live; none of it changes a fate."),
    ],
};

static SERVICE: Grammar = Grammar {
    noun: "service",
    doc: "Assumptions about the service that nobody documents.",
    keys: &[Key::assumed(
        "character",
        Shape::Word(&["utf16", "scalar"]),
        "utf16",
        "How characters are counted: UTF-16 code units, or Unicode scalar values (R4).",
    )],
};

static GROUP: Grammar = Grammar {
    noun: "group",
    doc: "A group of users; groups nest, devices in it are legal and ignored (R20-R25).",
    keys: &[
        Key::required("name", Shape::Text, "Its unique name."),
        Key::optional(
            "users",
            Shape::Any(&[Shape::Word(&["all"]), Shape::Names, Shape::Table(&MEMBERS)]),
            "Its direct members at the start.",
        ),
        Key::optional("groups", Shape::Names, "Groups nested in it; cycles are harmless (R22)."),
        Key::optional("devices", Shape::Names, "Devices in it; they are ignored (R23)."),
    ],
};

static MEMBERS: Grammar = Grammar {
    noun: "members",
    doc: "Members of a group by share, range or sample; exactly one of them.",
    keys: &[
        Key::optional("share", Shape::Ratio, "Each user with this chance."),
        Key::optional("sample", ANY_WHOLE, "Exactly so many users, drawn by the seed."),
        Key::optional("from", ANY_WHOLE, "The first of a range of users, counted from 0."),
        Key::optional("to", ANY_WHOLE, "The first after the range."),
    ],
};

static ACCOUNT: Grammar = Grammar {
    noun: "account",
    doc: "Somebody who sends (R10-R15).",
    keys: &[
        Key::required("name", Shape::Text, "Its unique name."),
        Key::optional(
            "permissions",
            Shape::Any(&[Shape::Names]),
            "organization.read, organization.update, managed_devices.read, remote_tasks.send_custom_notifications.",
        ),
        Key::optional(
            "role",
            Shape::Word(&["Help Desk Operator", "Tenant administrator"]),
            "A built-in role; its permissions add to those listed.",
        ),
        Key::optional("scope_groups", Shape::Names, "Groups inside which it may send; left out, anywhere."),
    ],
};

static DELIVERY: Grammar = Grammar {
    noun: "delivery",
    doc: "The two gateways.",
    keys: &[
        Key::optional("apns", Shape::Table(&APNS), "Apple Push Notification service."),
        Key::optional("fcm", Shape::Table(&FCM), "Firebase Cloud Messaging."),
    ],
};

const CAPACITY: Shape = Shape::Any(&[Shape::Word(&["none"]), Shape::Rate]);
const STORED: Shape = Shape::Whole(0, STORED_MAX);
const RETRY: Key =
    Key::assumed("retry", DIST, "uniform, 0s to 60s", "How long after the end of a holding outage a copy leaves.");
const LOSS: Key = Key::assumed("loss", Shape::Ratio, "0.2%", "The share that the gateway loses by itself.");
const EXPIRY: Key =
    Key::default("expiry", DURATION, "28d", "How long a message is tried, if the send does not say (R52).");

/// APNs.
pub(crate) static APNS: Grammar = Grammar {
    noun: "gateway",
    doc: "Apple Push Notification service: it stores the newest message for an offline phone (R53).",
    keys: &[
        Key::assumed("latency", DIST, "lognormal, median 600ms, p95 2s", "How long a copy travels to the phone."),
        LOSS,
        Key::default("capacity", CAPACITY, "none", "Copies it takes on per unit of time."),
        Key::default("stored", STORED, "1", "Messages stored for an offline phone (R53)."),
        EXPIRY,
        RETRY,
    ],
};

/// FCM.
pub(crate) static FCM: Grammar = Grammar {
    noun: "gateway",
    doc: "Firebase Cloud Messaging: it stores 100 messages for an offline phone, and discards all at one more (R54).",
    keys: &[
        Key::assumed("latency", DIST, "lognormal, median 1s500ms, p95 6s", "How long a copy travels to the phone."),
        LOSS,
        Key::default("capacity", CAPACITY, "600000/min", "Copies it takes on per unit of time (R57)."),
        Key::default("stored", STORED, "100", "Messages stored for an offline phone (R54)."),
        EXPIRY,
        RETRY,
        Key::default(
            "priority",
            Shape::Word(&["high", "normal"]),
            "high",
            "Only normal waits for a dozing phone (R55).",
        ),
        Key::assumed(
            "doze",
            Shape::Word(&["off", "light", "deep"]),
            "light for generated devices, off for named ones",
            "How Android phones doze (R55).",
        ),
    ],
};

/// A duration, or a distribution of durations.
pub(crate) const DIST: Shape = Shape::Any(&[DURATION, Shape::Table(&DISTRIBUTION)]);

static DISTRIBUTION: Grammar = Grammar {
    noun: "distribution",
    doc: "A distribution of durations: { median, p95 } lognormal, { mean } exponential, { quantiles }, { from, to } uniform.",
    keys: &[
        Key::optional(
            "kind",
            Shape::Word(&["lognormal", "exponential", "uniform"]),
            "Its name; the other keys already say it.",
        ),
        Key::optional("median", DURATION, "Half are shorter."),
        Key::optional("p95", DURATION, "95 of 100 are shorter."),
        Key::optional("mean", DURATION, "The mean of an exponential distribution."),
        Key::optional(
            "quantiles",
            Shape::Map(&DURATION),
            "Durations by share: { \"0.5\" = \"1s\", \"0.99\" = \"9s\" }, straight lines between.",
        ),
        Key::optional("from", DURATION, "The shortest of a uniform distribution."),
        Key::optional("to", DURATION, "The longest of a uniform distribution."),
    ],
};

static DIRECTORY: Grammar = Grammar {
    noun: "directory",
    doc: "How directory changes become visible (R36, R37).",
    keys: &[
        Key::assumed(
            "lag",
            DIST,
            "lognormal, median 5m, p95 2h",
            "How long a change takes to be visible to the sender.",
        ),
        Key::assumed("catch_up", DURATION, "15m", "How long after a send its joiners still get it."),
    ],
};

const AT: Shape = Shape::Any(&[DURATION, Shape::Table(&LOCAL)]);

static LOCAL: Grammar = Grammar {
    noun: "local time",
    doc: "The next such local time at or after the start.",
    keys: &[Key::required("local", Shape::TimeOfDay, "Hours and minutes, \"22:30\".")],
};

const ARRIVALS: Key = Key::default(
    "arrivals",
    Shape::Word(&["regular", "poisson"]),
    "regular",
    "Evenly spaced, or at random with the same rate.",
);

static SCHEDULE: Grammar = Grammar {
    noun: "schedule",
    doc: "Several times: { from, every, count }, { from, for, rate } or { from, stages }.",
    keys: &[
        Key::default("from", AT, "0s", "The first."),
        Key::optional("every", POSITIVE, "The distance from one to the next."),
        Key::optional("count", Shape::Whole(1, u64::MAX), "How many."),
        Key::optional("for", POSITIVE, "How long the rate holds."),
        Key::optional("rate", Shape::Rate, "How many per unit of time."),
        Key::optional("stages", Shape::Tables(&STAGE), "Rates one after the other."),
        ARRIVALS,
    ],
};

static STAGE: Grammar = Grammar {
    noun: "stage",
    doc: "A rate for a while.",
    keys: &[
        Key::required("for", POSITIVE, "How long."),
        Key::required("rate", Shape::Rate, "How many per unit of time; 0 is a pause."),
    ],
};

const SUBJECTS: Shape = Shape::Any(&[Shape::Word(&["all"]), Shape::Names, Shape::Table(&SAMPLE)]);

static SAMPLE: Grammar = Grammar {
    noun: "sample",
    doc: "Some, drawn by the seed.",
    keys: &[Key::required("sample", Shape::Whole(1, u64::MAX), "How many.")],
};

static CHANGE: Grammar = Grammar {
    noun: "change",
    doc: "A change in the directory or on phones.",
    keys: &[
        Key::required("name", Shape::Text, "Its unique name."),
        Key::required("kind", Shape::Word(&CHANGE_KINDS), "What happens; the first four have a directory lag."),
        Key::optional("at", AT, "When it happens, to all at once."),
        Key::optional(
            "schedule",
            Shape::Table(&SCHEDULE),
            "When it happens, to one after the other in the order listed.",
        ),
        Key::optional("group", Shape::Text, "The group that is joined or left."),
        Key::optional("users", SUBJECTS, "Whom it happens to; for anything but join and leave, all their devices."),
        Key::optional("devices", SUBJECTS, "Which devices it happens to."),
    ],
};

/// Kinds of `[[change]]`.
pub(crate) const CHANGE_KINDS: [&str; 10] = [
    "join",
    "leave",
    "enroll",
    "unenroll",
    "install_app",
    "remove_app",
    "update_app",
    "open_app",
    "grant_permission",
    "revoke_permission",
];

static SEND: Grammar = Grammar {
    noun: "send",
    doc: "A message, or many after a schedule.",
    keys: &[
        Key::required("name", Shape::Text, "Its unique name."),
        Key::optional("at", AT, "When it is sent."),
        Key::optional("schedule", Shape::Table(&SCHEDULE), "When its occurrences are sent."),
        Key::required("to", Shape::Table(&TO), "Whom it addresses."),
        Key::default("as", Shape::Text, "administrator", "The account that sends it."),
        Key::default(
            "on_refusal",
            Shape::Any(&[Shape::Word(&["drop"]), Shape::Table(&RETRIES)]),
            "drop",
            "What happens after a quota refusal (X7).",
        ),
        Key::required("title", Shape::Text, "At most 50 characters (R1)."),
        Key::required("body", Shape::Text, "At most 500 characters (R2)."),
        Key::optional("expiry", DURATION, "How long it is tried; left out, the gateway's."),
    ],
};

static TO: Grammar = Grammar {
    noun: "address",
    doc: "Groups, one device, or several devices one message each; exactly one of them.",
    keys: &[
        Key::optional("groups", Shape::Names, "At most 25 groups (R20)."),
        Key::optional("device", Shape::Text, "One device."),
        Key::optional("devices", SUBJECTS, "One message a device, in fleet order (X28)."),
    ],
};

static RETRIES: Grammar = Grammar {
    noun: "retries",
    doc: "Wait as the refusal says, then try again.",
    keys: &[Key::required("retry_after", Shape::Whole(0, 3), "How often, at most three times (X7).")],
};

static FAULT: Grammar = Grammar {
    noun: "fault",
    doc: "Something that goes wrong, in force from `at` until `for` is over.",
    keys: &[
        Key::required("name", Shape::Text, "Its unique name."),
        Key::required("kind", Shape::Word(&FAULT_KINDS), "What goes wrong."),
        Key::optional("at", AT, "When it begins."),
        Key::optional("after", Shape::Text, "The fault at whose end it begins, instead of `at`."),
        Key::optional("for", POSITIVE, "How long it lasts; left out, to the end."),
        Key::optional("every", POSITIVE, "How often it comes again; longer than `for`."),
        Key::default("ramp", DURATION, "0s", "How long the rate of a loss or duplicate fault grows from 0."),
        Key::optional("scope", Shape::Table(&SCOPE), "Whom it covers; left out, everybody."),
        Key::default(
            "mode",
            Shape::Word(&["hold", "refuse"]),
            "hold",
            "Whether an outage keeps what comes, or loses it.",
        ),
        Key::optional(
            "rate",
            Shape::Any(&[Shape::Ratio, Shape::Rate]),
            "Of loss and duplicate a ratio; of throttle a rate.",
        ),
        Key::optional("correlation", POSITIVE, "Of loss: the mean length of a burst."),
        Key::optional("delay", DIST, "Of delay and directory_lag: how much longer it takes."),
        Key::default(
            "may_touch_nothing",
            Shape::YesNo,
            "false",
            "A fault that touches nothing fails the run, unless this is true.",
        ),
    ],
};

/// Kinds of `[[fault]]`; the last two hit actors and are not available yet.
pub(crate) const FAULT_KINDS: [&str; 12] = [
    "outage",
    "loss",
    "delay",
    "duplicate",
    "throttle",
    "offline",
    "play_services_down",
    "permission_revoked",
    "app_removed",
    "directory_lag",
    "crash",
    "stall",
];

static SCOPE: Grammar = Grammar {
    noun: "scope",
    doc: "Whom a fault covers: every condition given must hold.",
    keys: &[
        Key::optional("tenant", Shape::YesNo, "The whole tenant; the same as no scope."),
        Key::optional("platform", COHORT_PLATFORMS, "Only this platform; ios does not include ipados (X28)."),
        Key::optional("cohort", Shape::Text, "Only this cohort."),
        Key::optional("labels", Shape::Map(&Shape::Text), "Only devices with these labels."),
        Key::optional("gateway", GATEWAYS, "Only the phones of this gateway."),
        Key::optional("devices", Shape::Names, "Only these devices."),
        Key::optional("pick", Shape::Ratio, "Only this share of the rest, drawn by the seed."),
    ],
};

static EXPECT: Grammar = Grammar {
    noun: "expectation",
    doc: "Something that must hold, or the run fails.",
    keys: &[
        Key::required("name", Shape::Text, "Its unique name."),
        Key::required("metric", Shape::Word(&METRICS), "What is measured."),
        Key::optional("where", Shape::Table(&WHERE), "What is counted."),
        Key::default(
            "within",
            Shape::Any(&[Shape::Word(&["end"]), DURATION]),
            "end",
            "Of reach: shown so soon after acceptance.",
        ),
        Key::required(
            "check",
            Shape::Text,
            "\">= 0.75\", \"p(95) < 5s\", \"max <= 25\", \"count == 5\", \"in [0.6, 0.8]\".",
        ),
        Key::default("during", Shape::Text, "always", "always, before, after, fault:NAME or recovery:NAME."),
    ],
};

/// Metrics of `[[expect]]`.
pub(crate) const METRICS: [&str; 9] =
    ["sends", "reach", "reach_eligible", "delivery", "journeys", "copies", "recovery_time", "fault_touched", "lag"];

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
pub(crate) const REASONS: [&str; 10] = [
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

static LIVE: Grammar = Grammar {
    noun: "live run",
    doc: "How the scenario is run live; none of it changes a fate.",
    keys: &[
        Key::default("speed", Shape::Any(&[Shape::Word(&["max"]), Shape::Speed]), "max", "Model seconds a second."),
        Key::default(
            "resident_actors_max",
            Shape::Whole(2, u32::MAX as u64),
            "20000",
            "Device and portal actors alive at once.",
        ),
        Key::default("shards", Shape::Whole(0, SHARDS_MAX), "0", "Shard actors; 0 for one a core."),
        Key::optional("lag_p99_max", POSITIVE, "The most that p99 of the lag may be, in wall time."),
        Key::default("metrics_listen", Shape::Text, "127.0.0.1:0", "Where /metrics listens; port 0 takes any."),
    ],
};
