//! How each property of a group is read. Nothing here bears on a delivery.

use super::members::Group;
use crate::server::graph::entities::directory;
use crate::server::odata::Value;

/// How a property is read.
pub(crate) type Read = for<'g, 's> fn(&'g Group<'s>) -> Value;

pub(super) fn id(group: &Group<'_>) -> Value {
    Value::Text(group.id().to_string())
}

pub(super) fn display_name(group: &Group<'_>) -> Value {
    Value::text(group.name())
}

pub(super) fn yes(_: &Group<'_>) -> Value {
    Value::Flag(true)
}

pub(super) fn no(_: &Group<'_>) -> Value {
    Value::Flag(false)
}

pub(super) fn mail_nickname(group: &Group<'_>) -> Value {
    directory::mail_nickname(group.name())
}

pub(super) fn created(group: &Group<'_>) -> Value {
    directory::created(group.id(), group.scene.world.start_unix_ms)
}

pub(super) fn security_identifier(group: &Group<'_>) -> Value {
    directory::security_identifier(group.id())
}
