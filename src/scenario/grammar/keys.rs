//! The grammar of a scenario: its top level, groups, accounts and live settings. Tables only.

use super::delivery_keys::{DELIVERY, DIRECTORY, EXPORT_TEXT};
use super::expect_keys::EXPECT;
use super::fleet_keys::{DEVICE, FLEET, USER};
use super::parts::{Grammar, KeySpec, Shape};
use super::timeline_keys::{CHANGE, FAULT, SEND};
use crate::rules::model::baseline_limits::COMPARED_FIGURES;
use crate::scenario::diagnostics::limits::SHARDS_MAX;

const ANY_WHOLE: Shape = Shape::Whole(0, u64::MAX);
const POSITIVE: Shape = Shape::Duration(1);

/// The whole file.
pub(crate) static SCENARIO: Grammar = Grammar {
    noun: "scenario",
    doc: "A scenario: a tenant's fleet, what is sent to it, and what goes wrong.",
    keys: &[
        KeySpec::required("schema", Shape::Whole(1, 1), "The version of this language: 1."),
        KeySpec::required("name", Shape::Text, "The scenario's name, for reports."),
        KeySpec::default("seed", ANY_WHOLE, "1", "All chance comes from it: the same seed, the same result."),
        KeySpec::default(
            "start",
            Shape::Moment,
            "2026-01-05T06:00:00Z",
            "Model time zero; without an offset it is local time.",
        ),
        KeySpec::default(
            "timezone",
            Shape::Text,
            "UTC",
            "Local time: \"UTC\", \"+01:00\" or a name such as \"Europe/Paris\".",
        ),
        KeySpec::default(
            "domain",
            Shape::Text,
            "reveille.example",
            "The tenant's domain: of user principal names, and by which sign-in may name the tenant.",
        ),
        KeySpec::required("duration", POSITIVE, "How long the run lasts; what is due at its end does not happen (X3)."),
        KeySpec::default(
            "profile",
            Shape::Word(&["intune-2019", "intune-2025"]),
            "intune-2019",
            "Which edition of the service is emulated.",
        ),
        KeySpec::optional("include", Shape::Names, "Files to merge below this one, relative to it."),
        KeySpec::optional("service", Shape::Table(&SERVICE), "Assumptions about the service."),
        KeySpec::optional("fleet", Shape::Table(&FLEET), "Generated users and devices."),
        KeySpec::optional("user", Shape::Tables(&USER), "Named users."),
        KeySpec::optional("device", Shape::Tables(&DEVICE), "Named devices."),
        KeySpec::optional("group", Shape::Tables(&GROUP), "Groups; \"All users\" is built in."),
        KeySpec::optional("account", Shape::Tables(&ACCOUNT), "Who sends; \"administrator\" is built in."),
        KeySpec::optional("delivery", Shape::Table(&DELIVERY), "The two gateways."),
        KeySpec::optional(
            "directory",
            Shape::Table(&DIRECTORY),
            "Users and groups from exports, and how fast changes are seen.",
        ),
        KeySpec::optional("change", Shape::Tables(&CHANGE), "Changes in the directory and on phones."),
        KeySpec::optional("send", Shape::Tables(&SEND), "Messages: text, times, recipients and account."),
        KeySpec::optional("fault", Shape::Tables(&FAULT), "What goes wrong."),
        KeySpec::optional("expect", Shape::Tables(&EXPECT), "What must hold, or the run fails."),
        KeySpec::optional("report", Shape::Table(&REPORT), "What reports tell."),
        KeySpec::optional("baseline", Shape::Table(&BASELINE), "How much worse than a former report it may be."),
        KeySpec::optional("live", Shape::Table(&LIVE), "How it is run live; none of it changes a fate."),
    ],
};

/// `[service]`.
pub(crate) static SERVICE: Grammar = Grammar {
    noun: "service",
    doc: "Assumptions about undocumented behaviour of the service.",
    keys: &[
        KeySpec::assumed(
            "character",
            Shape::Word(&["utf16", "scalar"]),
            "utf16",
            "How characters are counted: UTF-16 code units, or Unicode scalar values (R4).",
        ),
        KeySpec::assumed(
            "blank_text",
            Shape::Word(&["refused", "accepted"]),
            "refused",
            "What becomes of a message whose title or body is empty or only white space (R5).",
        ),
        KeySpec::assumed(
            "group_slots",
            Shape::Word(&["message", "group"]),
            "message",
            "What takes a slot of the tenant's 25 an hour: a message to groups, or each group that it addresses (R42).",
        ),
        KeySpec::assumed(
            "device_quota",
            Shape::Word(&["single", "all"]),
            "single",
            "What counts toward a device's 10 an hour: messages to it alone, or those to groups too, which are never held \
             back (R44).",
        ),
        KeySpec::assumed(
            "quota_hour",
            Shape::Word(&["sliding", "clock"]),
            "sliding",
            "The hour of both quotas: the one before each moment, or from one whole hour of UTC to the next (R45).",
        ),
        KeySpec::assumed(
            "refused_attempt",
            Shape::Word(&["free", "counted"]),
            "free",
            "Whether an attempt that a quota refuses takes slots of it all the same (R46).",
        ),
        KeySpec::assumed(
            "retry_hint",
            Shape::Word(&["told", "withheld"]),
            "told",
            "Whether a refusal by a quota tells when to try again; if not, a retry waits for an hour (R47).",
        ),
    ],
};

