//! A device of the directory: the registration of a device that Intune manages.

use std::sync::LazyLock;

use super::table::TABLE;
use super::value::DeviceReader;
use crate::rules::base::ids::DeviceIx;
use crate::server::graph::entities::managed_device::ManagedDevice;
use crate::server::graph::entities::property::{LazyTypes, Property, Types};
use crate::server::graph::route::Edition;
use crate::server::graph::scene::Scene;
use crate::server::odata::{Dialect, Entity, Field, Schema, Value};

static TYPES: LazyTypes = LazyLock::new(|| Types::of("device", Dialect::Directory, TABLE));

/// The type of a directory device in an edition.
pub(crate) fn types(edition: Edition) -> Schema {
    TYPES.in_edition(edition)
}

/// Every property, for the reference documentation.
pub(crate) const fn table_of_contents() -> &'static [Property<DeviceReader>] {
    TABLE
}

/// One device.
pub(crate) struct DeviceEntity<'s> {
    /// The same device in Intune.
    pub(crate) managed: ManagedDevice<'s>,
}

impl<'s> DeviceEntity<'s> {
    pub(crate) const fn new(scene: &'s Scene, device: DeviceIx, edition: Edition) -> Self {
        Self { managed: ManagedDevice::new(scene, device, edition) }
    }
}

impl Entity for DeviceEntity<'_> {
    fn value(&self, field: &Field) -> Value {
        let Property { kind, source, .. } = &TABLE[field.at];
        source.value(*kind, |read| read(self))
    }
}
