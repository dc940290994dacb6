//! A valid scenario: the world and its timeline, which both drivers take. Only data; `scenario` makes it, nothing changes it.

use super::access::Account;
use super::chance::Chance;
use super::distribution::Dist;
use super::expectation::Expectation;
use super::fault::Fault;
use super::fleet::Fleet;
use super::gateway::Gateway;
use super::ids::{AccountIx, DeviceIx, GroupIx, Key, UserIx};
use super::platform::GatewayName;
use super::profile::Profile;
use super::service::Service;
use super::time::{SimTime, Zone};
use super::united::Unions;

/// Everything that a run is a function of.
#[derive(Clone, Debug)]
pub struct World {
    /// The scenario's name.
    pub name: String,
    /// The tenant's domain, for names of users and for sign-in; no rule reads it.
    pub domain: String,
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
    /// Their windows united, as far as they have been read.
    pub unions: Unions,
    /// Expectations in file order.
    pub expectations: Vec<Expectation>,
    /// Messages that are listed one by one, at most: a world that asks for more has those to single devices summarised.
    pub listed_max: u64,
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

    /// Messages that its sends ask for, retries aside.
    pub fn messages(&self) -> u64 {
        self.sends.iter().map(|send| send.times.len() as u64 * send.target.messages()).sum()
    }
}

/// A group of users. Devices in it are legal and ignored (R23): they are kept to be shown, and no rule reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Unique name.
    pub name: String,
    /// Direct members at the start.
    pub users: Members,
    /// Groups nested in it; cycles are harmless (R22).
    pub groups: Vec<GroupIx>,
    /// Devices that it lists, ascending; for display only.
    pub devices: Vec<DeviceIx>,
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

impl Target {
    /// To groups or to single devices.
    pub const fn kind(&self) -> MessageKind {
        match self {
            Self::Groups(_) => MessageKind::Group,
            Self::Devices { .. } => MessageKind::Device,
        }
    }

    /// Messages that one occurrence asks for.
    pub fn messages(&self) -> u64 {
        match self {
            Self::Groups(_) => 1,
            Self::Devices { devices, .. } => devices.len() as u64,
        }
    }
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
