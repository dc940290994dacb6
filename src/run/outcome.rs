//! The report's plain record, one published schema: counts are integers, so that merging is exact. Never a title or a body,
//! never a figure that is not in the books.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of this record; a key that changes its meaning raises it.
pub const SCHEMA_VERSION: u32 = 1;
/// The version of the model; a release that changes any digest raises it.
pub const MODEL_VERSION: u32 = 1;

/// Counts by a word of the report: a station, a cause, a form, a platform.
pub type Counts = BTreeMap<String, u64>;

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// The version of this record: 1.
    pub schema_version: u32,
    /// The scenario's name.
    pub scenario: String,
    /// 32 hex digits over the resolved scenario, without its seed.
    pub scenario_hash: String,
    /// The edition of the service: `intune-2019` or `intune-2025`.
    pub profile: String,
    /// The seed of all chance.
    pub seed: u64,
    /// What ran it.
    pub driver: Driver,
    /// The program's version.
    pub version: String,
    /// The model's version; results of different ones do not compare.
    pub model_version: u32,
    /// Model time that was run, in ms.
    pub model_duration_ms: u64,
    /// How long that took, in ms of wall time.
    pub wall_ms: u64,
    /// Devices of the fleet.
    pub devices: u64,
    /// Pairs of an accepted message and a targeted device.
    pub pairs: u64,
    /// Pairs for each second of wall time.
    pub pairs_per_second: u64,
    /// One entry for each occurrence of a send (and device, where it goes to single devices), in order of first attempts; or
    /// one for each send, if there are very many.
    pub messages: Vec<MessageLine>,
    /// Where the pairs are at the end.
    pub stations: Stations,
    /// Milliseconds from acceptance to display; null when nothing was shown.
    pub latency_ms: Option<Latency>,
    /// What happened in each model minute.
    pub series: Vec<MinuteLine>,
    /// What the two quotas let pass.
    pub quota: Quota,
    /// Notifications dismissed.
    pub dismissals: Dismissals,
    /// Shown pairs that another app on the phone could read (R64).
    pub exposed: u64,
    /// What each fault did, in file order.
    pub faults: Vec<FaultLine>,
    /// Actors that died and were replaced; null for the forecast, which has none.
    pub restarts: Option<RestartLine>,
    /// Sends that were issued more than 100 ms of wall time late.
    pub late_sends: u64,
    /// What was expected, in file order.
    pub expectations: Vec<ExpectationLine>,
    /// The assumptions that this scenario uses.
    pub assumptions: Vec<AssumptionLine>,
    /// Whether every pair was found again.
    pub conservation: Conservation,
    /// When events ran minus when they were due, in ms of wall time; null where nothing is due.
    pub lag_ms: Option<Lag>,
    /// The most memory that the process held, in bytes; null where it is not known.
    pub peak_rss_bytes: Option<u64>,
    /// 32 hex digits over the fate of every pair.
    pub digest: String,
    /// The command that runs this again.
    pub replay: String,
    /// The run was interrupted; everything here is of what was done until then.
    pub interrupted: bool,
    /// The model time of the interruption, in ms; null when there was none.
    pub interrupted_at_ms: Option<u64>,
}

/// What ran a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Driver {
    /// The actor engine.
    Actors,
    /// The fold over devices.
    Forecast,
}

impl Driver {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Actors => "actors",
            Self::Forecast => "forecast",
        }
    }
}

/// What became of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageOutcome {
    /// Taken in.
    Accepted,
    /// Turned down.
    Refused,
    /// Some of each; only in a summarised entry.
    Mixed,
}

impl MessageOutcome {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Mixed => "mixed",
        }
    }
}