static GROUP: Grammar = Grammar {
    noun: "group",
    doc: "A group of users; groups nest, devices in it are legal and ignored (R20-R25).",
    keys: &[
        KeySpec::required("name", Shape::Text, "Its unique name."),
        KeySpec::optional(
            "users",
            Shape::Any(&[Shape::Word(&["all"]), Shape::Names, Shape::Table(&MEMBERS)]),
            "Its direct members at the start (R22).",
        ),
        KeySpec::optional(
            "file",
            Shape::Text,
            "An export of its members instead of `users`, relative to this file: groups/{id}/members of Graph (JSON), or \
             `Download members` of the Entra admin centre (CSV).",
        ),
        KeySpec::optional("export", Shape::Text, EXPORT_TEXT),
        KeySpec::optional("groups", Shape::Names, "Groups nested in it; cycles are harmless (R22)."),
        KeySpec::optional("devices", Shape::Names, "Devices in it; they are ignored (R23)."),
    ],
};

static MEMBERS: Grammar = Grammar {
    noun: "members",
    doc: "Members of a group: the users that every filter lets pass, and of these a share, a range or a sample.",
    keys: &[
        KeySpec::optional(
            "site",
            Shape::Any(&[Shape::Text, Shape::Names]),
            "Only users of this site, or of one of these.",
        ),
        KeySpec::optional("labels", Shape::Map(&Shape::Text), "Only users with all these labels."),
        KeySpec::optional(
            "cohort",
            Shape::Any(&[Shape::Text, Shape::Names]),
            "Only users with a device of this cohort, or of one of these.",
        ),
        KeySpec::optional("share", Shape::Ratio, "Each user with this chance."),
        KeySpec::optional("sample", ANY_WHOLE, "Exactly so many users, drawn by the seed."),
        KeySpec::optional("from", ANY_WHOLE, "The first of a range of users, counted from 0 among all."),
        KeySpec::optional("to", ANY_WHOLE, "The first after the range."),
    ],
};

static ACCOUNT: Grammar = Grammar {
    noun: "account",
    doc: "An account that sends (R10-R15).",
    keys: &[
        KeySpec::required("name", Shape::Text, "Its unique name."),
        KeySpec::optional(
            "permissions",
            Shape::Any(&[Shape::Names]),
            "organization.read, organization.update, managed_devices.read, remote_tasks.send_custom_notifications (R10, R11, R13).",
        ),
        KeySpec::optional(
            "role",
            Shape::Word(&["Help Desk Operator", "Tenant administrator"]),
            "A built-in role; its permissions add to those listed (R14).",
        ),
        KeySpec::optional("scope_groups", Shape::Names, "Groups inside which it may send; left out, anywhere (R15)."),
    ],
};

static REPORT: Grammar = Grammar {
    noun: "report",
    doc: "What reports tell; none of it changes a fate.",
    keys: &[KeySpec::default(
        "windows",
        Shape::Names,
        "1m, 15m, 1h, 4h",
        "Until when reach is told: durations after acceptance, such as \"15m\", or times of day, such as \"08:00\": the first \
         after acceptance in each device's local time.",
    )],
};

static BASELINE: Grammar = Grammar {
    noun: "baseline",
    doc: "How much worse figures may be than in the report of `--baseline`; none of it changes a fate.",
    keys: &[
        KeySpec::optional(
            "max_regression",
            Shape::Ratio,
            "For figures without a limit of their own; `--max-regression` precedes it. Left out, 5% for a report of one run, and \
             what the seeds of a report of many allow.",
        ),
        KeySpec::optional("limit", Shape::Tables(&FIGURE_LIMIT), "Limits of single figures."),
    ],
};

static FIGURE_LIMIT: Grammar = Grammar {
    noun: "limit",
    doc: "How much worse one figure may be.",
    keys: &[
        KeySpec::required(
            "name",
            Shape::Word(&FIGURE_NAMES),
            "A figure as reports name it, or all of a kind: `reach`, `pairs` or `latency`.",
        ),
        KeySpec::optional(
            "max_regression",
            Shape::Ratio,
            "Reach and latency: a share of the former value. Pairs: a share of all pairs.",
        ),
        KeySpec::optional(
            "ignore",
            Shape::Any(&[Shape::Ratio, Shape::Duration(0)]),
            "A change of at most so much is none: a ratio of all pairs for reach and pairs, a duration for latencies.",
        ),
    ],
};

/// Every figure that reports compare, after the kinds.
const FIGURE_NAMES: [&str; 3 + COMPARED_FIGURES.len()] = {
    let mut names = ["reach"; 3 + COMPARED_FIGURES.len()];
    (names[1], names[2]) = ("pairs", "latency");
    let mut at = 0;
    while at < COMPARED_FIGURES.len() {
        names[3 + at] = COMPARED_FIGURES[at];
        at += 1;
    }
    names
};

static LIVE: Grammar = Grammar {
    noun: "live run",
    doc: "How the scenario is run live; none of it changes a fate.",
    keys: &[
        KeySpec::default("speed", Shape::Any(&[Shape::Word(&["max"]), Shape::Speed]), "max", "Model seconds a second."),
        KeySpec::default(
            "resident_actors_max",
            Shape::Whole(2, u32::MAX as u64),
            "20000",
            "Device and portal actors alive at once.",
        ),
        KeySpec::default(
            "shards",
            Shape::Whole(0, SHARDS_MAX),
            "0",
            "Shard actors, each with a thread for itself and its phones; 0 for one a core.",
        ),
        KeySpec::optional("lag_p99_max", POSITIVE, "The most that p99 of the lag may be, in wall time."),
        KeySpec::default("metrics_listen", Shape::Text, "127.0.0.1:0", "Where /metrics listens; port 0 takes any."),
    ],
};
