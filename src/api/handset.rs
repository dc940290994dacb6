//! What a device is outside the model: maker, model, version, serial number. Looked up by its key, so that it never changes;
//! no rule reads any of it.

use crate::rules::ids::Key;
use crate::rules::platform::Platform;
use crate::rules::profile::Profile;

/// Facts that scripts read and nobody delivers by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Handset {
    pub(crate) manufacturer: &'static str,
    pub(crate) model: &'static str,
    pub(crate) os_version: &'static str,
    pub(crate) serial_number: String,
}

impl Handset {
    /// The facts of a device.
    pub(crate) fn of(platform: Platform, key: Key, profile: Profile) -> Self {
        let (manufacturer, model) = *pick(models(platform), key.nth(1));
        let os_version = pick(versions(platform, profile), key.nth(2));
        Self { manufacturer, model, os_version, serial_number: format!("{:012X}", key.nth(3).0 & 0xFFFF_FFFF_FFFF) }
    }
}

fn pick<T>(among: &[T], key: Key) -> &T {
    &among[(key.0 % among.len() as u64) as usize]
}

const fn models(platform: Platform) -> &'static [(&'static str, &'static str)] {
    match platform {
        Platform::Ios => &[("Apple", "iPhone 8"), ("Apple", "iPhone XR"), ("Apple", "iPhone 11")],
        Platform::Ipados => &[("Apple", "iPad Air"), ("Apple", "iPad Pro")],
        Platform::Android => &[("Samsung", "SM-G973F"), ("Google", "Pixel 3"), ("Nokia", "Nokia 7.2")],
        Platform::Macos => &[("Apple", "MacBook Pro"), ("Apple", "MacBook Air")],
        Platform::Windows => &[("LENOVO", "ThinkPad T490"), ("Dell Inc.", "Latitude 5400")],
    }
}

const fn versions(platform: Platform, profile: Profile) -> &'static [&'static str] {
    match (platform, profile) {
        (Platform::Ios | Platform::Ipados, Profile::Intune2019) => &["12.4.1", "13.1", "13.1.3"],
        (Platform::Ios | Platform::Ipados, Profile::Intune2025) => &["18.6.2", "26.0", "26.0.1"],
        (Platform::Android, Profile::Intune2019) => &["8.1.0", "9", "10"],
        (Platform::Android, Profile::Intune2025) => &["14", "15", "16"],
        (Platform::Macos, Profile::Intune2019) => &["10.14.6", "10.15"],
        (Platform::Macos, Profile::Intune2025) => &["15.7", "26.0"],
        (Platform::Windows, Profile::Intune2019) => &["10.0.17763.805", "10.0.18362.418"],
        (Platform::Windows, Profile::Intune2025) => &["10.0.26100.6584", "10.0.26200.6584"],
    }
}
