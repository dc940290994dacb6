//! A valid scenario: the world and its timeline, which both drivers take. Only data; `scenario` makes it, nothing changes it.

use std::collections::BTreeMap;

use super::access::Account;
use super::chance::Chance;
use super::distribution::Dist;
use super::fault::Fault;
use super::fleet::{Fleet, GatewayName, Platform};
use super::gateway::Gateway;
use super::ids::{AccountIx, DeviceIx, FaultIx, GroupIx, Key, SendIx, UserIx};
use super::profile::Profile;
use super::service::Service;
use super::time::{SimTime, Zone};

/// Everything that a run is a function of.
#[derive(Clone, Debug)]
pub struct World {
    /// The scenario's name.
    pub name: String,
    /// 32 hex digits over the resolved scenario's text, `--set` and includes applied, without seed.
    pub scenario_hash: String,
    /// Model time zero, in Unix ms.
    pub start_unix_ms: i64,
    /// Local time of the scenario.
    pub zone: Zone,
    /// The first moment that does not belong to the run.
    pub horizon: SimTime,
    /// Which edition is emulated.
    pub profile: Profile,
    /// What is assumed of the service.
    pub service: Service,
    /// All chance, from the seed.
    pub chance: Chance,
    /// Users and devices.
    pub fleet: Fleet,
    /// Groups; 0 is "All users".
    pub groups: Vec<Group>,
    /// Accounts; 0 is the built-in administrator.
    pub accounts: Vec<Account>,
    /// APNs and FCM, in the order of [`GatewayName::ALL`].
    pub gateways: [Gateway; 2],
    /// How long directory changes take to be visible.
    pub directory_lag: Dist,
    /// How long after a send its joiners are caught up, in ms (R37).
    pub catch_up_ms: u64,
    /// Changes in file order.
    pub changes: Vec<Change>,
    /// Sends in file order.
    pub sends: Vec<Send>,
    /// Faults in file order.
    pub faults: Vec<Fault>,
    /// Expectations in file order.
    pub expectations: Vec<Expectation>,
    /// How it is run live.
    pub live: Live,
    /// The assumptions of the model (source A in the fidelity table) that this scenario uses: the key and its value, as text.
    pub assumptions: Vec<(String, String)>,
}

impl World {
    /// One of the two gateways.
    pub fn gateway(&self, name: GatewayName) -> &Gateway {
        &self.gateways[name as usize]
    }
}

/// A group of users; devices in it are legal and ignored (R23), so they are not even here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Unique name.
    pub name: String,
    /// Direct members at the start.
    pub users: Members,
    /// Groups nested in it; cycles are harmless (R22).
    pub groups: Vec<GroupIx>,
}

/// Direct members of a group at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Members {
    /// Every user of the fleet.
    All,
    /// These, ascending.
    These(Vec<UserIx>),
}

/// What a `[[change]]` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// Users join a group, with directory lag.
    Join(GroupIx),
    /// Users leave a group, with directory lag.
    Leave(GroupIx),
    /// Devices are enrolled, with directory lag.
    Enroll,
    /// Devices are unenrolled, with directory lag.
    Unenroll,
    /// Company Portal is installed; the app asks for the permission (R67).
    InstallApp,
    /// Both apps are removed.
    RemoveApp,
    /// The app is brought up to date (R32); it asks for the permission if it lacks it (R67).
    UpdateApp,
    /// The user opens the app: it is no longer force-stopped (R56).
    OpenApp,
    /// The user allows notifications.
    GrantPermission,
    /// The user forbids notifications.
    RevokePermission,
}

/// One `[[change]]`, its schedule resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Unique name.
    pub name: String,
    /// Hash of the name.
    pub key: Key,
    /// What happens.
    pub kind: ChangeKind,
    /// When it happens to whom: ascending in time, ties in the order listed. Empty is an error of `check`.
    pub steps: Vec<(SimTime, Subject)>,
}

/// Whom a change happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A user: itself for membership, all its devices for anything else.
    User(UserIx),
    /// One device.
    Device(DeviceIx),
}

