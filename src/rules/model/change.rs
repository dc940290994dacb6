//! Changes of directory and phones: what happens to which user or device, and when. Data only; the state machines apply
//! them.

use crate::rules::base::ids::{DeviceIx, GroupIx, Key, UserIx};
use crate::rules::base::time::SimTime;
use crate::rules::population::traits::App;

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
    /// The app is updated (R32); it asks for the permission if it lacks it (R67).
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
    /// When it happens and to which subject: ascending in time, ties in the order listed. Empty is an error of `check`.
    pub steps: Vec<(SimTime, Subject)>,
}

/// The user or device that a change happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A user: itself for membership, all its devices for anything else.
    User(UserIx),
    /// One device.
    Device(DeviceIx),
}

/// A change of the phone itself; it has no directory lag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneChange {
    /// See [`ChangeKind::InstallApp`].
    InstallApp,
    /// See [`ChangeKind::RemoveApp`].
    RemoveApp,
    /// See [`ChangeKind::UpdateApp`].
    UpdateApp,
    /// See [`ChangeKind::OpenApp`].
    OpenApp,
    /// See [`ChangeKind::GrantPermission`].
    GrantPermission,
    /// See [`ChangeKind::RevokePermission`].
    RevokePermission,
}

impl PhoneChange {
    /// The phone's part of a change; `None` for a change of the directory.
    pub const fn of(kind: ChangeKind) -> Option<Self> {
        match kind {
            ChangeKind::Join(_) | ChangeKind::Leave(_) | ChangeKind::Enroll | ChangeKind::Unenroll => None,
            ChangeKind::InstallApp => Some(Self::InstallApp),
            ChangeKind::RemoveApp => Some(Self::RemoveApp),
            ChangeKind::UpdateApp => Some(Self::UpdateApp),
            ChangeKind::OpenApp => Some(Self::OpenApp),
            ChangeKind::GrantPermission => Some(Self::GrantPermission),
            ChangeKind::RevokePermission => Some(Self::RevokePermission),
        }
    }

    /// The apps afterwards, if the change affects them.
    pub const fn app_after(self, app: App) -> Option<App> {
        match self {
            Self::InstallApp => Some(app.with_portal()),
            Self::RemoveApp => Some(App::None),
            Self::UpdateApp | Self::OpenApp | Self::GrantPermission | Self::RevokePermission => None,
        }
    }
}
