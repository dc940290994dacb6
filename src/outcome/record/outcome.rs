//! The report's plain record, one published schema: counts are integers, so that merging is exact. Must not contain a
//! title or a body, nor a figure that is not in the totals.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::baseline::BaselineLine;
use super::contrast::ContrastLine;
use super::faults::FaultLine;
use super::lag::Lag;
use super::messages::MessageLine;
use super::reach::ReachByWindow;
use super::series::MinuteLine;
use crate::rules::model::caution::Caution;

/// The version of this record; raised when a key changes its meaning.
pub const SCHEMA_VERSION: u32 = 1;
/// The version of the model; raised by a release that changes any digest.
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
    /// Model time zero, in ms since 1970-01-01T00:00:00Z.
    pub start_unix_ms: i64,
    /// The same in the scenario's local time: `Mon 06:00`.
    #[serde(default)]
    pub start_local: String,
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
    /// Thousandths of a model second per second of wall time at which it was to run; 0 for as fast as the machine goes.
    pub speed_thousandths: u64,
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
    /// Shown pairs by window of reach.
    #[serde(default)]
    pub reach: ReachByWindow,
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
    /// What would have been without the faults that were asked about, each alone and then all together; absent if none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without: Option<Vec<ContrastLine>>,
    /// Actors that died and were replaced; null for the forecast, which has none.
    pub restarts: Option<RestartLine>,
    /// Sends that were issued more than 100 ms of wall time late.
    pub late_sends: u64,
    /// What was expected, in file order.
    pub expectations: Vec<ExpectationLine>,
    /// A former report that this run was compared with; absent if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineLine>,
    /// Warnings of the scenario that bear on these figures; absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<WarningLine>,
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
    /// The expectation with `abort` that could no longer hold and so ended the run; absent if none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aborted_by: Option<String>,
    /// The model time up to which everything here goes, in ms, when the actors or the plan of a forecast were interrupted;
    /// null otherwise, also when a forecast was interrupted among the lives of its devices.
    pub interrupted_at_ms: Option<u64>,
    /// Devices whose whole lives are counted here, of a forecast: all of them, unless it was interrupted. Null for the
    /// actors, which process all devices together.
    pub devices_done: Option<u64>,
}

/// What ran a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Driver {
    /// The actor engine.
    Actors,
    /// The fold over devices.
    Forecast,
}

impl Driver {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
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
    /// For each site, all eight stations.
    #[serde(default)]
    pub by_site: BTreeMap<String, Counts>,
    /// For each label and value but sites, as `LABEL=VALUE`, all eight stations.
    #[serde(default)]
    pub by_label: BTreeMap<String, Counts>,
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

/// What the quotas let pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quota {
    /// Group messages: 25 an hour for the tenant (R40).
    pub group: QuotaLine,
    /// Single-device messages: 10 an hour for a device (R43).
    pub device: QuotaLine,
    /// What an hour is to both.
    #[serde(default)]
    pub hour: QuotaHour,
}

/// What an hour is to a quota (R45).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuotaHour {
    /// The hour before each moment.
    #[default]
    Sliding,
    /// From one whole hour of UTC to the next.
    Clock,
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

/// Actors that died and were replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RestartLine {
    /// Device actors.
    pub device: u64,
    /// Portal actors.
    pub portal: u64,
    /// Shard actors; the actors of phones that go with them are not counted.
    #[serde(default)]
    pub shard: u64,
    /// The longest time from a death to the first turn applied again, in µs of wall time.
    pub recovery_us_max: u64,
    /// The same times added up, in µs of wall time; actors of one phone that die together recover together.
    pub recovery_us_total: u64,
}

impl RestartLine {
    /// Restarts of all actors.
    pub const fn actors(&self) -> u64 {
        self.device + self.portal + self.shard
    }
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
    /// Whether it held; nothing to measure is not ok, but for a `crash` or `stall` of a forecast, which has no actors.
    pub ok: bool,
}

/// A warning of the scenario, as `check` says it too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WarningLine {
    /// The code of the diagnostic, such as `S107`.
    pub code: String,
    /// What is so.
    pub text: String,
    /// What helps.
    pub help: String,
}

impl WarningLine {
    pub(crate) fn of(caution: &Caution) -> Self {
        let Caution { code, text, remedy } = caution;
        Self { code: (*code).to_owned(), text: text.clone(), help: remedy.clone() }
    }
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
