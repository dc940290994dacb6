//! The grammar of delivery: gateways, directory, distributions of durations. Tables only.

use super::parts::{Grammar, KeySpec, Shape};
use crate::scenario::diagnostics::limits::STORED_MAX;

const DURATION: Shape = Shape::Duration(0);

/// `[delivery]`.
pub(crate) static DELIVERY: Grammar = Grammar {
    noun: "delivery",
    doc: "The two gateways.",
    keys: &[
        KeySpec::optional("apns", Shape::Table(&APNS), "Apple Push Notification service."),
        KeySpec::optional("fcm", Shape::Table(&FCM), "Firebase Cloud Messaging."),
    ],
};

const CAPACITY: Shape = Shape::Any(&[Shape::Word(&["none"]), Shape::Rate]);
const STORED: Shape = Shape::Whole(0, STORED_MAX);
const RETRY: KeySpec = KeySpec::assumed(
    "retry",
    DIST,
    "uniform, 0s to 60s",
    "How long after the end of a holding outage a copy leaves (X20).",
);
const LOSS: KeySpec =
    KeySpec::assumed("loss", Shape::Ratio, "0.2%", "The share that the gateway loses by itself (X19).");
const EXPIRY: KeySpec =
    KeySpec::default("expiry", DURATION, "28d", "How long a message is tried, if the send does not say (R52).");

/// APNs.
pub(crate) static APNS: Grammar = Grammar {
    noun: "gateway",
    doc: "Apple Push Notification service: it stores the newest message for an offline phone (R53).",
    keys: &[
        KeySpec::assumed(
            "latency",
            DIST,
            "lognormal, median 600ms, p95 2s",
            "How long a copy travels to the phone (X22).",
        ),
        LOSS,
        KeySpec::default("capacity", CAPACITY, "none", "Copies it takes on per unit of time (T4, X18)."),
        KeySpec::default("stored", STORED, "1", "Messages stored for an offline phone (R53)."),
        EXPIRY,
        RETRY,
    ],
};

/// FCM.
pub(crate) static FCM: Grammar = Grammar {
    noun: "gateway",
    doc: "Firebase Cloud Messaging: it stores 100 messages for an offline phone, and discards all at one more (R54).",
    keys: &[
        KeySpec::assumed(
            "latency",
            DIST,
            "lognormal, median 1s500ms, p95 6s",
            "How long a copy travels to the phone (X22).",
        ),
        LOSS,
        KeySpec::default("capacity", CAPACITY, "600000/min", "Copies it takes on per unit of time (R57, T4)."),
        KeySpec::default("stored", STORED, "100", "Messages stored for an offline phone (R54)."),
        EXPIRY,
        RETRY,
        KeySpec::default(
            "priority",
            Shape::Word(&["high", "normal"]),
            "high",
            "Only normal waits for a dozing phone (R55).",
        ),
        KeySpec::assumed(
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
        KeySpec::optional(
            "kind",
            Shape::Word(&["lognormal", "exponential", "uniform"]),
            "Its name; the other keys already say it.",
        ),
        KeySpec::optional("median", DURATION, "Half are shorter."),
        KeySpec::optional("p95", DURATION, "95 of 100 are shorter."),
        KeySpec::optional("mean", DURATION, "The mean of an exponential distribution."),
        KeySpec::optional(
            "quantiles",
            Shape::Map(&DURATION),
            "Durations by share: { \"0.5\" = \"1s\", \"0.99\" = \"9s\" }, straight lines between.",
        ),
        KeySpec::optional("from", DURATION, "The shortest of a uniform distribution."),
        KeySpec::optional("to", DURATION, "The longest of a uniform distribution."),
    ],
};

/// What `file` of an export is.
pub(crate) const EXPORT_FILE: &str = "The export, relative to this file; it ends in .json, .ndjson, .csv or .tsv.";
/// What `export` is.
pub(crate) const EXPORT_TEXT: &str =
    "The export itself as CSV, instead of a file: what leaves the machine with a part.";

/// `[directory]`.
pub(crate) static DIRECTORY: Grammar = Grammar {
    noun: "directory",
    doc: "The tenant's directory: users and groups from exports, and how changes of it become visible (R36, R37).",
    keys: &[
        KeySpec::optional("users", Shape::Tables(&DIRECTORY_USERS), "What exports tell of users."),
        KeySpec::optional("groups", Shape::Tables(&DIRECTORY_GROUPS), "Groups from exports, with their members."),
        KeySpec::assumed(
            "lag",
            DIST,
            "lognormal, median 5m, p95 2h",
            "How long a change takes to be visible to the sender (R36, X11).",
        ),
        KeySpec::assumed("catch_up", DURATION, "15m", "How long after a send its joiners still get it (R37)."),
    ],
};

/// `[[directory.users]]`.
static DIRECTORY_USERS: Grammar = Grammar {
    noun: "export of users",
    doc: "Users from an export: users of Graph (JSON), `Download users` of the Entra admin centre or Get-MgUser with \
          Export-Csv (CSV). They are joined to those of `[[fleet.import]]` by user principal name or id, and have the \
          labels `department`, `office`, `city`, `country` and `usage_location`. A user is at the site that lists the \
          office location among its `offices`, or has its name. Users without a device are members of groups too.",
    keys: &[
        KeySpec::optional("name", Shape::Text, "Its unique name, by which `--set` finds it."),
        KeySpec::optional("file", Shape::Text, EXPORT_FILE),
        KeySpec::optional("export", Shape::Text, EXPORT_TEXT),
        KeySpec::default(
            "device_labels",
            Shape::Names,
            "all five",
            "Which of these labels the users' devices have too, for reports, scopes and expectations.",
        ),
    ],
};

/// `[[directory.groups]]`.
static DIRECTORY_GROUPS: Grammar = Grammar {
    noun: "export of groups",
    doc: "Groups from an export: groups?$expand=members of Graph (JSON), or a line for each member with the columns \
          `groupName` and `userPrincipalName` or `id` (CSV). Nested groups are members by their ids. A group whose name is \
          taken is called `NAME (ID)`.",
    keys: &[
        KeySpec::optional("name", Shape::Text, "Its unique name, by which `--set` finds it."),
        KeySpec::optional("file", Shape::Text, EXPORT_FILE),
        KeySpec::optional("export", Shape::Text, EXPORT_TEXT),
    ],
};
