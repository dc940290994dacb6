//! The grammar of a scenario's fleet: generated users, cohorts, imports, named users and devices. Tables only.

use super::delivery_keys::{DIST, EXPORT_FILE, EXPORT_TEXT};
use super::parts::{Grammar, KeySpec, Shape};
use crate::rules::base::limits::DEVICES_MAX;
use crate::scenario::diagnostics::limits::{DEVICES_PER_USER_MAX, GAP_MIN_MS};

/// Words for platforms.
pub(crate) const COHORT_PLATFORMS: Shape = Shape::Word(&["ios", "ipados", "android", "macos", "windows"]);
/// Words for gateways.
pub(crate) const GATEWAYS: Shape = Shape::Word(&["apns", "fcm"]);

const LABELS: KeySpec = KeySpec::optional("labels", Shape::Map(&Shape::Text), "Labels, for scopes and conditions.");
const TIMEZONE: KeySpec = KeySpec::optional("timezone", Shape::Text, "Its local time, if not the scenario's.");

/// `[fleet]`.
pub(crate) static FLEET: Grammar = Grammar {
    noun: "fleet",
    doc: "Generated users and devices. Without users, devices, imports or counted cohorts there are 1,000 users with a device each.",
    keys: &[
        KeySpec::default(
            "users",
            Shape::Whole(0, DEVICES_MAX),
            "1000, or 0 where users or devices are named or imported",
            "Generated users.",
        ),
        KeySpec::default(
            "devices_per_user",
            Shape::Any(&[Shape::Whole(0, DEVICES_PER_USER_MAX), Shape::Map(&Shape::Ratio)]),
            "1",
            "Devices of each: a number, or shares by number such as { \"1\" = 0.6, \"2\" = 0.4 }.",
        ),
        KeySpec::optional("site", Shape::Tables(&SITE), "Places of generated users."),
        KeySpec::default("cohort", Shape::Tables(&COHORT), "half ios, half android", "Kinds of generated devices."),
        KeySpec::optional("defaults", Shape::Table(&DEFAULTS), "What cohorts and imports do not say themselves."),
        KeySpec::optional("import", Shape::Tables(&IMPORT), "Devices and users from an export."),
    ],
};

/// `[[user]]`.
pub(crate) static USER: Grammar = Grammar {
    noun: "user",
    doc: "A user by name. Devices of the user have these labels and this local time where they have none of their own.",
    keys: &[
        KeySpec::required("name", Shape::Text, "The unique name."),
        KeySpec::optional("site", Shape::Text, "The site: its labels and its local time."),
        LABELS,
        TIMEZONE,
    ],
};

/// `[[fleet.site]]`.
pub(crate) static SITE: Grammar = Grammar {
    noun: "site",
    doc: "A place of users. It has a group of its name, and its users and their devices have the label `site`. Generated \
          users follow each other in the order of the sites. Beside exports a site without `share` and `users` is one of \
          imported users alone.",
    keys: &[
        KeySpec::required("name", Shape::Text, "Its unique name, also that of the group of its users."),
        KeySpec::optional("share", Shape::Ratio, "Its share of the users that no count claims; shares are weights."),
        KeySpec::optional("users", Shape::Whole(0, DEVICES_MAX), "Exactly so many users, instead of a share."),
        TIMEZONE,
        KeySpec::optional("labels", Shape::Map(&Shape::Text), "Labels of its users and their devices."),
        KeySpec::optional(
            "offices",
            Shape::Any(&[Shape::Text, Shape::Names]),
            "Office locations of its imported users, beside its name; letter case and spaces are ignored.",
        ),
        KeySpec::optional(
            "cohorts",
            Shape::Map(&Shape::Ratio),
            "Shares of the cohorts among its devices, such as { ios = 0.7, android = 0.3 }; left out, those of the cohorts.",
        ),
    ],
};

/// Words for enrolments.
pub(crate) const ENROLLMENTS: [&str; 5] =
    ["personal_work_profile", "fully_managed", "corporate_work_profile", "dedicated", "aosp"];
/// Words for apps.
pub(crate) const APPS: [&str; 4] = ["company_portal", "intune", "both", "none"];
/// Words for lock screen settings.
pub(crate) const LOCK_SCREENS: [&str; 3] = ["full", "hidden", "off"];

const CHANCE: Shape = Shape::Any(&[Shape::Ratio, Shape::YesNo]);

