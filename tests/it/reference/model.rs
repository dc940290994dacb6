//! A scenario without randomness, as plain data. Everything refers to everything else by number, so that a shrunk
//! scenario keeps its names.

/// Milliseconds since the scenario's start.
pub(crate) type Ms = u64;

/// A moment that never comes.
pub(crate) const NEVER: Ms = Ms::MAX;
/// The hour of both quotas, in ms (R45).
pub(crate) const HOUR: Ms = 3_600_000;

/// A scenario in which probabilities are 0 or 1 and lengths are fixed.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) number: u64,
    pub(crate) duration: Ms,
    pub(crate) is_2025: bool,
    /// Minutes after 06:00 UTC at which the run starts.
    pub(crate) start_minutes: u64,
    /// Local time minus UTC, in minutes.
    pub(crate) zone_minutes: i64,
    pub(crate) service: Service,
    pub(crate) users: u32,
    pub(crate) devices: Vec<Device>,
    pub(crate) groups: Vec<Group>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) apns: Gateway,
    pub(crate) fcm: Gateway,
    pub(crate) lag: Ms,
    pub(crate) catch_up: Ms,
    pub(crate) changes: Vec<Change>,
    pub(crate) sends: Vec<Send>,
    pub(crate) faults: Vec<Fault>,
}

/// The assumptions about the service; each `false` is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) blank_text_accepted: bool,
    pub(crate) slot_for_each_group: bool,
    pub(crate) clock_hours: bool,
    pub(crate) hint_withheld: bool,
    pub(crate) group_messages_count: bool,
    pub(crate) refused_counted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Platform {
    Ios,
    Ipados,
    Android,
    Macos,
    Windows,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum GatewayName {
    Apns,
    Fcm,
}

impl Platform {
    pub(crate) const ALL: [Self; 5] = [Self::Ios, Self::Ipados, Self::Android, Self::Macos, Self::Windows];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ios => "ios",
            Self::Ipados => "ipados",
            Self::Android => "android",
            Self::Macos => "macos",
            Self::Windows => "windows",
        }
    }

    pub(crate) const fn gateway(self) -> Option<GatewayName> {
        match self {
            Self::Ios | Self::Ipados => Some(GatewayName::Apns),
            Self::Android => Some(GatewayName::Fcm),
            Self::Macos | Self::Windows => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) id: u32,
    pub(crate) user: Option<u32>,
    pub(crate) platform: Platform,
    /// The value of the label `region`: 0 north, 1 south.
    pub(crate) region: u8,
    pub(crate) enrolled: bool,
    pub(crate) enrolled_by_another: bool,
    /// The word for how an Android is enrolled.
    pub(crate) enrollment: &'static str,
    pub(crate) company_portal: bool,
    pub(crate) intune: bool,
    pub(crate) app_outdated: bool,
    pub(crate) push_permission: bool,
    pub(crate) play_services: bool,
    pub(crate) force_stopped: bool,
    pub(crate) battery_restricted: bool,
    pub(crate) notification_access: bool,
    pub(crate) locked: bool,
    pub(crate) foreground: bool,
    /// `full`, `hidden` or `off`.
    pub(crate) lock_screen: &'static str,
    pub(crate) presence: Presence,
    /// How long after its display a notification is dismissed.
    pub(crate) attention: Option<Ms>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Online,
    Offline,
    /// Offline between two local times, in minutes of the day; or, inverted, online only then.
    Night {
        from: u64,
        to: u64,
        inverted: bool,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) users: Members,
    pub(crate) groups: Vec<usize>,
    pub(crate) devices: Vec<u32>,
}

#[derive(Clone, Debug)]
pub(crate) enum Members {
    All,
    Of(Vec<u32>),
}

#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// The words of the permissions listed.
    pub(crate) permissions: Vec<&'static str>,
    pub(crate) role: Option<&'static str>,
    pub(crate) scope_groups: Option<Vec<usize>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Gateway {
    pub(crate) latency: Ms,
    pub(crate) loses_all: bool,
    pub(crate) capacity: Option<Rate>,
    pub(crate) stored: usize,
    pub(crate) expiry: Ms,
    pub(crate) retry: Ms,
}

/// A rate of whole messages per second, minute or hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) count: u64,
    /// `s`, `min` or `h`.
    pub(crate) per: &'static str,
}

impl Rate {
    /// In 1/3,600,000 of a message per millisecond (X16).
    pub(crate) fn per_ms(self) -> u64 {
        match self.per {
            "s" => self.count * 3_600,
            "min" => self.count * 60,
            "h" => self.count,
            other => panic!("{other} is no unit of a rate"),
        }
    }
}

/// When an event happens, one or several times.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Times {
    At(Ms),
    Every { from: Ms, every: Ms, count: u64 },
}

impl Times {
    /// The moment of the `nth` occurrence, counted from 0; `None` if there are fewer.
    pub(crate) fn nth(self, nth: u64) -> Option<Ms> {
        match self {
            Self::At(at) => (nth == 0).then_some(at),
            Self::Every { from, every, count } => (nth < count).then_some(from + every * nth),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    Join,
    Leave,
    Enroll,
    Unenroll,
    InstallApp,
    RemoveApp,
    UpdateApp,
    OpenApp,
    GrantPermission,
    RevokePermission,
}

#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) id: u32,
    pub(crate) kind: ChangeKind,
    pub(crate) times: Times,
    pub(crate) group: usize,
    pub(crate) users: Vec<u32>,
    /// Instead of the users.
    pub(crate) devices: Vec<u32>,
}

#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// Groups by number; [`ALL_USERS`] is the built-in group.
    Groups(Vec<usize>),
    Device(u32),
    Devices(Vec<u32>),
}

/// The number of the group that holds every user (X15).
pub(crate) const ALL_USERS: usize = usize::MAX;

#[derive(Clone, Debug)]
pub(crate) struct Send {
    pub(crate) id: u32,
    pub(crate) times: Times,
    pub(crate) target: Target,
    pub(crate) account: Option<usize>,
    pub(crate) retries: u64,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) expiry: Option<Ms>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    Hold,
    Refuse,
    Loss { all: bool },
    Delay(Ms),
    Duplicate { all: bool },
    Throttle(Rate),
    Offline,
    PlayServicesDown,
    PermissionRevoked,
    AppRemoved,
    DirectoryLag(Ms),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) platform: Option<Platform>,
    pub(crate) region: Option<u8>,
    pub(crate) gateway: Option<GatewayName>,
    pub(crate) devices: Option<Vec<u32>>,
    /// `pick` of all or none.
    pub(crate) pick: Option<bool>,
}

#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) id: u32,
    pub(crate) kind: FaultKind,
    /// When it begins; already computed if it comes `after` another.
    pub(crate) at: Ms,
    /// The fault at whose end it begins.
    pub(crate) after: Option<u32>,
    pub(crate) length: Option<Ms>,
    pub(crate) every: Option<Ms>,
    /// A ramp of a millisecond, or none: longer ramps are random.
    pub(crate) ramp: bool,
    pub(crate) scope: Scope,
}

impl Scenario {
    pub(crate) fn gateway(&self, name: GatewayName) -> &Gateway {
        match name {
            GatewayName::Apns => &self.apns,
            GatewayName::Fcm => &self.fcm,
        }
    }

    /// The index of a device in the fleet.
    pub(crate) fn device_at(&self, id: u32) -> usize {
        self.devices.iter().position(|device| device.id == id).expect("scenarios name devices that they have")
    }
}
