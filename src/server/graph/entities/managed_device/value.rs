//! How each property of a managed device is read. Must not influence delivery.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::device::ManagedDevice;
use crate::rules::base::platform::Platform;
use crate::rules::population::traits::Enrollment;
use crate::server::graph::entities::directory::moment;
use crate::server::odata::Value;

/// A function that reads a property.
pub(crate) type ManagedDeviceReader = for<'d, 's> fn(&'d ManagedDevice<'s>) -> Value;

/// How long a management certificate is valid, in ms.
const CERTIFICATE_MS: i64 = 365 * 24 * 3_600_000;
/// What Graph writes for a moment that never was, and for one that never comes; in Unix ms.
const NEVER_UNIX_MS: i64 = -62_135_596_800_000;
const END_OF_TIME_UNIX_MS: i64 = 253_402_300_799_000;
/// The SKU number of Windows Pro.
const SKU_PROFESSIONAL: i64 = 48;

fn or_null(text: Option<String>) -> Value {
    text.map_or(Value::Null, Value::Text)
}

pub(super) fn id(device: &ManagedDevice<'_>) -> Value {
    Value::Text(device.scene.graph_ids.device(device.device).to_string())
}

pub(super) fn user_id(device: &ManagedDevice<'_>) -> Value {
    device.of_user(|user| device.scene.graph_ids.user(user).to_string())
}

pub(super) fn device_name(device: &ManagedDevice<'_>) -> Value {
    Value::Text(device.name())
}

/// The id of the device in the directory: the exported one if it is a UUID, otherwise a generated one.
pub(super) fn registration_id(device: &ManagedDevice<'_>) -> Value {
    Value::Text(registration(device).to_string())
}

pub(crate) fn registration(device: &ManagedDevice<'_>) -> Uuid {
    device.scene.graph_ids.registration_of(&device.scene.world, device.device)
}

pub(super) fn owner(device: &ManagedDevice<'_>) -> Value {
    Value::Choice(device.owner())
}

pub(super) fn management_state(_: &ManagedDevice<'_>) -> Value {
    Value::Choice("managed")
}

pub(super) fn enrolled(device: &ManagedDevice<'_>) -> Value {
    moment(device.enrolled_at())
}

pub(super) fn last_sync(device: &ManagedDevice<'_>) -> Value {
    moment(device.synced_at())
}

pub(super) fn operating_system(device: &ManagedDevice<'_>) -> Value {
    Value::text(match device.traits().platform {
        Platform::Ios => "iOS",
        Platform::Ipados => "iPadOS",
        Platform::Android => "Android",
        Platform::Macos => "macOS",
        Platform::Windows => "Windows",
    })
}

pub(super) fn compliance(_: &ManagedDevice<'_>) -> Value {
    Value::Choice("compliant")
}

pub(super) fn management_agent(_: &ManagedDevice<'_>) -> Value {
    Value::Choice("mdm")
}

pub(super) fn registration_state(_: &ManagedDevice<'_>) -> Value {
    Value::Choice("registered")
}

pub(super) fn enrollment(device: &ManagedDevice<'_>) -> Value {
    Value::Choice(device.enrollment())
}

pub(super) fn os_version(device: &ManagedDevice<'_>) -> Value {
    Value::text(device.hardware().os_version)
}

pub(super) fn model(device: &ManagedDevice<'_>) -> Value {
    Value::text(device.hardware().model)
}

pub(super) fn manufacturer(device: &ManagedDevice<'_>) -> Value {
    Value::text(device.hardware().manufacturer)
}

pub(super) fn serial_number(device: &ManagedDevice<'_>) -> Value {
    Value::Text(device.hardware().serial_number)
}

pub(super) fn user_principal_name(device: &ManagedDevice<'_>) -> Value {
    device.of_user(|user| device.principal(user))
}

pub(super) fn user_display_name(device: &ManagedDevice<'_>) -> Value {
    device.of_user(|user| device.scene.world.fleet.user_name(user))
}

