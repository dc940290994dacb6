//! Collections: entities of one type, or directory objects of several. Must not read queries.

use std::sync::LazyLock;

use super::device::DeviceEntity;
use super::group::GroupEntity;
use super::managed_device::ManagedDevice;
use super::organization::Organization;
use super::row::{EntityContent, Row};
use super::user::{Person, User};
use super::{device, group, managed_device, organization, user};
use crate::rules::base::ids::{DeviceIx, GroupIx, UserIx};
use crate::server::graph::route::Edition;
use crate::server::graph::scene::Scene;
use crate::server::odata::{Dialect, EntityType, Field, PageSize, Schema};

/// Page sizes of the directory.
const DIRECTORY_PAGE: PageSize = PageSize { default: 100, max: 999 };
/// Page sizes of managed devices.
const DEVICES_PAGE: PageSize = PageSize { default: 1_000, max: 1_000 };

/// The entities of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entities {
    /// Devices managed by Intune.
    ManagedDevices,
    /// Users.
    Users,
    /// Groups.
    Groups,
    /// Devices of the directory.
    Devices,
    /// Groups, then users, then devices, in one index range.
    Objects {
        /// The index of the first user.
        first_user: u32,
        /// The index of the first device.
        first_device: u32,
    },
    /// The organisation.
    Organizations,
}

/// Entities in an edition of Graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Collection {
    pub(crate) entities: Entities,
    pub(crate) edition: Edition,
}

impl Collection {
    /// The type of its entities.
    pub(crate) fn schema(self) -> Schema {
        match self.entities {
            Entities::ManagedDevices => managed_device::types(self.edition),
            Entities::Users => user::types(self.edition),
            Entities::Groups => group::types(self.edition),
            Entities::Devices => device::types(self.edition),
            Entities::Organizations => organization::types(self.edition),
            Entities::Objects { .. } => match self.edition {
                Edition::V1 => &OBJECTS[0],
                Edition::Beta => &OBJECTS[1],
            },
        }
    }

    /// Its page size.
    pub(crate) const fn page_size(self) -> PageSize {
        match self.entities {
            Entities::ManagedDevices => DEVICES_PAGE,
            _ => DIRECTORY_PAGE,
        }
    }

    /// Its name in `@odata.context`.
    pub(crate) const fn context(self) -> &'static str {
        match self.entities {
            Entities::ManagedDevices => "deviceManagement/managedDevices",
            Entities::Users => "users",
            Entities::Groups => "groups",
            Entities::Devices => "devices",
            Entities::Objects { .. } => "directoryObjects",
            Entities::Organizations => "organization",
        }
    }

    /// The entity at an index.
    pub(crate) fn at(self, scene: &Scene, place: u32) -> Row<'_> {
        let content = match self.entities {
            Entities::ManagedDevices => {
                EntityContent::ManagedDevice(ManagedDevice::new(scene, DeviceIx(place), self.edition))
            }
            Entities::Users => EntityContent::User(User { scene, person: Person::Member(UserIx(place)) }),
            Entities::Groups => EntityContent::Group(GroupEntity { scene, group: GroupIx(place) }),
            Entities::Devices => EntityContent::Device(DeviceEntity::new(scene, DeviceIx(place), self.edition)),
            Entities::Organizations => EntityContent::Organization(Organization { scene }),
            Entities::Objects { first_user, first_device } => {
                let (entities, place) = match (place.checked_sub(first_device), place.checked_sub(first_user)) {
                    (Some(device), _) => (Entities::Devices, device),
                    (None, Some(user)) => (Entities::Users, user),
                    (None, None) => (Entities::Groups, place),
                };
                return Row { is_mixed: true, ..Self { entities, ..self }.at(scene, place) };
            }
        };
        Row { content, edition: self.edition, is_mixed: false }
    }
}

/// The type of an entity.
pub(super) fn schema_of(content: &EntityContent<'_>, edition: Edition) -> Schema {
    match content {
        EntityContent::ManagedDevice(_) => managed_device::types(edition),
        EntityContent::User(_) => user::types(edition),
        EntityContent::Group(_) => group::types(edition),
        EntityContent::Device(_) => device::types(edition),
        EntityContent::Organization(_) => organization::types(edition),
    }
}

/// The properties that directory objects share.
static OBJECTS: LazyLock<[EntityType; 2]> = LazyLock::new(|| [Edition::V1, Edition::Beta].map(objects));

fn objects(edition: Edition) -> EntityType {
    let mut fields: Vec<Field> = Vec::new();
    for of in [user::types(edition), group::types(edition), device::types(edition)] {
        let new = of.fields.iter().filter(|field| !fields.iter().any(|known| known.name == field.name));
        let new: Vec<Field> = new.copied().collect();
        fields.extend(new);
    }
    EntityType::new("directoryObject", Dialect::Directory, fields.leak())
}