/// Keys of a table from which devices are drawn: its own, followed by those of every trait.
macro_rules! drawn {
    ($($own:expr),* $(,)?) => {
        &[
            $($own,)*
            LABELS,
            TIMEZONE,
            KeySpec::assumed("enrolled", CHANCE, "100%", "Enrolled in MDM at the start (R29)."),
            KeySpec::assumed("enrolled_by_another", CHANCE, "0%", "Enrolled by another user than its own (R26)."),
            KeySpec::assumed(
                "enrollment",
                Shape::Any(&[Shape::Word(&ENROLLMENTS), Shape::Words(&ENROLLMENTS, &Shape::Ratio)]),
                "personal_work_profile",
                "How Android devices are enrolled (R28): a word, or shares by word.",
            ),
            KeySpec::assumed(
                "app",
                Shape::Any(&[Shape::Word(&APPS), Shape::Words(&APPS, &Shape::Ratio)]),
                "company_portal 92%, intune 5%, none 3%",
                "The app installed (R30): a word, or shares by word.",
            ),
            KeySpec::assumed("app_outdated", CHANCE, "5% on Android", "The app is too old for 2025 (R32)."),
            KeySpec::assumed("push_permission", CHANCE, "90%", "Notifications are allowed (R33)."),
            KeySpec::assumed("play_services", CHANCE, "95% on Android", "Google Play Services are there (R35)."),
            KeySpec::assumed("force_stopped", CHANCE, "1% on Android", "The app is force-stopped (R56)."),
            KeySpec::assumed("battery_restricted", CHANCE, "3% on Android", "Battery optimisation blocks the app (R55)."),
            KeySpec::assumed("notification_access", CHANCE, "10% on Android", "Another app may read notifications (R64)."),
            KeySpec::assumed("locked", CHANCE, "70%", "Found locked when a message arrives (R63)."),
            KeySpec::assumed("foreground", CHANCE, "1%", "The app is found open when a message arrives (R61, R62)."),
            KeySpec::assumed(
                "lock_screen",
                Shape::Any(&[Shape::Word(&LOCK_SCREENS), Shape::Words(&LOCK_SCREENS, &Shape::Ratio)]),
                "full 50%, hidden 40%, off 10%",
                "What the lock screen shows (R63): a word, or shares by word.",
            ),
            KeySpec::assumed(
                "presence",
                PRESENCE,
                "offline 15% of the time, gaps of 1h on average",
                "When the phone is online (X22).",
            ),
            KeySpec::assumed(
                "attention",
                ATTENTION,
                "lognormal, median 10m, p95 8h; never 10%",
                "When a notification is dismissed (R65, X27).",
            ),
        ]
    };
}

/// `[[fleet.cohort]]`.
pub(crate) static COHORT: Grammar = Grammar {
    noun: "cohort",
    doc: "A kind of generated devices: the same keys as a named device, with ratios and distributions.",
    keys: drawn![
        KeySpec::required("name", Shape::Text, "Its unique name."),
        KeySpec::optional("share", Shape::Ratio, "Its share of the devices that no count claims; shares are weights."),
        KeySpec::optional("devices", Shape::Whole(0, DEVICES_MAX), "Exactly so many devices, instead of a share."),
        KeySpec::required("platform", COHORT_PLATFORMS, "The platform."),
    ],
};

/// `[fleet.defaults]`.
static DEFAULTS: Grammar = Grammar {
    noun: "table of defaults",
    doc: "Keys that all cohorts and imports share; one that gives a key itself has its own value.",
    keys: drawn![],
};

/// `[[fleet.import]]`.
pub(crate) static IMPORT: Grammar = Grammar {
    noun: "import",
    doc: "Devices and users from an export: managedDevices of Graph (JSON), or the list of the admin centre (CSV). The other \
          keys, those of a cohort, say what the export does not.",
    keys: drawn![
        KeySpec::default("name", Shape::Text, "imported", "Its unique name, the cohort of its devices."),
        KeySpec::optional("site", Shape::Text, "The site of its users, and of devices without one."),
        KeySpec::optional("file", Shape::Text, EXPORT_FILE),
        KeySpec::optional("export", Shape::Text, EXPORT_TEXT),
    ],
};

const PRESENCE: Shape = Shape::Any(&[Shape::Word(&["online", "day_and_night"]), Shape::Table(&GAPS)]);
const ATTENTION: Shape = Shape::Any(&[Shape::Word(&["never"]), Shape::Duration(0), Shape::Table(&DISMISSAL)]);

