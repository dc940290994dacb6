//! The app on the phone, in the role of Company Portal: takes arrivals, shows them or not, and keeps them until they
//! are dismissed (R60–R67, X25–X27). The only state machine that changes what a phone shows. Must not read a clock.

use super::observer::{Observer, TraceEvent};
use super::phone::{Arrival, DeviceWorld, Handover, Parcel};
use crate::rules::base::chance::Purpose;
use crate::rules::base::codes::perhaps;
use crate::rules::base::ids::{Key, MessageIx};
use crate::rules::base::platform::Platform;
use crate::rules::base::profile::Profile;
use crate::rules::base::time::SimTime;
use crate::rules::faults::cover::{Crossing, Sort};
use crate::rules::faults::fault::FaultSet;
use crate::rules::model::change::PhoneChange;
use crate::rules::population::traits::{App, LockScreen};
use crate::rules::service::journey::{BlockCause, Effect, Form, Journey};

/// A portal's mutable state; what no change has set is as drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Portal {
    app: Option<App>,
    permission: Option<bool>,
    outdated: Option<bool>,
    /// Notifications on the phone, in order of display.
    shown: Vec<Notification>,
}

/// A notification on the phone, kept until it is dismissed (R65).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Notification {
    /// The message.
    pub message: MessageIx,
    /// When it was shown.
    pub shown_at: SimTime,
    /// How it appeared.
    pub form: Form,
    /// When the user dismisses it; [`SimTime::NEVER`] if that never happens.
    #[serde(with = "perhaps")]
    pub dismissed_at: SimTime,
}

impl Portal {
    /// The notifications on the phone.
    pub fn shown(&self) -> &[Notification] {
        &self.shown
    }

    /// Resets all state but keeps the buffer.
    pub fn clear(&mut self) {
        let mut shown = std::mem::take(&mut self.shown);
        shown.clear();
        *self = Self { shown, ..Self::default() };
    }

    /// The moment of the next internal event.
    pub fn next_due(&self) -> Option<SimTime> {
        self.shown.iter().map(|shown| shown.dismissed_at).min().filter(|due| *due < SimTime::NEVER)
    }

    /// Runs every dismissal up to and including `now`, in the order of display.
    pub fn advance(&mut self, now: SimTime, out: &mut impl Observer) {
        self.shown.retain(|shown| {
            let stays = shown.dismissed_at > now;
            if !stays {
                out.effect(Effect::Dismissed { message: shown.message, at: shown.dismissed_at });
            }
            stays
        });
    }

    /// Accepts a handover. Notifications on the screen matter for a dismissal by hand only: dismissals that are due by
    /// themselves are reported then or by [`Portal::advance`], each with its own time.
    #[inline]
    pub fn accept(&mut self, device_world: &DeviceWorld<'_>, handover: Handover, out: &mut impl Observer) {
        let now = handover.at;
        match handover.what {
            Parcel::Arrived(arrival) => self.display(device_world, &arrival, now, out),
            Parcel::Changed(change, key) => self.change(device_world, change, key),
            Parcel::Dismissed(message) => {
                self.advance(now, out);
                if let Some(at) = self.shown.iter().position(|shown| shown.message == message) {
                    self.shown.remove(at);
                    out.effect(Effect::Dismissed { message, at: now });
                }
            }
        }
    }

    fn change(&mut self, device_world: &DeviceWorld<'_>, change: PhoneChange, key: Key) {
        let asks = || {
            let draw = device_world.world.chance.draw(Purpose::Permission, device_world.traits.key, key);
            device_world.model.push_permission.hits(draw)
        };
        match change {
            PhoneChange::InstallApp => {
                self.app = Some(self.app(device_world).with_portal());
                self.permission = Some(asks());
                self.outdated = Some(false);
            }
            PhoneChange::RemoveApp => self.app = Some(App::None),
            PhoneChange::UpdateApp => {
                self.outdated = Some(false);
                if !self.permission(device_world) {
                    self.permission = Some(asks());
                }
            }
            PhoneChange::GrantPermission => self.permission = Some(true),
            PhoneChange::RevokePermission => self.permission = Some(false),
            PhoneChange::OpenApp => {}
        }
    }

    fn app(&self, device_world: &DeviceWorld<'_>) -> App {
        self.app.unwrap_or(device_world.traits.app)
    }

