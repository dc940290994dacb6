//! Every address that means something, as data; which method it takes, and what it is counted as. Reads no path.

use uuid::Uuid;

use crate::metrics::Route as HttpRoute;

/// Which edition of Graph is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    /// `v1.0`.
    V1,
    /// `beta`, which alone has the actions.
    Beta,
}

impl Edition {
    /// As in an address.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// Which user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Who is signed in.
    Me,
    /// By id or user principal name.
    Named(String),
}

/// How far members are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Direct members.
    Direct,
    /// Members of nested groups too.
    Transitive,
}

/// Which members are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cast {
    /// All.
    Any,
    /// Users.
    Users,
    /// Groups.
    Groups,
}

/// The list itself, or how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// The entities.
    List,
    /// Their number.
    Count,
}

/// What an address means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Managed devices, all or of one user.
    Devices(Option<Who>, Of),
    /// One managed device, among all or of one user.
    Device(Option<Who>, Uuid),
    /// A device shall check in.
    Sync(Option<Who>, Uuid),
    /// A notification to one device.
    SendToDevice(Option<Who>, Uuid),
    /// A notification to groups.
    SendToGroups,
    /// An action on many devices.
    Bulk,
    /// Users.
    Users(Of),
    /// One user.
    User(Who),
    /// Groups.
    Groups(Of),
    /// One group.
    Group(Uuid),
    /// Members of a group.
    Members(Uuid, Reach, Cast, Of),
    /// Several requests in one.
    Batch,
}

/// What a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// It is read.
    Get,
    /// It acts.
    Post,
}

impl Route {
    /// The only method that it takes.
    pub(crate) const fn method(&self) -> Method {
        match self {
            Self::Sync(..) | Self::SendToDevice(..) | Self::SendToGroups | Self::Bulk | Self::Batch => Method::Post,
            Self::Devices(..)
            | Self::Device(..)
            | Self::Users(_)
            | Self::User(_)
            | Self::Groups(_)
            | Self::Group(_)
            | Self::Members(..) => Method::Get,
        }
    }

    /// What it is counted as.
    pub(crate) const fn counted(&self) -> HttpRoute {
        match self {
            Self::Devices(..) => HttpRoute::ManagedDevices,
            Self::Device(..) => HttpRoute::ManagedDevice,
            Self::Sync(..) => HttpRoute::SyncDevice,
            Self::SendToDevice(..) => HttpRoute::SendToDevice,
            Self::SendToGroups => HttpRoute::SendToGroups,
            Self::Bulk => HttpRoute::ExecuteAction,
            Self::Users(_) => HttpRoute::Users,
            Self::User(_) => HttpRoute::User,
            Self::Groups(_) => HttpRoute::Groups,
            Self::Group(_) => HttpRoute::Group,
            Self::Members(..) => HttpRoute::Members,
            Self::Batch => HttpRoute::Batch,
        }
    }

    /// Does Intune answer it, with errors in its own shape? The directory answers the rest.
    pub(crate) const fn is_of_intune(&self) -> bool {
        match self {
            Self::Devices(..)
            | Self::Device(..)
            | Self::Sync(..)
            | Self::SendToDevice(..)
            | Self::SendToGroups
            | Self::Bulk => true,
            Self::Users(_) | Self::User(_) | Self::Groups(_) | Self::Group(_) | Self::Members(..) | Self::Batch => {
                false
            }
        }
    }
}
