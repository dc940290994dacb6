//! The grammar of events: schedules, changes, sends, faults. Tables only.

use super::delivery_keys::DIST;
use super::fleet_keys::{COHORT_PLATFORMS, GATEWAYS};
use super::parts::{Grammar, KeySpec, Shape};

const DURATION: Shape = Shape::Duration(0);
const POSITIVE: Shape = Shape::Duration(1);

const AT: Shape = Shape::Any(&[DURATION, Shape::Table(&LOCAL)]);
const SENT_AT: Shape = Shape::Any(&[DURATION, Shape::Table(&LOCAL_OF_SITES)]);

/// The keys of a local time: these, followed by others.
macro_rules! local {
    ($($more:expr),* $(,)?) => {
        &[
            KeySpec::required("local", Shape::TimeOfDay, "Hours and minutes, \"22:30\"."),
            KeySpec::optional("timezone", Shape::Text, "The time zone that it is a local time of, if not the scenario's."),
            $($more,)*
        ]
    };
}

static LOCAL: Grammar = Grammar {
    noun: "local time",
    doc: "The next such local time at or after the start. One that daylight saving leaves out goes when the clock is put forward.",
    keys: local![],
};

static LOCAL_OF_SITES: Grammar = Grammar {
    noun: "local time of a send",
    doc: "The next such local time at or after the start, of one time zone or of each site's.",
    keys: local![KeySpec::optional(
        "zone",
        Shape::Word(&["each"]),
        "One send for each time zone of the sites addressed, at its local time, named SEND:ZONE; each counts against the \
         tenant's quota (R40).",
    )],
};

const ARRIVALS: KeySpec = KeySpec::default(
    "arrivals",
    Shape::Word(&["regular", "poisson"]),
    "regular",
    "Evenly spaced, or at random with the same rate.",
);

static SCHEDULE: Grammar = Grammar {
    noun: "schedule",
    doc: "Several times: { from, every, count }, { from, for, rate } or { from, stages }.",
    keys: &[
        KeySpec::default("from", AT, "0s", "The first."),
        KeySpec::optional("every", POSITIVE, "The distance from one to the next."),
        KeySpec::optional("count", Shape::Whole(1, u64::MAX), "How many."),
        KeySpec::optional("for", POSITIVE, "How long the rate holds."),
        KeySpec::optional("rate", Shape::Rate, "How many per unit of time."),
        KeySpec::optional("stages", Shape::Tables(&STAGE), "Rates one after the other."),
        ARRIVALS,
    ],
};

static STAGE: Grammar = Grammar {
    noun: "stage",
    doc: "A rate for a while.",
    keys: &[
        KeySpec::required("for", POSITIVE, "How long."),
        KeySpec::required("rate", Shape::Rate, "How many per unit of time; 0 is a pause."),
    ],
};

const SUBJECTS: Shape = Shape::Any(&[Shape::Word(&["all"]), Shape::Names, Shape::Table(&SAMPLE)]);

static SAMPLE: Grammar = Grammar {
    noun: "sample",
    doc: "Some, drawn by the seed.",
    keys: &[KeySpec::required("sample", Shape::Whole(1, u64::MAX), "How many.")],
};

/// `[[change]]`.
pub(crate) static CHANGE: Grammar = Grammar {
    noun: "change",
    doc: "A change in the directory or on phones.",
    keys: &[
        KeySpec::required("name", Shape::Text, "Its unique name."),
        KeySpec::required(
            "kind",
            Shape::Word(&CHANGE_KINDS),
            "What happens; the first four have a directory lag (X11, R67).",
        ),
        KeySpec::optional("at", AT, "When it happens, to all at once."),
        KeySpec::optional(
            "schedule",
            Shape::Table(&SCHEDULE),
            "When it happens, to one after the other in the order listed (X11).",
        ),
        KeySpec::optional("group", Shape::Text, "The group that is joined or left."),
        KeySpec::optional(
            "users",
            SUBJECTS,
            "The users that change; for anything but join and leave, all their devices.",
        ),
        KeySpec::optional("devices", SUBJECTS, "Which devices it happens to."),
    ],
};