    fn permission(&self, device_world: &DeviceWorld<'_>) -> bool {
        self.permission.unwrap_or(device_world.traits.push_permission)
    }

    /// Shows a message, or blocks it because of app, permission or form (X25).
    fn display(&mut self, device_world: &DeviceWorld<'_>, arrival: &Arrival, now: SimTime, out: &mut impl Observer) {
        let Arrival { message, draws, .. } = *arrival;
        let from = arrival.from.map(Journey::Waiting);
        if !self.is_ready(device_world, now)
            && let Some((cause, faults)) = self.hindrance(device_world, now)
        {
            out.note(message, now, TraceEvent::Hindered { faults });
            let (new, touched) = (faults.minus(arrival.touched), faults.union(arrival.touched));
            if !new.is_empty() {
                out.effect(Effect::Touched { message, faults: new });
            }
            out.effect(Effect::Moved { message, at: now, from, to: Journey::Blocked(cause), touched });
            return;
        }
        let (locked, foreground) =
            (device_world.is_locked(draws.found, now), device_world.is_foreground(draws.found, now));
        out.note(message, now, TraceEvent::Found { draw: draws.found, locked, foreground });
        let form = self.form(device_world, locked, foreground);
        out.effect(Effect::Moved { message, at: now, from, to: Journey::Shown(form), touched: arrival.touched });
        if is_exposed(device_world) {
            out.effect(Effect::Exposed { message });
        }
        let dismissed_at = device_world.dismissed_at(draws.attention, now);
        out.note(message, now, TraceEvent::Attention { draw: draws.attention, dismissed_at });
        self.shown.push(Notification { message, shown_at: now, form, dismissed_at });
    }

    /// Whether nothing keeps the phone from showing a message. The most likely conditions come first.
    #[inline]
    fn is_ready(&self, device_world: &DeviceWorld<'_>, now: SimTime) -> bool {
        device_world.is_calm(Crossing::Phone, now)
            && self.permission(device_world)
            && self.app(device_world).counts(device_world.world.profile, device_world.traits.platform)
    }

    /// What keeps the phone from ever showing a message, faults aside.
    pub(super) fn lacking(&self, device_world: &DeviceWorld<'_>) -> Option<BlockCause> {
        if !self.app(device_world).counts(device_world.world.profile, device_world.traits.platform) {
            Some(BlockCause::AppRemoved)
        } else if !self.permission(device_world) {
            Some(BlockCause::Permission)
        } else {
            None
        }
    }

    /// What keeps the phone from showing anything now, and the faults that cause it; a trait comes before a fault.
    fn hindrance(&self, device_world: &DeviceWorld<'_>, now: SimTime) -> Option<(BlockCause, FaultSet)> {
        let lacking = self.lacking(device_world);
        if lacking == Some(BlockCause::AppRemoved) {
            return Some((BlockCause::AppRemoved, FaultSet::default()));
        }
        let removed = device_world.faults(Sort::AppRemoved).set_in_force(now);
        if !removed.is_empty() {
            return Some((BlockCause::AppRemoved, removed));
        }
        if let Some(cause) = lacking {
            return Some((cause, FaultSet::default()));
        }
        let revoked = device_world.faults(Sort::PermissionRevoked).set_in_force(now);
        (!revoked.is_empty()).then_some((BlockCause::Permission, revoked))
    }

    /// How a message appears (X26).
    pub(super) fn form(&self, device_world: &DeviceWorld<'_>, locked: bool, foreground: bool) -> Form {
        let in_2025 = device_world.world.profile == Profile::Intune2025;
        let is_android = device_world.traits.platform == Platform::Android;
        if in_2025 && is_android && self.outdated.unwrap_or(device_world.traits.app_outdated) {
            Form::Stub
        } else if foreground && (!is_android || in_2025) {
            Form::InApp
        } else {
            let on_the_lock_screen = match device_world.traits.lock_screen {
                LockScreen::Full => Form::LockFull,
                LockScreen::Hidden => Form::LockHidden,
                LockScreen::Off => Form::NotificationCentre,
            };
            if locked { on_the_lock_screen } else { Form::Banner }
        }
    }
}

/// Whether another app reads what the phone shows (R64).
pub(super) fn is_exposed(device_world: &DeviceWorld<'_>) -> bool {
    device_world.traits.notification_access && device_world.traits.platform == Platform::Android
}
