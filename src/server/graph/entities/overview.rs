//! The overview of managed devices: the number of devices by operating system.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::managed_device::ManagedDevice;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::platform::Platform;
use crate::rules::population::traits::Enrollment;
use crate::server::graph::route::Edition;
use crate::server::graph::scene::Scene;

/// The overview of the devices at these indices.
pub(crate) fn overview(scene: &Scene, devices: impl Iterator<Item = u32>, edition: Edition) -> Value {
    let mut counts: BTreeMap<&'static str, u64> = NAMES.iter().map(|name| (*name, 0)).collect();
    let mut all = 0_u64;
    for place in devices {
        all += 1;
        for name in names(&ManagedDevice::new(scene, DeviceIx(place), edition)) {
            *counts.entry(name).or_default() += 1;
        }
    }
    json!({
        "id": scene.graph_ids.tenant().to_string(),
        "enrolledDeviceCount": all,
        "mdmEnrolledCount": all,
        "dualEnrolledDeviceCount": 0,
        "deviceOperatingSystemSummary": counts,
        "deviceExchangeAccessStateSummary": {
            "allowedDeviceCount": 0,
            "blockedDeviceCount": 0,
            "quarantinedDeviceCount": 0,
            "unknownDeviceCount": 0,
            "unavailableDeviceCount": 0,
        },
    })
}

/// The counts of `deviceOperatingSystemSummary` that both editions have.
const NAMES: [&str; 10] = [
    "androidCount",
    "iosCount",
    "macOSCount",
    "windowsMobileCount",
    "windowsCount",
    "unknownCount",
    "androidDedicatedCount",
    "androidFullyManagedCount",
    "androidWorkProfileCount",
    "androidCorporateWorkProfileCount",
];

/// The counts that include a device.
fn names(device: &ManagedDevice<'_>) -> Vec<&'static str> {
    let traits = device.traits();
    match traits.platform {
        Platform::Ios | Platform::Ipados => vec!["iosCount"],
        Platform::Macos => vec!["macOSCount"],
        Platform::Windows => vec!["windowsCount"],
        Platform::Android => {
            let of_enrollment = match traits.enrollment {
                Enrollment::PersonalWorkProfile => Some("androidWorkProfileCount"),
                Enrollment::FullyManaged => Some("androidFullyManagedCount"),
                Enrollment::CorporateWorkProfile => Some("androidCorporateWorkProfileCount"),
                Enrollment::Dedicated => Some("androidDedicatedCount"),
                Enrollment::Aosp => None,
            };
            ["androidCount"].into_iter().chain(of_enrollment).collect()
        }
    }
}
