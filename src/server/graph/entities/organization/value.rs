//! How each property of the organisation is read. Must not influence delivery.

use super::tenant::Organization;
use crate::server::graph::entities::directory;
use crate::server::odata::Value;

/// A function that reads a property.
pub(crate) type OrganizationReader = for<'o, 's> fn(&'o Organization<'s>) -> Value;

pub(super) fn id(organization: &Organization<'_>) -> Value {
    Value::Text(organization.scene.graph_ids.tenant().to_string())
}

pub(super) fn display_name(organization: &Organization<'_>) -> Value {
    Value::text(organization.scene.world.name.as_str())
}

pub(super) fn created(organization: &Organization<'_>) -> Value {
    directory::created(organization.scene.graph_ids.tenant(), organization.scene.world.start_unix_ms)
}

pub(super) fn verified_domains(organization: &Organization<'_>) -> Value {
    Value::List(vec![Value::Record(vec![
        ("capabilities", Value::text("Email, Intune")),
        ("isDefault", Value::Flag(true)),
        ("isInitial", Value::Flag(true)),
        ("name", Value::text(organization.scene.world.domain.as_str())),
        ("type", Value::text("Managed")),
    ])])
}

pub(super) fn tenant_type(_: &Organization<'_>) -> Value {
    Value::text("AAD")
}

pub(super) fn country(_: &Organization<'_>) -> Value {
    Value::text("US")
}

pub(super) fn authority(_: &Organization<'_>) -> Value {
    Value::Choice("intune")
}
