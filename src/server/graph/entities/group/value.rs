//! How each property of a group is read. Must not influence delivery.

use super::members::GroupEntity;
use crate::server::graph::entities::directory;
use crate::server::odata::Value;

/// A function that reads a property.
pub(crate) type GroupReader = for<'g, 's> fn(&'g GroupEntity<'s>) -> Value;

pub(super) fn id(group: &GroupEntity<'_>) -> Value {
    Value::Text(group.id().to_string())
}

pub(super) fn display_name(group: &GroupEntity<'_>) -> Value {
    Value::text(group.name())
}

pub(super) fn yes(_: &GroupEntity<'_>) -> Value {
    Value::Flag(true)
}

pub(super) fn no(_: &GroupEntity<'_>) -> Value {
    Value::Flag(false)
}

pub(super) fn mail_nickname(group: &GroupEntity<'_>) -> Value {
    directory::mail_nickname(group.name())
}

pub(super) fn created(group: &GroupEntity<'_>) -> Value {
    directory::created(group.id(), group.scene.world.start_unix_ms)
}

pub(super) fn security_identifier(group: &GroupEntity<'_>) -> Value {
    directory::security_identifier(group.id())
}