/// Whom a send addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Groups, as listed; a group named twice counts once.
    Groups(Vec<GroupIx>),
    /// One message a device, in fleet order (X28).
    Devices {
        /// The devices, ascending.
        devices: Vec<DeviceIx>,
        /// Is it the single `device = …`? Then `messages[]` needs no `device` to be unique, but carries it all the same.
        listed: bool,
    },
}

/// One `[[send]]`, its schedule resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Send {
    /// Unique name.
    pub name: String,
    /// Hash of the name.
    pub key: Key,
    /// When each occurrence is sent, ascending, all before the horizon.
    pub times: Vec<SimTime>,
    /// To whom.
    pub target: Target,
    /// By whom.
    pub account: AccountIx,
    /// Retries after a quota refusal, 0 (`drop`) to 3.
    pub retries: u32,
    /// The title; it may be too long (a refusal at run time).
    pub title: String,
    /// The body; it may be too long.
    pub body: String,
    /// How long it is tried, in ms; `None` for the gateway's own.
    pub expiry_ms: Option<u64>,
}

/// One `[[expect]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// Unique name.
    pub name: String,
    /// What is measured.
    pub metric: Metric,
    /// What is counted, all conditions together.
    pub filter: Filter,
    /// `within`: for reach, ms after acceptance; for other metrics absent.
    pub within_ms: Option<u64>,
    /// What must hold.
    pub check: Check,
    /// Which messages are looked at, by the time of their acceptance (or refusal).
    pub during: During,
    /// `window`: it must hold of every span of so many ms, by the same times; `None` for all at once.
    pub window_ms: Option<u64>,
    /// `abort`: a live run ends as soon as it can no longer hold.
    pub abort: bool,
}

/// What an expectation measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Sends, by outcome and reason (every attempt's last outcome once).
    Sends,
    /// Shown within `within` ÷ pairs.
    Reach,
    /// Shown within `within` ÷ pairs that are not skipped.
    ReachEligible,
    /// Time from acceptance to display, in ms, of what was shown.
    Delivery,
    /// Pairs, by station and cause.
    Journeys,
    /// Pairs, by audience class.
    Copies,
    /// From a fault's end until its backlog is gone, in ms.
    RecoveryTime,
    /// Pairs a fault touched.
    FaultTouched,
    /// Lag of the live engine, in ms of wall time; null at speed `max`.
    Lag,
}

/// Conditions of a `where`; an absent one lets everything pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only this send.
    pub send: Option<SendIx>,
    /// Only sends to this group directly.
    pub group: Option<GroupIx>,
    /// Only this kind of message.
    pub kind: Option<MessageKind>,
    /// Only this platform (`ios` is not `ipados`).
    pub platform: Option<Platform>,
    /// Only platforms of this gateway.
    pub gateway: Option<GatewayName>,
    /// Only this cohort.
    pub cohort: Option<String>,
    /// Only devices with these labels.
    pub labels: BTreeMap<String, String>,
    /// Only sends with this outcome: `accepted` or `refused`.
    pub outcome: Option<Outcome>,
    /// Only refusals for this reason (a word of X5).
    pub reason: Option<String>,
    /// Only pairs in this station.
    pub station: Option<super::journey::Station>,
    /// Only pairs with this cause (a cause's word, or a fault's name).
    pub cause: Option<String>,
    /// Only pairs shown in this form.
    pub form: Option<super::journey::Form>,
    /// Only pairs of this audience class.
    pub audience: Option<AudienceClass>,
    /// For `fault_touched` and `recovery_time`: which fault.
    pub fault: Option<FaultIx>,
}

impl Filter {
    /// Does it let this send pass?
    pub fn takes_send(&self, ix: SendIx, send: &Send) -> bool {
        let (kind, groups) = match &send.target {
            Target::Groups(groups) => (MessageKind::Group, groups.as_slice()),
            Target::Devices { .. } => (MessageKind::Device, &[][..]),
        };
        self.send.is_none_or(|wanted| wanted == ix)
            && self.kind.is_none_or(|wanted| wanted == kind)
            && self.group.is_none_or(|wanted| groups.contains(&wanted))
    }

