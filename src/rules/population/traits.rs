//! Phone models and traits: the distributions, and one phone's constant traits. Must not draw.

use std::collections::BTreeMap;

use super::asleep::Asleep;
use super::presence::Presence;
use crate::rules::base::chance::Ratio;
use crate::rules::base::distribution::Dist;
use crate::rules::base::ids::{Key, ModelIx, StratumIx};
use crate::rules::base::platform::Platform;
use crate::rules::base::profile::Profile;
use crate::rules::base::time::Zone;

/// How an Android device is enrolled (R28); ignored on Apple's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrollment {
    /// Personally owned, with a work profile: the only one that counts since 2025.
    PersonalWorkProfile,
    /// Fully managed.
    FullyManaged,
    /// Corporate-owned with a work profile.
    CorporateWorkProfile,
    /// Dedicated (kiosk).
    Dedicated,
    /// Android Open Source Project.
    Aosp,
}

/// Which of the two apps are installed (R30).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum App {
    /// Company Portal.
    CompanyPortal,
    /// The Intune app.
    Intune,
    /// Both.
    Both,
    /// Neither.
    None,
}

impl App {
    /// R30, R31: whether an installed app shows messages on this platform.
    pub fn counts(self, profile: Profile, platform: Platform) -> bool {
        match self {
            Self::None => false,
            Self::CompanyPortal | Self::Both => true,
            Self::Intune => !(platform.is_ios() && profile == Profile::Intune2025),
        }
    }

    /// After Company Portal was installed.
    #[must_use]
    pub const fn with_portal(self) -> Self {
        match self {
            Self::None | Self::CompanyPortal => Self::CompanyPortal,
            Self::Intune | Self::Both => Self::Both,
        }
    }
}

/// What the lock screen shows (R63).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockScreen {
    /// The whole notification.
    Full,
    /// A notice without its content.
    Hidden,
    /// Nothing.
    Off,
}

/// When a notification is dismissed: never for some, after a drawn time for the others (R65, X27).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attention {
    /// The share that is never dismissed.
    pub never: Ratio,
    /// How long after it was shown, for the rest.
    pub after: Dist,
    /// When the user sleeps: that time does not count.
    pub asleep: Option<Asleep>,
}

/// How a dozing phone's maintenance windows are spaced (R55); only messages of normal priority wait for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doze {
    /// The phone never dozes.
    Off,
    /// Windows 5 to 15 minutes apart while it is locked.
    Light,
    /// Windows 1 to 6 hours apart while it is locked.
    Deep,
}

/// The distributions of traits: a cohort's shares, or a named device's certainties (ratios 0 and 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The cohort's name; `"named"` for named devices, `"imported"` for imported ones.
    pub cohort: String,
    /// Platform.
    pub platform: Platform,
    /// Labels, for scopes and `where`.
    pub labels: BTreeMap<String, String>,
    /// Local time, for presence by day and night.
    pub zone: Zone,
    /// Enrolled in MDM at the start (R29).
    pub enrolled: Ratio,
    /// Enrolled by another user than its own (R26).
    pub enrolled_by_another: Ratio,
    /// Weights of the enrolments; they add up to 1.
    pub enrollment: Vec<(Enrollment, Ratio)>,
    /// Weights of the apps; they add up to 1.
    pub app: Vec<(App, Ratio)>,
    /// The app is too old for 2025 (R32).
    pub app_outdated: Ratio,
    /// The user allows notifications (R33), and grants it when an app asks (R67).
    pub push_permission: Ratio,
    /// Google Play Services are there (R35).
    pub play_services: Ratio,
    /// The app is force-stopped (R56).
    pub force_stopped: Ratio,
    /// Battery optimisation blocks the app (R55).
    pub battery_restricted: Ratio,
    /// Another app has notification access (R64).
    pub notification_access: Ratio,
    /// Weights of the lock screen settings; they add up to 1.
    pub lock_screen: Vec<(LockScreen, Ratio)>,
    /// Found locked when a message arrives; drawn for each message.
    pub locked: Ratio,
    /// The app is found open when a message arrives; drawn for each message.
    pub foreground: Ratio,
    /// When the phone is online.
    pub presence: Presence,
    /// When a notification is dismissed.
    pub attention: Attention,
    /// Whether and how it dozes.
    pub doze: Doze,
}

/// The traits of a device for the whole run, before any change: drawn once, always the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traits {
    /// Its stable key.
    pub key: Key,
    /// Its model.
    pub model: ModelIx,
    /// Its stratum.
    pub stratum: StratumIx,
    /// Platform.
    pub platform: Platform,
    /// Enrolled at the start.
    pub enrolled: bool,
    /// Enrolled by another user than its own.
    pub enrolled_by_another: bool,
    /// How it is enrolled.
    pub enrollment: Enrollment,
    /// Which apps it has at the start.
    pub app: App,
    /// Whether the app is too old for 2025 at the start.
    pub app_outdated: bool,
    /// Whether notifications are allowed at the start.
    pub push_permission: bool,
    /// Whether Play Services are there.
    pub play_services: bool,
    /// Whether the app is force-stopped at the start.
    pub force_stopped: bool,
    /// Whether battery optimisation blocks the app.
    pub battery_restricted: bool,
    /// Whether another app has notification access.
    pub notification_access: bool,
    /// The lock screen setting.
    pub lock_screen: LockScreen,
}
