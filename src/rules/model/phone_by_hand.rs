//! What is set on single phones by hand while a tenant runs. It replaces what is drawn for the phone; faults apply on
//! top. Must not change a phone: state machines read it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::change::ChangeKind;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::platform::Platform;
use crate::rules::base::profile::Profile;
use crate::rules::base::time::SimTime;

/// What is set on a phone by hand; `None` is as the phone is by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PhoneByHand {
    /// It has a connection.
    pub online: Option<bool>,
    /// It is locked.
    pub locked: Option<bool>,
    /// Its app is open.
    pub foreground: Option<bool>,
    /// It has Play Services; Android only.
    pub play_services: Option<bool>,
    /// Battery optimisation blocks the app; Android only, since 2025.
    pub battery_restricted: Option<bool>,
}

/// What a [`PhonePatch`] does to one setting. In JSON: absent, null, true or false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<bool>", into = "Option<bool>")]
pub enum Assignment {
    /// It stays as it is.
    #[default]
    Kept,
    /// It is as the phone is by itself again.
    Released,
    /// It is this from now on.
    Set(bool),
}

/// A change of what is set by hand, and of what the phone's user can change: app and permission.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhonePatch {
    /// For [`PhoneByHand::online`].
    #[serde(skip_serializing_if = "Assignment::is_kept")]
    pub online: Assignment,
    /// For [`PhoneByHand::locked`].
    #[serde(skip_serializing_if = "Assignment::is_kept")]
    pub locked: Assignment,
    /// For [`PhoneByHand::foreground`].
    #[serde(skip_serializing_if = "Assignment::is_kept")]
    pub foreground: Assignment,
    /// For [`PhoneByHand::play_services`].
    #[serde(skip_serializing_if = "Assignment::is_kept")]
    pub play_services: Assignment,
    /// For [`PhoneByHand::battery_restricted`].
    #[serde(skip_serializing_if = "Assignment::is_kept")]
    pub battery_restricted: Assignment,
    /// Installs Company Portal, which asks for the permission (R67), or removes the apps. It cannot be released.
    #[serde(skip_serializing_if = "Assignment::is_kept")]
    pub app: Assignment,
    /// Its user allows or forbids notifications, after a change of the app. It cannot be released.
    #[serde(skip_serializing_if = "Assignment::is_kept")]
    pub permission: Assignment,
}

/// Why a patch does not fit a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneMisfit {
    /// No message reaches it, whatever is set.
    #[error("no custom notification reaches a {platform} device: set one of a phone or tablet", platform = .0.name())]
    NotCarried(Platform),
    /// It has no such part.
    #[error("only Android has `{0}`: leave it out for this device")]
    AndroidOnly(&'static str),
    /// The setting has no effect in this profile.
    #[error("`battery_restricted` blocks only in the profile intune-2025: leave it out")]
    Only2025,
    /// It has no state of its own to go back to.
    #[error("`{0}` is true or false: once set it stays so until it is set again")]
    NotReleased(&'static str),
    /// It changes nothing.
    #[error(
        "nothing is set: give at least one of online, locked, foreground, play_services, battery_restricted, app, permission"
    )]
    Empty,
}

impl Assignment {
    /// Whether the setting stays as it is.
    pub const fn is_kept(&self) -> bool {
        matches!(self, Self::Kept)
    }