/// One occurrence of a send, or a whole send where there are very many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MessageLine {
    /// The send's name.
    pub send: String,
    /// Which occurrence, from 0.
    pub occurrence: u32,
    /// `group` or `device`.
    pub kind: String,
    /// The single target, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The last outcome.
    pub outcome: MessageOutcome,
    /// Why it was refused; null if it was accepted.
    pub reason: Option<String>,
    /// Attempts, retries included.
    pub attempts: u64,
    /// When it was accepted, in ms; null if it was refused.
    pub accepted_at_ms: Option<u64>,
    /// When the quota that refused it has a slot again, in ms.
    pub next_slot_ms: Option<u64>,
    /// Pairs.
    pub audience: u64,
    /// Pairs by class.
    pub audience_by: AudienceBy,
    /// Pairs that are not skipped.
    pub eligible: u64,
    /// Pairs by station.
    pub stations: Counts,
    /// Pairs shown within a time from acceptance.
    pub reach: Reach,
    /// Milliseconds from acceptance to display; null when nothing was shown.
    pub latency_ms: Option<LatencyShort>,
    /// This entry sums all occurrences and devices of a send; then `occurrence` is 0 and times are null.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub summarised: bool,
    /// How many messages a summarised entry sums.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<u64>,
    /// How many of them were accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<u64>,
    /// How many of them were refused, by reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Counts>,
}

/// Pairs by why they belong to their message; the first that fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AudienceBy {
    /// Plainly a member, or the single target.
    pub member: u64,
    /// Reached by catch-up.
    pub late_joiner: u64,
    /// No longer a member in truth, still visible.
    pub stale_member: u64,
    /// Unenrolled in truth, still visible.
    pub stale_device: u64,
}

/// Pairs shown within a time from acceptance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reach {
    /// Within a minute.
    #[serde(rename = "1m")]
    pub one_minute: u64,
    /// Within a quarter of an hour.
    #[serde(rename = "15m")]
    pub fifteen_minutes: u64,
    /// Within an hour.
    #[serde(rename = "1h")]
    pub one_hour: u64,
    /// Within four hours.
    #[serde(rename = "4h")]
    pub four_hours: u64,
    /// Before the end.
    pub end: u64,
}

/// Where the pairs are at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Stations {
    /// All eight stations.
    pub overall: Counts,
    /// For each platform of the fleet, all eight stations.
    pub by_platform: BTreeMap<String, Counts>,
    /// For each cohort, all eight stations.
    pub by_cohort: BTreeMap<String, Counts>,
    /// `station/cause`, where there are such pairs; stations without a cause are absent.
    pub by_cause: Counts,
    /// Shown pairs by how they appeared, where there are such pairs.
    pub by_form: Counts,
}

/// A distribution of milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Latency {
    /// At least 50 % are no larger.
    pub p50: u64,
    /// At least 90 % are no larger.
    pub p90: u64,
    /// At least 95 % are no larger.
    pub p95: u64,
    /// At least 99 % are no larger.
    pub p99: u64,
    /// At least 99.9 % are no larger.
    pub p999: u64,
    /// The largest, exactly.
    pub max: u64,
    /// `[upper end in ms, count]` of each bucket that has samples, ascending.
    pub histogram: Vec<(u64, u64)>,
}

/// The figures of a message's distribution of milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LatencyShort {
    /// At least 50 % are no larger.
    pub p50: u64,
    /// At least 95 % are no larger.
    pub p95: u64,
    /// The largest, exactly.
    pub max: u64,
}

/// One model minute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MinuteLine {
    /// Which, from 0.
    pub minute: u64,
    /// Attempts to send that were accepted.
    pub accepted: u64,
    /// Attempts to send that were refused.
    pub refused: u64,
    /// Pairs shown.
    pub shown: u64,
    /// Pairs settled.
    pub settled: Settled,
    /// Pairs waiting at the minute's end.
    pub open: OpenBy,
    /// Notifications dismissed.
    pub dismissed: u64,
    /// The names of the faults in force at any moment of it.
    pub faults_in_force: Vec<String>,
}

