//! One entity of a collection, of any type. Must only read the world.

use super::collection::schema_of;
use super::device::DeviceEntity;
use super::group::GroupEntity;
use super::managed_device::ManagedDevice;
use super::organization::Organization;
use super::property::nothing;
use super::user::User;
use crate::server::graph::route::Edition;
use crate::server::odata::{Entity, Field, Schema, Value};

/// The entity by type.
pub(crate) enum EntityContent<'s> {
    ManagedDevice(ManagedDevice<'s>),
    User(User<'s>),
    Group(GroupEntity<'s>),
    Device(DeviceEntity<'s>),
    Organization(Organization<'s>),
}

/// One entity.
pub(crate) struct Row<'s> {
    pub(crate) content: EntityContent<'s>,
    pub(crate) edition: Edition,
    /// Does its collection hold entities of several types?
    pub(crate) is_mixed: bool,
}

impl Row<'_> {
    /// Its own type.
    pub(crate) fn schema(&self) -> Schema {
        schema_of(&self.content, self.edition)
    }

    /// Its type annotation, in a collection of several types.
    pub(crate) fn type_tag(&self) -> Option<String> {
        self.is_mixed.then(|| format!("#{}", self.schema().full_name()))
    }

    /// The value of one of its own properties.
    pub(crate) fn own_value(&self, field: &Field) -> Value {
        match &self.content {
            EntityContent::ManagedDevice(device) => device.value(field),
            EntityContent::User(user) => user.value(field),
            EntityContent::Group(group) => group.value(field),
            EntityContent::Device(device) => device.value(field),
            EntityContent::Organization(organization) => organization.value(field),
        }
    }
}

impl Entity for Row<'_> {
    fn value(&self, field: &Field) -> Value {
        if !self.is_mixed {
            return self.own_value(field);
        }
        // The fields of a mixed collection belong to several types; each entity has only those of its own.
        self.schema().find(field.name).map_or_else(|| nothing(field.kind), |own| self.own_value(own))
    }
}
