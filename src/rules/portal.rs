//! The app on the phone, standing in for Company Portal: takes what arrives, shows it or not, and keeps it until it is
//! dismissed (R60–R67, X25–X27). The only machine that changes what a phone shows. Asks no clock.

use super::chance::Purpose;
use super::fault::{FaultSet, Sort};
use super::fleet::{App, LockScreen, Platform};
use super::ids::{Key, MessageIx};
use super::journey::{BlockCause, Effect, Form, Journey};
use super::phone::{Arrival, Ground, Handover, Parcel, PhoneChange};
use super::profile::Profile;
use super::time::SimTime;

/// A portal's changing state; what a change has not set is as drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Portal {
    app: Option<App>,
    permission: Option<bool>,
    outdated: Option<bool>,
    /// What is on the phone, in order of display.
    shown: Vec<Notification>,
}

/// A notification on the phone, kept until it is dismissed (R65).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Notification {
    /// Which message.
    pub message: MessageIx,
    /// Since when.
    pub shown_at: SimTime,
    /// How it appeared.
    pub form: Form,
    /// When the user dismisses it; [`SimTime::NEVER`] for those that nobody attends to.
    pub dismissed_at: SimTime,
}

impl Portal {
    /// What is on the phone now.
    pub fn shown(&self) -> &[Notification] {
        &self.shown
    }

    /// Is there nothing to remember?
    pub fn is_idle(&self) -> bool {
        *self == Self::default()
    }

    /// When something happens next by itself.
    pub fn next_due(&self) -> Option<SimTime> {
        self.shown.iter().map(|shown| shown.dismissed_at).min().filter(|due| *due < SimTime::NEVER)
    }

    /// Every dismissal up to and including `now`.
    pub fn advance(&mut self, now: SimTime, effects: &mut Vec<Effect>) {
        if self.next_due().is_none_or(|due| due > now) {
            return;
        }
        let mut due: Vec<Notification> = self.shown.extract_if(.., |shown| shown.dismissed_at <= now).collect();
        due.sort_by_key(|gone| (gone.dismissed_at, gone.message));
        effects.extend(due.iter().map(|gone| Effect::Dismissed { message: gone.message, at: gone.dismissed_at }));
    }

    /// What the device hands over: first everything due by then, then the parcel.
    pub fn accept(&mut self, ground: &Ground<'_>, handover: Handover, effects: &mut Vec<Effect>) {
        let now = handover.at;
        match handover.what {
            Parcel::Arrived(arrival) => {
                // An arrival goes before a dismissal of its millisecond (T2).
                self.advance(now.just_before(), effects);
                self.display(ground, &arrival, now, effects);
            }
            Parcel::Changed(change, key) => {
                self.advance(now, effects);
                self.change(ground, change, key);
            }
            Parcel::Dismissed(message) => {
                self.advance(now, effects);
                if let Some(at) = self.shown.iter().position(|shown| shown.message == message) {
                    self.shown.remove(at);
                    effects.push(Effect::Dismissed { message, at: now });
                }
            }
        }
    }

    fn change(&mut self, ground: &Ground<'_>, change: PhoneChange, key: Key) {
        let asks = || {
            let draw = ground.world.chance.draw(Purpose::Permission, ground.traits.key, key);
            ground.model.push_permission.hits(draw)
        };
        match change {
            PhoneChange::InstallApp => {
                self.app = Some(self.app(ground).with_portal());
                self.permission = Some(asks());
                self.outdated = Some(false);
            }
            PhoneChange::RemoveApp => self.app = Some(App::None),
            PhoneChange::UpdateApp => {
                self.outdated = Some(false);
                if !self.permission(ground) {
                    self.permission = Some(asks());
                }
            }
            PhoneChange::GrantPermission => self.permission = Some(true),
            PhoneChange::RevokePermission => self.permission = Some(false),
            PhoneChange::OpenApp => {}
        }
    }

    fn app(&self, ground: &Ground<'_>) -> App {
        self.app.unwrap_or(ground.traits.app)
    }

    fn permission(&self, ground: &Ground<'_>) -> bool {
        self.permission.unwrap_or(ground.traits.push_permission)
    }

    /// Shows a message, or says why not: app, permission, form (X25).
    fn display(&mut self, ground: &Ground<'_>, arrival: &Arrival, now: SimTime, effects: &mut Vec<Effect>) {
        let message = arrival.message;
        let hindrance = self.hindrance(ground, now);
        let draws = draws(ground, arrival.key);
        let (to, touched) = match hindrance {
            Some((cause, faults)) => (Journey::Blocked(cause), faults),
            None => (Journey::Shown(self.form(ground, draws)), FaultSet::default()),
        };
        let new = touched.minus(arrival.touched);
        if !new.is_empty() {
            effects.push(Effect::Touched { message, faults: new });
        }
        let from = arrival.from.map(Journey::Waiting);
        effects.push(Effect::Moved { message, at: now, from, to, touched: arrival.touched.union(touched) });
        let Journey::Shown(form) = to else { return };
        if ground.traits.notification_access && ground.traits.platform == Platform::Android {
            effects.push(Effect::Exposed { message });
        }
        let [_, _, never, after] = draws;
        let attention = &ground.model.attention;
        let dismissed_at = if attention.never.hits(never) { SimTime::NEVER } else { now + attention.after.at(after) };
        self.shown.push(Notification { message, shown_at: now, form, dismissed_at });
    }

    /// What keeps the phone from showing anything now, and the faults that made it so; a trait comes before a fault.
    fn hindrance(&self, ground: &Ground<'_>, now: SimTime) -> Option<(BlockCause, FaultSet)> {
        let world = ground.world;
        if !self.app(ground).counts(world.profile, ground.traits.platform) {
            return Some((BlockCause::AppRemoved, FaultSet::default()));
        }
        let removed = ground.faults(Sort::AppRemoved).set_in_force(now);
        if !removed.is_empty() {
            return Some((BlockCause::AppRemoved, removed));
        }
        if !self.permission(ground) {
            return Some((BlockCause::Permission, FaultSet::default()));
        }
        let revoked = ground.faults(Sort::PermissionRevoked).set_in_force(now);
        (!revoked.is_empty()).then_some((BlockCause::Permission, revoked))
    }

    /// How a message appears (X26).
    fn form(&self, ground: &Ground<'_>, [locked, foreground, ..]: [u32; 4]) -> Form {
        let (traits, model) = (&ground.traits, ground.model);
        let in_2025 = ground.world.profile == Profile::Intune2025;
        let is_android = traits.platform == Platform::Android;
        if in_2025 && is_android && self.outdated.unwrap_or(traits.app_outdated) {
            Form::Stub
        } else if model.foreground.hits(foreground) && (!is_android || in_2025) {
            Form::InApp
        } else if !model.locked.hits(locked) {
            Form::Banner
        } else {
            match traits.lock_screen {
                LockScreen::Full => Form::LockFull,
                LockScreen::Hidden => Form::LockHidden,
                LockScreen::Off => Form::NotificationCentre,
            }
        }
    }
}

/// The draws of one display: locked, foreground, never dismissed, dismissed after.
fn draws(ground: &Ground<'_>, message: Key) -> [u32; 4] {
    ground.world.chance.block(Purpose::Display, ground.traits.key, message)
}
