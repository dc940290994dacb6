//! Every valid address as data, with its method and the route that it is counted under. Must not parse paths.

use uuid::Uuid;

use crate::metrics::RouteLabel as HttpRoute;

/// The edition of Graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub(crate) enum Edition {
    /// `v1.0`.
    #[strum(serialize = "v1.0")]
    V1,
    /// `beta`, the only one with actions.
    Beta,
}

impl Edition {
    /// As it is written in an address.
    pub(crate) const fn name(self) -> &'static str {
        self.into_str()
    }
}

/// A user in a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The user that is signed in.
    Me,
    /// By id or user principal name.
    Named(String),
}

/// The path by which managed devices are reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    /// All of them.
    Managed,
    /// All of them, as co-managed devices: the model does not distinguish them.
    Comanaged,
    /// Those of a user.
    Of(Who),
}

impl Via {
    /// The user whose devices are meant, if any.
    pub(crate) const fn who(&self) -> Option<&Who> {
        match self {
            Self::Of(who) => Some(who),
            Self::Managed | Self::Comanaged => None,
        }
    }
}

/// How far members and memberships are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MembershipDepth {
    /// Direct ones.
    Direct,
    /// Those through nested groups too.
    Transitive,
}

/// The type of directory objects in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cast {
    /// All.
    Any,
    /// Users.
    Users,
    /// Groups.
    Groups,
    /// Devices.
    Devices,
    /// Objects of a type that the model does not have.
    Absent,
}

/// An object of the directory that may be a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// A user.
    User(Who),
    /// A group.
    Group(Uuid),
    /// A device.
    Device(DeviceKey),
}

/// A device of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeviceKey {
    /// By its object id.
    Id(Uuid),
    /// By its registration id.
    DeviceId(Uuid),
}

/// The relation of a device and a user; in the model one user is both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tie {
    /// The user owns it.
    Owned,
    /// The user registered it.
    Registered,
}

/// The list itself, or its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// The entities.
    List,
    /// Their number.
    Count,
}

/// The meaning of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Managed devices.
    ManagedDevices(Via, Of),
    /// One managed device.
    ManagedDevice(Via, Uuid),
    /// The users of a managed device.
    UsersOfManagedDevice(Via, Uuid, Of),
    /// How many managed devices there are of which system.
    Overview,
    /// Asks a device to check in.
    Sync(Via, Uuid),
    /// A notification to one device.
    SendToDevice(Via, Uuid),
    /// A notification to groups.
    SendToGroups,
    /// An action on many devices.
    Bulk(Via),
    /// Users.
    Users(Of),
    /// One user.
    User(Who),
    /// Groups.
    Groups(Of),
    /// One group.
    Group(Uuid),
    /// Members of a group.
    Members(Uuid, MembershipDepth, Cast, Of),
    /// Memberships of a user, a group or a device.
    Memberships(Holder, MembershipDepth, Cast, Of),
    /// Devices of the directory.
    Devices(Of),
    /// One of them.
    Device(DeviceKey),
    /// Those of a user.
    DevicesOfUser(Who, Tie, Cast, Of),
    /// The users of one of them.
    UsersOfDevice(DeviceKey, Tie, Cast, Of),
    /// The organisation, as a list of one.
    Organizations(Of),
    /// The organisation.
    Organization(Uuid),
    /// Several requests in one (JSON batching).
    Batch,
}

/// The method of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// It is read.
    Get,
    /// It acts.
    Post,
}

impl Route {
    /// The only allowed method.
    pub(crate) const fn method(&self) -> Method {
        match self {
            Self::Sync(..) | Self::SendToDevice(..) | Self::SendToGroups | Self::Bulk(_) | Self::Batch => Method::Post,
            _ => Method::Get,
        }
    }

    /// The route that it is counted under.
    pub(crate) const fn counted(&self) -> HttpRoute {
        match self {
            Self::ManagedDevices(..) => HttpRoute::ManagedDevices,
            Self::ManagedDevice(..) => HttpRoute::ManagedDevice,
            Self::Overview => HttpRoute::Overview,
            Self::Sync(..) => HttpRoute::SyncDevice,
            Self::SendToDevice(..) => HttpRoute::SendToDevice,
            Self::SendToGroups => HttpRoute::SendToGroups,
            Self::Bulk(_) => HttpRoute::ExecuteAction,
            Self::Users(_) | Self::UsersOfManagedDevice(..) | Self::UsersOfDevice(..) => HttpRoute::Users,
            Self::User(_) => HttpRoute::User,
            Self::Groups(_) => HttpRoute::Groups,
            Self::Group(_) => HttpRoute::Group,
            Self::Members(..) => HttpRoute::Members,
            Self::Memberships(..) => HttpRoute::Memberships,
            Self::Devices(_) | Self::DevicesOfUser(..) => HttpRoute::Devices,
            Self::Device(_) => HttpRoute::Device,
            Self::Organizations(_) | Self::Organization(_) => HttpRoute::Organization,
            Self::Batch => HttpRoute::Batch,
        }
    }

    /// Is it served by Intune, with its own shape of errors? The directory serves the rest.
    pub(crate) const fn is_of_intune(&self) -> bool {
        matches!(
            self,
            Self::ManagedDevices(..)
                | Self::ManagedDevice(..)
                | Self::UsersOfManagedDevice(..)
                | Self::Overview
                | Self::Sync(..)
                | Self::SendToDevice(..)
                | Self::SendToGroups
                | Self::Bulk(_)
        )
    }
}
