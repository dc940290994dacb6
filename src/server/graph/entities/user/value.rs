//! How each property of a user is read. Must not influence delivery.

use super::person::User;
use crate::scenario::UserAttribute;
use crate::server::graph::entities::directory;
use crate::server::odata::Value;

/// A function that reads a property.
pub(crate) type UserReader = for<'u, 's> fn(&'u User<'s>) -> Value;

/// The product that includes Intune, and its service plan, by the ids that Microsoft lists.
const INTUNE_SKU: &str = "061f9ace-7d42-4136-88ac-31dc755f143f";
const INTUNE_PLAN: &str = "c1ec4a95-1f05-45b3-a911-aa3fa01094f5";
/// Devices that a user may enrol.
const ENROLLED_MAX: i64 = 1_000;

pub(super) fn id(user: &User<'_>) -> Value {
    Value::Text(user.id().to_string())
}

pub(super) fn display_name(user: &User<'_>) -> Value {
    Value::Text(user.display_name())
}

pub(super) fn principal_name(user: &User<'_>) -> Value {
    Value::Text(user.principal_name())
}

pub(super) fn mail(user: &User<'_>) -> Value {
    user.mail().map_or(Value::Null, Value::Text)
}

pub(super) fn yes(_: &User<'_>) -> Value {
    Value::Flag(true)
}

/// The part of a name before its last space.
pub(super) fn given_name(user: &User<'_>) -> Value {
    user.display_name().rsplit_once(' ').map_or(Value::Null, |(given, _)| Value::text(given))
}

/// The part of a name after its last space.
pub(super) fn surname(user: &User<'_>) -> Value {
    user.display_name().rsplit_once(' ').map_or(Value::Null, |(_, surname)| Value::text(surname))
}

pub(super) fn mail_nickname(user: &User<'_>) -> Value {
    directory::mail_nickname(&user.principal_name())
}

pub(super) fn proxy_addresses(user: &User<'_>) -> Value {
    Value::texts(user.mail().map(|mail| format!("SMTP:{mail}")))
}

pub(super) fn im_addresses(user: &User<'_>) -> Value {
    Value::texts(user.mail())
}

pub(super) fn member(_: &User<'_>) -> Value {
    Value::text("Member")
}

pub(super) fn created(user: &User<'_>) -> Value {
    directory::created(user.id(), user.scene.world.start_unix_ms)
}

pub(super) fn identities(user: &User<'_>) -> Value {
    let name = user.principal_name();
    let issuer = name.split_once('@').map_or("", |(_, domain)| domain).to_owned();
    Value::List(vec![Value::Record(vec![
        ("signInType", Value::text("userPrincipalName")),
        ("issuer", Value::Text(issuer)),
        ("issuerAssignedId", Value::Text(name)),
    ])])
}

pub(super) fn assigned_licenses(_: &User<'_>) -> Value {
    let license = vec![("disabledPlans", Value::List(Vec::new())), ("skuId", Value::text(INTUNE_SKU))];
    Value::List(vec![Value::Record(license)])
}

pub(super) fn assigned_plans(user: &User<'_>) -> Value {
    Value::List(vec![Value::Record(vec![
        ("assignedDateTime", created(user)),
        ("capabilityStatus", Value::text("Enabled")),
        ("service", Value::text("SCO")),
        ("servicePlanId", Value::text(INTUNE_PLAN)),
    ])])
}

pub(super) fn security_identifier(user: &User<'_>) -> Value {
    directory::security_identifier(user.id())
}

pub(super) fn city(user: &User<'_>) -> Value {
    user.attribute(UserAttribute::City)
}

pub(super) fn country(user: &User<'_>) -> Value {
    user.attribute(UserAttribute::Country)
}

pub(super) fn department(user: &User<'_>) -> Value {
    user.attribute(UserAttribute::Department)
}

pub(super) fn office(user: &User<'_>) -> Value {
    user.attribute(UserAttribute::Office)
}

/// A usage location is required before a license can be assigned, so a user without one has one all the same.
pub(super) fn usage_location(user: &User<'_>) -> Value {
    match user.attribute(UserAttribute::UsageLocation) {
        Value::Null => Value::text("US"),
        told => told,
    }
}

pub(super) fn no_extension_attributes(_: &User<'_>) -> Value {
    directory::extension_attributes()
}

pub(super) fn enrollment_limit(_: &User<'_>) -> Value {
    Value::Whole(ENROLLED_MAX)
}