/// The model does not know which account enrolled a device that its user did not enrol.
pub(super) fn enrolled_by(device: &ManagedDevice<'_>) -> Value {
    if device.traits().enrolled_by_another { Value::Null } else { user_principal_name(device) }
}

pub(super) fn yes(_: &ManagedDevice<'_>) -> Value {
    Value::Flag(true)
}

pub(super) fn no(_: &ManagedDevice<'_>) -> Value {
    Value::Flag(false)
}

pub(super) fn zero(_: &ManagedDevice<'_>) -> Value {
    Value::Whole(0)
}

pub(super) fn never(_: &ManagedDevice<'_>) -> Value {
    moment(NEVER_UNIX_MS)
}

pub(super) fn end_of_time(_: &ManagedDevice<'_>) -> Value {
    moment(END_OF_TIME_UNIX_MS)
}

pub(super) fn none(_: &ManagedDevice<'_>) -> Value {
    Value::Choice("none")
}

pub(super) fn unknown(_: &ManagedDevice<'_>) -> Value {
    Value::Choice("unknown")
}

pub(super) fn unknown_text(_: &ManagedDevice<'_>) -> Value {
    Value::text("Unknown")
}

pub(super) fn disabled(_: &ManagedDevice<'_>) -> Value {
    Value::Choice("disabled")
}

pub(super) fn scope_tags(_: &ManagedDevice<'_>) -> Value {
    Value::texts(["0"])
}

/// Only corporate phones and tablets are.
pub(super) fn is_supervised(device: &ManagedDevice<'_>) -> Value {
    let is_mobile_apple = matches!(device.traits().platform, Platform::Ios | Platform::Ipados);
    Value::Flag(is_mobile_apple && device.owner() == "company")
}

pub(super) fn jail_broken(device: &ManagedDevice<'_>) -> Value {
    let is_checked = device.traits().platform.gateway().is_some();
    Value::text(if is_checked { "False" } else { "Unknown" })
}

/// A name in Intune's format, from its user, its system and when it was enrolled.
pub(super) fn managed_device_name(device: &ManagedDevice<'_>) -> Value {
    let user = device.user().map(|user| device.principal(user));
    let user = user.as_deref().and_then(|name| name.split('@').next()).unwrap_or("").to_owned();
    let system = match device.traits().platform {
        Platform::Ios => "iPhone",
        Platform::Ipados => "iPad",
        Platform::Android => "Android",
        Platform::Macos => "MacMDM",
        Platform::Windows => "Windows",
    };
    let enrolled = TimeZone::UTC.to_datetime(Timestamp::from_millisecond(device.enrolled_at()).unwrap_or_default());
    Value::Text(format!("{user}_{system}_{}", enrolled.strftime("%-m/%-d/%Y_%-I:%M %p")))
}

/// A year after its enrolment, or after the last renewal.
pub(super) fn certificate_expiration(device: &ManagedDevice<'_>) -> Value {
    let (enrolled, start) = (device.enrolled_at(), device.scene.world.start_unix_ms);
    let years = (start - enrolled).div_euclid(CERTIFICATE_MS) + 1;
    moment(enrolled + years * CERTIFICATE_MS)
}

pub(super) fn android_patch_level(device: &ManagedDevice<'_>) -> Value {
    device.hardware().security_patch().map_or(Value::Null, Value::text)
}

pub(super) fn imei(device: &ManagedDevice<'_>) -> Value {
    or_null(device.hardware().imei())
}

pub(super) fn iccid(device: &ManagedDevice<'_>) -> Value {
    or_null(device.hardware().iccid())
}

pub(super) fn phone_number(device: &ManagedDevice<'_>) -> Value {
    or_null(device.hardware().phone_number())
}

pub(super) fn wifi_mac(device: &ManagedDevice<'_>) -> Value {
    Value::Text(device.hardware().wifi_mac())
}