/// Kinds of `[[change]]`.
const CHANGE_KINDS: [&str; 10] = [
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

/// `[[send]]`.
pub(crate) static SEND: Grammar = Grammar {
    noun: "send",
    doc: "A message, or many after a schedule.",
    keys: &[
        KeySpec::required("name", Shape::Text, "Its unique name."),
        KeySpec::optional("at", SENT_AT, "When it is sent."),
        KeySpec::optional("schedule", Shape::Table(&SCHEDULE), "When its occurrences are sent."),
        KeySpec::required("to", Shape::Table(&TO), "Its recipients."),
        KeySpec::default("as", Shape::Text, "administrator", "The account that sends it (R10, R11)."),
        KeySpec::default(
            "on_refusal",
            Shape::Any(&[Shape::Word(&["drop"]), Shape::Table(&RETRIES)]),
            "drop",
            "What happens after a quota refusal (X7).",
        ),
        KeySpec::required("title", Shape::Text, "At most 50 characters (R1)."),
        KeySpec::required("body", Shape::Text, "At most 500 characters (R2)."),
        KeySpec::optional("expiry", DURATION, "How long it is tried; left out, the gateway's (R52, X23)."),
    ],
};

static TO: Grammar = Grammar {
    noun: "address",
    doc: "Groups, sites, one device, or several devices one message each; exactly one of them.",
    keys: &[
        KeySpec::optional("groups", Shape::Names, "At most 25 groups (R20)."),
        KeySpec::optional(
            "site",
            Shape::Any(&[Shape::Text, Shape::Names]),
            "One site, a list of sites, or \"all\" of them: the groups of these names.",
        ),
        KeySpec::optional("device", Shape::Text, "One device."),
        KeySpec::optional("devices", SUBJECTS, "One message a device, in fleet order (X28)."),
    ],
};

static RETRIES: Grammar = Grammar {
    noun: "retries",
    doc: "Wait as the refusal says, then try again.",
    keys: &[KeySpec::required("retry_after", Shape::Whole(0, 3), "How often, at most three times (X7).")],
};

/// `[[fault]]`.
pub(crate) static FAULT: Grammar = Grammar {
    noun: "fault",
    doc: "Something that goes wrong, in force from `at` until `for` is over.",
    keys: &[
        KeySpec::required("name", Shape::Text, "Its unique name."),
        KeySpec::required("kind", Shape::Word(&FAULT_KINDS), "What goes wrong."),
        KeySpec::optional("at", AT, "When it begins (X1)."),
        KeySpec::optional("after", Shape::Text, "The fault at whose end it begins, instead of `at` (X1)."),
        KeySpec::optional("for", POSITIVE, "How long it lasts; left out, to the end (X1)."),
        KeySpec::optional("every", POSITIVE, "How often it comes again; longer than `for` (X1)."),
        KeySpec::default("ramp", DURATION, "0s", "How long a rate that is a ratio grows from 0 (X1)."),
        KeySpec::optional("scope", Shape::Table(&SCOPE), "The devices that it covers; left out, all."),
        KeySpec::default(
            "mode",
            Shape::Word(&["hold", "refuse"]),
            "hold",
            "Whether an outage keeps what comes, or loses it (X19, X20).",
        ),
        KeySpec::optional(
            "rate",
            Shape::Any(&[Shape::Ratio, Shape::Rate]),
            "Of loss, duplicate, crash and stall a ratio; of throttle a rate. Of crash and stall: the actors hit in each minute.",
        ),
        KeySpec::optional("correlation", POSITIVE, "Of loss: the mean length of a burst."),
        KeySpec::optional(
            "delay",
            DIST,
            "Of delay and directory_lag: how much longer it takes; of stall: how long an actor sleeps, at most 1m.",
        ),
        KeySpec::optional(
            "actors",
            Shape::Word(&["device", "portal", "shard"]),
            "Of crash and stall: which actors; left out, a phone's two: device and portal.",
        ),
        KeySpec::default(
            "may_touch_nothing",
            Shape::YesNo,
            "false",
            "A fault that touches nothing fails the run, unless this is true (X25).",
        ),
    ],
};

/// Kinds of `[[fault]]`; the last two hit actors, and no pair.
const FAULT_KINDS: [&str; 12] = [
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
    doc: "The devices that a fault covers: every condition given must hold.",
    keys: &[
        KeySpec::optional("tenant", Shape::YesNo, "The whole tenant; the same as no scope."),
        KeySpec::optional("platform", COHORT_PLATFORMS, "Only this platform; ios does not include ipados (X28)."),
        KeySpec::optional("cohort", Shape::Text, "Only this cohort."),
        KeySpec::optional("labels", Shape::Map(&Shape::Text), "Only devices with these labels."),
        KeySpec::optional("gateway", GATEWAYS, "Only the phones of this gateway."),
        KeySpec::optional("devices", Shape::Names, "Only these devices."),
        KeySpec::optional("pick", Shape::Ratio, "Only this share of the rest, drawn by the seed."),
    ],
};