    const fn after(self, before: Option<bool>) -> Option<bool> {
        match self {
            Self::Kept => before,
            Self::Released => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl From<Option<bool>> for Assignment {
    fn from(value: Option<bool>) -> Self {
        value.map_or(Self::Released, Self::Set)
    }
}

impl From<Assignment> for Option<bool> {
    fn from(assignment: Assignment) -> Self {
        assignment.after(None)
    }
}

impl PhonePatch {
    /// Whether it can be applied to a phone of this platform.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn fits(&self, platform: Platform, profile: Profile) -> Result<(), PhoneMisfit> {
        if *self == Self::default() {
            return Err(PhoneMisfit::Empty);
        }
        if platform.gateway().is_none() {
            return Err(PhoneMisfit::NotCarried(platform));
        }
        let of_android = [("play_services", self.play_services), ("battery_restricted", self.battery_restricted)];
        if platform != Platform::Android
            && let Some((name, _)) = of_android.into_iter().find(|(_, assigned)| !assigned.is_kept())
        {
            return Err(PhoneMisfit::AndroidOnly(name));
        }
        if profile != Profile::Intune2025 && !self.battery_restricted.is_kept() {
            return Err(PhoneMisfit::Only2025);
        }
        match [("app", self.app), ("permission", self.permission)].into_iter().find(|one| one.1 == Assignment::Released)
        {
            Some((name, _)) => Err(PhoneMisfit::NotReleased(name)),
            None => Ok(()),
        }
    }

    /// Its changes of app and permission, in order: they are those of a scenario.
    pub(crate) fn changes(&self) -> impl Iterator<Item = ChangeKind> {
        let app = match self.app {
            Assignment::Set(true) => Some(ChangeKind::InstallApp),
            Assignment::Set(false) => Some(ChangeKind::RemoveApp),
            Assignment::Kept | Assignment::Released => None,
        };
        let permission = match self.permission {
            Assignment::Set(true) => Some(ChangeKind::GrantPermission),
            Assignment::Set(false) => Some(ChangeKind::RevokePermission),
            Assignment::Kept | Assignment::Released => None,
        };
        [app, permission].into_iter().flatten()
    }
}

impl PhoneByHand {
    /// What is set after a patch.
    #[must_use]
    pub fn patched(self, patch: &PhonePatch) -> Self {
        Self {
            online: patch.online.after(self.online),
            locked: patch.locked.after(self.locked),
            foreground: patch.foreground.after(self.foreground),
            play_services: patch.play_services.after(self.play_services),
            battery_restricted: patch.battery_restricted.after(self.battery_restricted),
        }
    }
}

/// What is set on a phone, in order of time: each holds until the next.
#[derive(Clone, Copy, Debug, Default)]
pub struct HandSettings<'a>(&'a [(SimTime, PhoneByHand)]);

impl HandSettings<'_> {
    /// Whether nothing is ever set.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// What is set at `now`, and since when; `None` if nothing is.
    #[inline]
    pub fn at(self, now: SimTime) -> Option<(SimTime, PhoneByHand)> {
        if self.is_empty() {
            return None;
        }
        let next = self.0.partition_point(|(since, _)| *since <= now);
        let last = self.0[..next].last().copied();
        last.filter(|(_, set)| *set != PhoneByHand::default())
    }

    /// The same without the time.
    #[inline]
    pub fn set_at(self, now: SimTime) -> PhoneByHand {
        self.at(now).map_or_else(PhoneByHand::default, |(_, set)| set)
    }

    /// The first moment from `now` on at which the phone is present: as it is set, or else as it is by itself.
    /// [`SimTime::NEVER`] if there is none.
    pub(crate) fn next_present(self, now: SimTime, by_itself: impl Fn(SimTime) -> SimTime) -> SimTime {
        let mut at = now;
        loop {
            let ends = self.0.iter().map(|(since, _)| *since).find(|since| *since > at).unwrap_or(SimTime::NEVER);
            let present = match self.set_at(at).online {
                Some(true) => at,
                Some(false) => SimTime::NEVER,
                None => by_itself(at),
            };
            if present < ends || ends == SimTime::NEVER {
                return present;
            }
            at = ends;
        }
    }
}

/// What is set by hand on the phones of a world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhonesByHand(BTreeMap<DeviceIx, Vec<(SimTime, PhoneByHand)>>);