pub(super) fn ethernet_mac(device: &ManagedDevice<'_>) -> Value {
    or_null(device.hardware().ethernet_mac())
}

pub(super) fn udid(device: &ManagedDevice<'_>) -> Value {
    or_null(device.hardware().udid())
}

pub(super) fn total_storage(device: &ManagedDevice<'_>) -> Value {
    Value::Whole(device.hardware().storage().0)
}

pub(super) fn free_storage(device: &ManagedDevice<'_>) -> Value {
    Value::Whole(device.hardware().storage().1)
}

pub(super) fn memory(device: &ManagedDevice<'_>) -> Value {
    Value::Whole(device.hardware().memory())
}

pub(super) fn device_type(device: &ManagedDevice<'_>) -> Value {
    let traits = device.traits();
    Value::Choice(match (traits.platform, traits.enrollment) {
        (Platform::Ios, _) => "iPhone",
        (Platform::Ipados, _) => "iPad",
        (Platform::Macos, _) => "macMDM",
        (Platform::Windows, _) => "desktop",
        (Platform::Android, Enrollment::PersonalWorkProfile) => "androidForWork",
        (Platform::Android, Enrollment::Aosp) => "androidnGMS",
        (Platform::Android, _) => "androidEnterprise",
    })
}

pub(super) fn join_type(device: &ManagedDevice<'_>) -> Value {
    let is_joined = device.traits().platform == Platform::Windows && device.owner() == "company";
    Value::Choice(if is_joined { "azureADJoined" } else { "azureADRegistered" })
}

pub(super) fn architecture(device: &ManagedDevice<'_>) -> Value {
    Value::Choice(if device.traits().platform == Platform::Windows { "x64" } else { "arM64" })
}

pub(super) fn chassis(device: &ManagedDevice<'_>) -> Value {
    Value::Choice(match device.traits().platform {
        Platform::Ios | Platform::Android => "phone",
        Platform::Ipados => "tablet",
        Platform::Macos | Platform::Windows => "laptop",
    })
}

pub(super) fn sku_family(device: &ManagedDevice<'_>) -> Value {
    let is_windows = device.traits().platform == Platform::Windows;
    if is_windows { Value::text("Professional") } else { Value::Null }
}

pub(super) fn sku_number(device: &ManagedDevice<'_>) -> Value {
    Value::Whole(if device.traits().platform == Platform::Windows { SKU_PROFESSIONAL } else { 0 })
}

/// The user of a Windows computer; other systems report none.
pub(super) fn users_logged_on(device: &ManagedDevice<'_>) -> Value {
    let user = device.user().filter(|_| device.traits().platform == Platform::Windows);
    let user = user.map(|user| device.scene.graph_ids.user(user).to_string());
    let one = |id: String| Value::Record(vec![("userId", Value::Text(id)), ("lastLogOnDateTime", last_sync(device))]);
    Value::List(user.into_iter().map(one).collect())
}

pub(super) fn hardware_information(device: &ManagedDevice<'_>) -> Value {
    let hardware = device.hardware();
    let (total, free) = hardware.storage();
    Value::Record(vec![
        ("serialNumber", Value::text(hardware.serial_number.as_str())),
        ("totalStorageSpace", Value::Whole(total)),
        ("freeStorageSpace", Value::Whole(free)),
        ("imei", or_null(hardware.imei())),
        ("meid", Value::Null),
        ("manufacturer", Value::text(hardware.manufacturer)),
        ("model", Value::text(hardware.model)),
        ("phoneNumber", or_null(hardware.phone_number())),
        ("wifiMac", Value::Text(hardware.wifi_mac())),
        ("isSupervised", is_supervised(device)),
        ("isEncrypted", Value::Flag(true)),
        ("isSharedDevice", Value::Flag(false)),
        ("sharedDeviceCachedUsers", Value::List(Vec::new())),
        ("wiredIPv4Addresses", Value::List(Vec::new())),
    ])
}
