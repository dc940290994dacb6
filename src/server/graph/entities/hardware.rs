//! Hardware facts of a device: maker, model, version, numbers, storage. They are derived from its key, so that they
//! never change. No rule may read them.

use crate::rules::base::ids::Key;
use crate::rules::base::platform::Platform;
use crate::rules::base::profile::Profile;

/// Facts that scripts read and that no delivery depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HardwareInfo {
    platform: Platform,
    profile: Profile,
    key: Key,
    pub(crate) manufacturer: &'static str,
    pub(crate) model: &'static str,
    pub(crate) os_version: &'static str,
    pub(crate) serial_number: String,
}

impl HardwareInfo {
    /// The facts of a device.
    pub(crate) fn of(platform: Platform, key: Key, profile: Profile) -> Self {
        let (manufacturer, model) = *pick(models(platform), key.nth(1));
        let os_version = pick(versions(platform, profile), key.nth(2));
        let serial_number = format!("{:012X}", key.nth(3).0 & 0xFFFF_FFFF_FFFF);
        Self { platform, profile, key, manufacturer, model, os_version, serial_number }
    }

    /// Does it have a cellular radio?
    const fn is_cellular(&self) -> bool {
        matches!(self.platform, Platform::Ios | Platform::Android)
    }

    /// Fifteen digits, the last of which is a check digit; `None` without a radio.
    pub(crate) fn imei(&self) -> Option<String> {
        let digits = format!("35{:012}", self.key.nth(6).0 % 1_000_000_000_000);
        let double = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
        let sum: u32 = digits
            .bytes()
            .enumerate()
            .map(|(at, digit)| (at, u32::from(digit - b'0')))
            .map(|(at, digit)| if at % 2 == 1 { double(digit) } else { digit })
            .sum();
        self.is_cellular().then(|| format!("{digits}{}", (10 - sum % 10) % 10))
    }

    /// The number of its SIM card; `None` without a radio.
    pub(crate) fn iccid(&self) -> Option<String> {
        self.is_cellular().then(|| format!("8901{:015}", self.key.nth(7).0 % 1_000_000_000_000_000))
    }

    /// A number that no subscriber has; `None` without a radio.
    pub(crate) fn phone_number(&self) -> Option<String> {
        self.is_cellular().then(|| format!("+1202555{:04}", 100 + self.key.nth(8).0 % 100))
    }

    /// The address of its wireless adapter, locally administered.
    pub(crate) fn wifi_mac(&self) -> String {
        format!("02{:010X}", self.key.nth(9).0 & 0xFF_FFFF_FFFF)
    }

    /// The address of its wired adapter; `None` for phones and tablets.
    pub(crate) fn ethernet_mac(&self) -> Option<String> {
        let is_wired = matches!(self.platform, Platform::Macos | Platform::Windows);
        is_wired.then(|| format!("02{:010X}", self.key.nth(10).0 & 0xFF_FFFF_FFFF))
    }

    /// Apple's device identifier; `None` on other platforms.
    pub(crate) fn udid(&self) -> Option<String> {
        let is_apple = matches!(self.platform, Platform::Ios | Platform::Ipados | Platform::Macos);
        is_apple.then(|| format!("{:08X}-{:016X}", self.key.nth(11).0 >> 32, self.key.nth(12).0))
    }

    /// Bytes of storage, total and free.
    pub(crate) fn storage(&self) -> (i64, i64) {
        let total = pick(&[64, 128, 256, 512], self.key.nth(13)) * (1_i64 << 30);
        let free_thousandths = 50 + (self.key.nth(14).0 % 900).cast_signed();
        (total, total / 1_000 * free_thousandths)
    }

    /// Bytes of memory.
    pub(crate) fn memory(&self) -> i64 {
        pick(&[4, 6, 8, 16], self.key.nth(15)) * (1_i64 << 30)
    }

    /// The date of the last security update; `None` except on Android.
    pub(crate) const fn security_patch(&self) -> Option<&'static str> {
        match (self.platform, self.profile) {
            (Platform::Android, Profile::Intune2019) => Some("2019-09-01"),
            (Platform::Android, Profile::Intune2025) => Some("2025-09-05"),
            _ => None,
        }
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