impl PhonesByHand {
    /// What is set on one of them.
    #[inline]
    pub fn of(&self, device: DeviceIx) -> HandSettings<'_> {
        if self.0.is_empty() {
            return HandSettings::default();
        }
        HandSettings(self.0.get(&device).map_or(&[], Vec::as_slice))
    }

    /// Adds a patch; it is not before any other of the device.
    pub(crate) fn patch(&mut self, device: DeviceIx, at: SimTime, patch: PhonePatch) {
        let settings = self.0.entry(device).or_default();
        let before = settings.last().map_or_else(PhoneByHand::default, |(_, set)| *set);
        let after = before.patched(&patch);
        if after != before {
            settings.push((at, after));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(json: &str) -> PhonePatch {
        serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
    }

    #[test]
    fn a_patch_keeps_releases_and_sets_and_is_written_as_it_was_read() {
        let text = r#"{"online":false,"locked":null}"#;
        let read = patch(text);
        assert_eq!(
            read,
            PhonePatch { online: Assignment::Set(false), locked: Assignment::Released, ..PhonePatch::default() }
        );
        assert_eq!(serde_json::to_string(&read).expect("it is plain data"), text);
        let before = PhoneByHand { locked: Some(true), foreground: Some(true), ..PhoneByHand::default() };
        let after = PhoneByHand { online: Some(false), locked: None, ..before };
        assert_eq!(before.patched(&read), after);
        assert!(serde_json::from_str::<PhonePatch>(r#"{"onlin":true}"#).is_err());
    }

    #[test]
    fn what_does_not_fit_a_phone_is_refused_with_its_reason() {
        let fits = |json, platform, profile| patch(json).fits(platform, profile);
        let (ios, android) = (Platform::Ios, Platform::Android);
        let (old, new) = (Profile::Intune2019, Profile::Intune2025);
        assert_eq!(fits("{}", ios, new), Err(PhoneMisfit::Empty));
        assert_eq!(fits(r#"{"online":true}"#, Platform::Windows, new), Err(PhoneMisfit::NotCarried(Platform::Windows)));
        assert_eq!(fits(r#"{"play_services":false}"#, ios, new), Err(PhoneMisfit::AndroidOnly("play_services")));
        assert_eq!(
            fits(r#"{"battery_restricted":null}"#, ios, new),
            Err(PhoneMisfit::AndroidOnly("battery_restricted"))
        );
        assert_eq!(fits(r#"{"battery_restricted":true}"#, android, old), Err(PhoneMisfit::Only2025));
        assert_eq!(fits(r#"{"app":null}"#, android, new), Err(PhoneMisfit::NotReleased("app")));
        assert_eq!(fits(r#"{"permission":null}"#, ios, old), Err(PhoneMisfit::NotReleased("permission")));
        assert_eq!(fits(r#"{"battery_restricted":true,"play_services":null}"#, android, new), Ok(()));
        assert_eq!(fits(r#"{"app":true,"permission":false}"#, ios, old), Ok(()));
    }

    #[test]
    fn the_app_changes_before_the_permission() {
        let changes = |json| patch(json).changes().collect::<Vec<_>>();
        assert_eq!(changes(r#"{"permission":true,"app":true}"#), [ChangeKind::InstallApp, ChangeKind::GrantPermission]);
        assert_eq!(
            changes(r#"{"permission":false,"app":false}"#),
            [ChangeKind::RemoveApp, ChangeKind::RevokePermission]
        );
        assert_eq!(changes(r#"{"online":true}"#), []);
    }

    #[test]
    fn a_phone_is_present_as_it_is_set_and_else_as_it_is_by_itself() {
        let (device, mut phones) = (DeviceIx(3), PhonesByHand::default());
        // By itself it is online for the second half of each 100 ms, up to 1,000.
        let by_itself = |now: SimTime| match now.0 {
            1_000.. => SimTime::NEVER,
            now if now % 100 >= 50 => SimTime(now),
            now => SimTime(now - now % 100 + 50),
        };
        let next = |phones: &PhonesByHand, now| phones.of(device).next_present(SimTime(now), by_itself).ms().min(9_999);
        assert_eq!((next(&phones, 10), phones.of(device).is_empty()), (50, true));
        phones.patch(device, SimTime(120), patch(r#"{"online":false}"#));
        phones.patch(device, SimTime(130), patch(r#"{"online":false,"locked":true}"#));
        assert_eq!((next(&phones, 10), next(&phones, 110), next(&phones, 160)), (50, 9_999, 9_999));
        phones.patch(device, SimTime(420), patch(r#"{"online":true}"#));
        assert_eq!(
            (next(&phones, 110), next(&phones, 419), next(&phones, 430), next(&phones, 2_000)),
            (420, 420, 430, 2_000)
        );
        phones.patch(device, SimTime(520), patch(r#"{"online":null,"locked":null}"#));
        assert_eq!((next(&phones, 519), next(&phones, 520), next(&phones, 2_000)), (519, 550, 9_999));
        let settings = phones.of(device);
        let online = |now: u64| settings.set_at(SimTime(now)).online;
        assert_eq!(
            [119, 120, 419, 420, 519, 520].map(online),
            [None, Some(false), Some(false), Some(true), Some(true), None]
        );
        let since = |now: u64| settings.at(SimTime(now)).map(|(since, _)| since.0);
        assert_eq!([119, 125, 500, 520].map(since), [None, Some(120), Some(420), None]);
        assert!(phones.of(DeviceIx(2)).is_empty());
        let before = phones.clone();
        phones.patch(device, SimTime(600), patch(r#"{"app":true}"#));
        assert_eq!(phones, before, "the app is a change, and no setting");
    }
}