static GAPS: Grammar = Grammar {
    noun: "presence",
    doc: "Offline for gaps of exponential length, online between them. `\"day_and_night\"` is { offline = \"15%\", gap = \"1h\", night = { from = \"23:00\", to = \"07:00\", offline = \"40%\", gap = \"4h\" } } (assumed).",
    keys: &[
        KeySpec::required("offline", Shape::Ratio, "The share of time offline."),
        KeySpec::default("gap", Shape::Duration(GAP_MIN_MS), "1h", "The mean length of a gap."),
        KeySpec::optional("night", Shape::Table(&NIGHT), "Other gaps at night."),
    ],
};

static NIGHT: Grammar = Grammar {
    noun: "night",
    doc: "Other gaps between two local times.",
    keys: &[
        KeySpec::required("from", Shape::TimeOfDay, "When the night begins, local time."),
        KeySpec::required("to", Shape::TimeOfDay, "When it ends; it may span midnight."),
        KeySpec::required("offline", Shape::Ratio, "The share of the night offline."),
        KeySpec::optional("gap", Shape::Duration(GAP_MIN_MS), "The mean length of a gap; left out, the day's."),
    ],
};

static DISMISSAL: Grammar = Grammar {
    noun: "attention",
    doc: "When a notification is dismissed: a distribution, and the share that is never dismissed.",
    keys: &[
        KeySpec::optional("never", Shape::Ratio, "The share that is never dismissed."),
        KeySpec::optional("median", Shape::Duration(0), "Half of the rest are dismissed sooner."),
        KeySpec::optional("p95", Shape::Duration(0), "95 of 100 of the rest are dismissed sooner."),
        KeySpec::optional("after", DIST, "Any distribution, instead of median and p95."),
        KeySpec::optional("asleep", Shape::Table(&ASLEEP), "When its user sleeps: that time does not count."),
    ],
};

static ASLEEP: Grammar = Grammar {
    noun: "asleep",
    doc: "The hours between two local times in which nothing is dismissed.",
    keys: &[
        KeySpec::required("from", Shape::TimeOfDay, "When its user falls asleep, local time."),
        KeySpec::required("to", Shape::TimeOfDay, "When its user is awake again; it may be the next day."),
    ],
};

/// `[[device]]`.
pub(crate) static DEVICE: Grammar = Grammar {
    noun: "device",
    doc: "A device by name; a key left out has the sure value.",
    keys: &[
        KeySpec::required("name", Shape::Text, "Its unique name."),
        KeySpec::optional("user", Shape::Text, "Its user, if it has one."),
        KeySpec::required("platform", COHORT_PLATFORMS, "The platform."),
        LABELS,
        TIMEZONE,
        KeySpec::default("enrolled", Shape::YesNo, "true", "Enrolled in MDM at the start (R29)."),
        KeySpec::optional("enrolled_by", Shape::Text, "Who enrolled it; left out, its user (R26)."),
        KeySpec::default(
            "enrollment",
            Shape::Word(&ENROLLMENTS),
            "personal_work_profile",
            "How an Android device is enrolled (R28).",
        ),
        KeySpec::default("app", Shape::Word(&APPS), "company_portal", "The app installed (R30)."),
        KeySpec::default("app_outdated", Shape::YesNo, "false", "The app is too old for 2025 (R32)."),
        KeySpec::default("push_permission", Shape::YesNo, "true", "Notifications are allowed (R33)."),
        KeySpec::default("play_services", Shape::YesNo, "true", "Google Play Services are there (R35)."),
        KeySpec::default("force_stopped", Shape::YesNo, "false", "The app is force-stopped (R56)."),
        KeySpec::default("battery_restricted", Shape::YesNo, "false", "Battery optimisation blocks the app (R55)."),
        KeySpec::default("notification_access", Shape::YesNo, "false", "Another app may read notifications (R64)."),
        KeySpec::default("locked", Shape::YesNo, "false", "Locked (R63)."),
        KeySpec::default("foreground", Shape::YesNo, "false", "The app is open (R61, R62)."),
        KeySpec::default("lock_screen", Shape::Word(&LOCK_SCREENS), "full", "What the lock screen shows (R63)."),
        KeySpec::default("presence", PRESENCE, "online", "When the phone is online (X22)."),
        KeySpec::default("attention", ATTENTION, "never", "When a notification is dismissed (R65, X27)."),
    ],
};
