//! How each property of a directory device is read. Must not influence delivery.

use super::registered::DeviceEntity;
use crate::rules::base::platform::Platform;
use crate::server::graph::entities::directory;
use crate::server::odata::Value;

/// A function that reads a property.
pub(crate) type DeviceReader = for<'d, 's> fn(&'d DeviceEntity<'s>) -> Value;

/// The application that registers devices for Intune.
const INTUNE_APP: &str = "0000000a-0000-0000-c000-000000000000";
/// The version of registrations; the directory has had no other for years.
const VERSION: i64 = 2;

/// The exported value of the property under Intune's name, or else a generated one.
fn told_or(device: &DeviceEntity<'_>, property: &str, made: impl FnOnce() -> Value) -> Value {
    device.managed.reported(property).map_or_else(made, Value::text)
}

pub(super) fn id(device: &DeviceEntity<'_>) -> Value {
    let scene = device.managed.scene;
    Value::Text(scene.graph_ids.directory_id_of(&scene.world, device.managed.device).to_string())
}

pub(super) fn device_id(device: &DeviceEntity<'_>) -> Value {
    let scene = device.managed.scene;
    Value::Text(scene.graph_ids.registration_of(&scene.world, device.managed.device).to_string())
}

pub(super) fn display_name(device: &DeviceEntity<'_>) -> Value {
    Value::Text(device.managed.name())
}

/// The directory names some operating systems differently from Intune.
pub(super) fn operating_system(device: &DeviceEntity<'_>) -> Value {
    Value::text(match device.managed.traits().platform {
        Platform::Ios => "iOS",
        Platform::Ipados => "iPadOS",
        Platform::Android => "Android",
        Platform::Macos => "MacMDM",
        Platform::Windows => "Windows",
    })
}

pub(super) fn os_version(device: &DeviceEntity<'_>) -> Value {
    told_or(device, "osVersion", || Value::text(device.managed.hardware().os_version))
}

pub(super) fn model(device: &DeviceEntity<'_>) -> Value {
    told_or(device, "model", || Value::text(device.managed.hardware().model))
}

pub(super) fn manufacturer(device: &DeviceEntity<'_>) -> Value {
    told_or(device, "manufacturer", || Value::text(device.managed.hardware().manufacturer))
}

/// Whether Intune manages it, in the sender's view.
pub(super) fn is_managed(device: &DeviceEntity<'_>) -> Value {
    Value::Flag(device.managed.scene.is_enrolled(device.managed.device))
}

pub(super) fn ownership(device: &DeviceEntity<'_>) -> Value {
    Value::text(if device.managed.owner() == "company" { "Company" } else { "Personal" })
}

pub(super) fn enrollment(device: &DeviceEntity<'_>) -> Value {
    Value::text(device.managed.enrollment())
}

pub(super) fn last_sign_in(device: &DeviceEntity<'_>) -> Value {
    directory::moment(device.managed.synced_at())
}

pub(super) fn registered(device: &DeviceEntity<'_>) -> Value {
    directory::moment(device.managed.enrolled_at())
}

pub(super) fn yes(_: &DeviceEntity<'_>) -> Value {
    Value::Flag(true)
}

pub(super) fn no(_: &DeviceEntity<'_>) -> Value {
    Value::Flag(false)
}

pub(super) fn management_type(_: &DeviceEntity<'_>) -> Value {
    Value::text("MDM")
}

pub(super) fn mdm_app(_: &DeviceEntity<'_>) -> Value {
    Value::text(INTUNE_APP)
}

pub(super) fn profile_type(_: &DeviceEntity<'_>) -> Value {
    Value::text("RegisteredDevice")
}

pub(super) fn trust_type(device: &DeviceEntity<'_>) -> Value {
    let is_joined = device.managed.traits().platform == Platform::Windows && device.managed.owner() == "company";
    Value::text(if is_joined { "AzureAd" } else { "Workplace" })
}

pub(super) fn device_version(_: &DeviceEntity<'_>) -> Value {
    Value::Whole(VERSION)
}

pub(super) fn physical_ids(device: &DeviceEntity<'_>) -> Value {
    let Value::Text(id) = device_id(device) else { return Value::List(Vec::new()) };
    Value::texts([format!("[USER-HWID]:{id}")])
}

pub(super) fn no_security_ids(_: &DeviceEntity<'_>) -> Value {
    Value::List(Vec::new())
}

pub(super) fn no_extension_attributes(_: &DeviceEntity<'_>) -> Value {
    directory::extension_attributes()
}

pub(super) fn unknown_text(_: &DeviceEntity<'_>) -> Value {
    Value::text("Unknown")
}