/// Pairs settled in a minute, by station. Skipped ones that set out after all are taken back in the minute in which they do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Settled {
    /// Skipped, less those that set out after all.
    pub skipped: i64,
    /// Blocked.
    pub blocked: i64,
    /// Lost.
    pub lost: i64,
    /// Superseded.
    pub superseded: i64,
    /// Discarded.
    pub discarded: i64,
    /// Expired.
    pub expired: i64,
    /// Shown.
    pub shown: i64,
}

/// Pairs waiting, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenBy {
    /// For their turn at the gateway.
    pub capacity: i64,
    /// For the end of an outage.
    pub outage: i64,
    /// On the road.
    pub in_transit: i64,
    /// For the phone to come online.
    pub offline: i64,
    /// For a dozing phone's next window.
    pub doze: i64,
}

/// What the quotas let pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quota {
    /// Group messages: 25 an hour for the tenant (R40).
    pub group: QuotaLine,
    /// Single-device messages: 10 an hour for a device (R43).
    pub device: QuotaLine,
}

/// What a quota let pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QuotaLine {
    /// Messages accepted.
    pub accepted: u64,
    /// Attempts that this quota refused.
    pub refused: u64,
}

/// Notifications that their users dismissed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Dismissals {
    /// All of them.
    pub total: u64,
    /// For each platform of the fleet.
    pub by_platform: Counts,
}

/// What a fault did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FaultLine {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Pairs it touched; for `directory_lag` the changes it slowed.
    pub touched: u64,
    /// Touched pairs that still waited at the end.
    pub backlog_at_end: u64,
    /// From its end until the last touched pair had settled, in ms, 0 if that was earlier; null if it does not end within the
    /// run, or touched pairs still waited at the end.
    pub recovery_ms: Option<u64>,
    /// Whether that is as it should be.
    pub status: FaultStatus,
}

/// Whether a fault did what it is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultStatus {
    /// It touched something.
    Touched,
    /// It touched nothing, which fails the run.
    TouchedNothing,
    /// It touched nothing, and may.
    MayTouchNothing,
    /// It touched nothing until the run was interrupted.
    Interrupted,
    /// This driver has nothing that it could touch.
    NotApplicable,
}

/// Actors that died and were replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RestartLine {
    /// Device actors.
    pub device: u64,
    /// Portal actors.
    pub portal: u64,
    /// The longest time from a death to the first turn applied again, in µs of wall time.
    pub recovery_us_max: u64,
}

/// What was expected and what was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExpectationLine {
    /// Its name.
    pub name: String,
    /// The metric.
    pub metric: String,
    /// The check, as written.
    pub check: String,
    /// What was seen: a ratio, a count, or milliseconds; null when there was nothing to measure.
    pub observed: Option<f64>,
    /// The same for people.
    pub observed_text: String,
    /// Whether it held; nothing to measure is not ok.
    pub ok: bool,
}

/// An assumption that the scenario uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AssumptionLine {
    /// The scenario's key.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// Every pair is in exactly one station; if these sums differ, the program is wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Conservation {
    /// Are all sums equal?
    pub ok: bool,
    /// Pairs that were sent out.
    pub sent: u64,
    /// Pairs that were counted, by class.
    pub counted: u64,
    /// Pairs in the settled stations.
    pub settled: u64,
    /// Pairs waiting.
    pub waiting: u64,
    /// Pairs settled, added up over the minutes.
    pub settled_by_minute: i64,
    /// Pairs waiting, added up over the minutes.
    pub waiting_by_minute: i64,
}

/// Lag of the live engine, in ms of wall time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lag {
    /// At least 50 % are no larger.
    pub p50: u64,
    /// At least 95 % are no larger.
    pub p95: u64,
    /// At least 99 % are no larger.
    pub p99: u64,
    /// The largest.
    pub max: u64,
    /// The most that `p99` may be; null without a limit.
    pub p99_limit: Option<u64>,
}