    /// Does it let devices of this stratum pass?
    pub fn takes_stratum(&self, stratum: &super::fleet::Stratum) -> bool {
        self.platform.is_none_or(|wanted| wanted == stratum.platform)
            && self.gateway.is_none_or(|wanted| stratum.platform.gateway() == Some(wanted))
            && self.cohort.as_ref().is_none_or(|wanted| *wanted == stratum.cohort)
            && self.labels.iter().all(|(label, wanted)| stratum.labels.get(label) == Some(wanted))
    }
}

/// What became of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Taken in.
    Accepted,
    /// Turned down.
    Refused,
}

/// To groups or to one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum MessageKind {
    /// To groups (R40).
    Group,
    /// To one device (R43).
    Device,
}

impl MessageKind {
    /// The word in reports and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Device => "device",
        }
    }
}

/// Why a pair belongs to a message; the first that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum AudienceClass {
    /// Reached by catch-up.
    LateJoiner,
    /// No longer a member in truth at the send, still visible.
    StaleMember,
    /// Unenrolled in truth at the send, still visible.
    StaleDevice,
    /// Plainly a member, or the single target.
    Member,
}

impl AudienceClass {
    /// In the order of fitting.
    pub const ALL: [Self; 4] = [Self::LateJoiner, Self::StaleMember, Self::StaleDevice, Self::Member];

    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LateJoiner => "late_joiner",
            Self::StaleMember => "stale_member",
            Self::StaleDevice => "stale_device",
            Self::Member => "member",
        }
    }
}

/// A condition on a measured value.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// As written, for reports.
    pub text: String,
    /// Which figure of a distribution; the plain value for counts and ratios.
    pub statistic: Statistic,
    /// Its bounds. Durations are in ms, ratios plain.
    pub bound: Bound,
}

/// Which figure is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// The value itself.
    Value,
    /// `count`.
    Count,
    /// `p(95)`: a quantile in (0, 1].
    Quantile(f64),
    /// `min`.
    Min,
    /// `max`.
    Max,
    /// `avg`.
    Mean,
}

/// What a figure is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// `<`
    Less(f64),
    /// `<=`
    AtMost(f64),
    /// `>`
    More(f64),
    /// `>=`
    AtLeast(f64),
    /// `==`
    Equal(f64),
    /// `!=`
    NotEqual(f64),
    /// `in [a, b]`, both ends included.
    In(f64, f64),
}

impl Bound {
    /// The most that a count may come to, where nothing else is asked of it: counts only grow, so more is never made good.
    pub fn most(self) -> Option<f64> {
        match self {
            Self::Less(limit) => Some(limit - 1.0),
            Self::AtMost(limit) => Some(limit),
            Self::More(_) | Self::AtLeast(_) | Self::Equal(_) | Self::NotEqual(_) | Self::In(..) => None,
        }
    }
}

/// Which part of the run an expectation looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum During {
    /// All of it.
    Always,
    /// Before the first fault begins.
    Before,
    /// After the last fault has ended.
    After,
    /// While a fault is in force.
    Fault(FaultIx),
    /// From a fault's end until its backlog is gone.
    Recovery(FaultIx),
}

impl During {
    /// Does a moment belong to it? Of a recovery only the books know the end: all that follows its fault may belong to it.
    pub fn may_contain(self, at: SimTime, faults: &[Fault], horizon: SimTime) -> bool {
        let is_over = |fault: &Fault| fault.ends(horizon).is_some_and(|end| at >= end);
        match self {
            Self::Always => true,
            Self::Before => faults.iter().all(|fault| at < fault.at),
            Self::After => faults.iter().all(is_over),
            Self::Fault(fault) => faults[fault.at()].in_force(at),
            Self::Recovery(fault) => is_over(&faults[fault.at()]),
        }
    }
}

/// How the live engine runs; none of it changes a fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// Model time against wall time.
    pub speed: Speed,
    /// Device and portal actors that may be alive at once, at least 2.
    pub resident_actors_max: u32,
    /// Shard actors; 0 for one a core.
    pub shards: u32,
    /// The most that p99 of the lag may be, in ms of wall time.
    pub lag_p99_max_ms: Option<u64>,
    /// Where `/metrics` listens, `address:port`; port 0 takes any.
    pub metrics_listen: String,
}

/// How fast model time goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    /// As fast as the work is done.
    Max,
    /// Thousandths of a model second per second: 1,000 is life.
    Times(u64),
}
