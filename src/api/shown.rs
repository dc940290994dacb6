//! What a list shows: devices, users, groups, or groups and users together. Reads the world, decides nothing.

use super::face::Scene;
use super::group::{GROUP, Group};
use super::managed_device::{self, ManagedDevice};
use super::route::Edition;
use super::user::{USER, User};
use crate::odata::{Entity, Field, Kind, Schema, Value};
use crate::rules::ids::{DeviceIx, GroupIx, UserIx};

const fn text(name: &'static str) -> Field {
    Field { name, kind: Kind::Text }
}

/// What groups and users have in common, and the users' names.
const DIRECTORY_OBJECT: Schema = &[text("id"), text("displayName"), text("userPrincipalName"), text("mail")];

/// Which entities a list is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shelf {
    /// Managed devices, in an edition.
    Devices(Edition),
    /// Users.
    Users,
    /// Groups.
    Groups,
    /// Groups, and from this place on users.
    Objects {
        /// Where users begin.
        first_user: u32,
    },
}

impl Shelf {
    /// The fields of its entities.
    pub(crate) fn schema(self) -> Schema {
        match self {
            Self::Devices(edition) => managed_device::schema(edition),
            Self::Users => USER,
            Self::Groups => GROUP,
            Self::Objects { .. } => DIRECTORY_OBJECT,
        }
    }

    /// The entity at a place.
    pub(crate) fn at(self, scene: &Scene, place: u32) -> Shown<'_> {
        match self {
            Self::Devices(edition) => Shown::Device(ManagedDevice::new(scene, DeviceIx(place), edition)),
            Self::Users => Shown::User(User { scene, user: UserIx(place) }),
            Self::Groups => Shown::Group(Group { scene, group: GroupIx(place) }),
            Self::Objects { first_user } => match place.checked_sub(first_user) {
                Some(user) => Shown::User(User { scene, user: UserIx(user) }),
                None => Shown::Group(Group { scene, group: GroupIx(place) }),
            },
        }
    }

    /// What Graph calls an entity, where a list has several kinds.
    pub(crate) fn kind(self, shown: &Shown<'_>) -> Option<&'static str> {
        match (self, shown) {
            (Self::Objects { .. }, Shown::User(_)) => Some("#microsoft.graph.user"),
            (Self::Objects { .. }, _) => Some("#microsoft.graph.group"),
            _ => None,
        }
    }
}

/// One entity of a list.
pub(crate) enum Shown<'s> {
    Device(ManagedDevice<'s>),
    User(User<'s>),
    Group(Group<'s>),
}

impl Entity for Shown<'_> {
    fn value(&self, field: &Field) -> Value {
        match self {
            Self::Device(device) => device.value(field),
            Self::User(user) => user.value(field),
            Self::Group(group) => group.value(field),
        }
    }
}
