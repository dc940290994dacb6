//! Whether a message is accepted, and for which devices (X5, X10, R10–R31). Must decide from its arguments alone.

use super::directory::{Directory, View, is_within};
use super::model::{Account, Device, Ms, Platform, Scenario, Send};
use super::pair::Class;
use super::phone::Phone;

/// Characters that a title may have (R1).
const TITLE_MAX: usize = 50;
/// Characters that a body may have (R2).
const BODY_MAX: usize = 500;
/// Groups that a message may address (R20).
const GROUPS_MAX: usize = 25;

/// The addressee of a message, as far as admission needs it.
#[derive(Clone, Copy)]
pub(crate) enum Addressee<'a> {
    Groups(&'a [usize]),
    Device(usize),
}

/// A moment, with all facts known at it.
#[derive(Clone, Copy)]
pub(crate) struct Moment<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) directory: &'a Directory,
    pub(crate) now: Ms,
}

/// Groups of a message, each once (R25, X5).
pub(crate) fn distinct(groups: &[usize]) -> Vec<usize> {
    let mut groups = groups.to_vec();
    groups.sort_unstable();
    groups.dedup();
    groups
}

impl Moment<'_> {
    /// The first check that fails before the quotas.
    pub(crate) fn refuses(self, send: &Send, to: Addressee<'_>) -> Option<&'static str> {
        if let Some(account) = send.account.map(|account| &self.scenario.accounts[account]) {
            if !self.is_permitted(account, to) {
                return Some("permission");
            }
            if !self.is_in_scope(account, to) {
                return Some("scope");
            }
        }
        let is_blank = |text: &str| text.trim().is_empty() && !self.scenario.service.blank_text_accepted;
        for (text, max, too_long) in
            [(&send.title, TITLE_MAX, "title_too_long"), (&send.body, BODY_MAX, "body_too_long")]
        {
            if is_blank(text) {
                return Some("empty_text");
            }
            if text.encode_utf16().count() > max {
                return Some(too_long);
            }
        }
        match to {
            Addressee::Groups(groups) => (distinct(groups).len() > GROUPS_MAX).then_some("too_many_groups"),
            Addressee::Device(at) => {
                let device = &self.scenario.devices[at];
                if !self.is_enrolled(at, View::Visible) {
                    return Some("not_enrolled");
                }
                (device.platform.gateway().is_none() || self.is_wrong_enrollment(device))
                    .then_some("unsupported_target")
            }
        }
    }

    fn is_permitted(self, account: &Account, to: Addressee<'_>) -> bool {
        let mut has = account.permissions.clone();
        let to_device = ["remote_tasks.send_custom_notifications", "managed_devices.read", "organization.read"];
        match account.role {
            Some("Help Desk Operator") => has.extend(to_device),
            Some("Tenant administrator") => return true,
            _ => {}
        }
        let wanted: &[&str] = match to {
            Addressee::Groups(_) => &["organization.update"],
            Addressee::Device(_) if self.scenario.is_2025 => &to_device,
            Addressee::Device(_) => &to_device[..1],
        };
        wanted.iter().all(|permission| has.contains(permission))
    }

    fn is_in_scope(self, account: &Account, to: Addressee<'_>) -> bool {
        let Some(scopes) = &account.scope_groups else { return true };
        let is_inside = |scope: &usize| match to {
            Addressee::Groups(_) => false,
            Addressee::Device(at) => self.scenario.devices[at]
                .user
                .is_some_and(|user| self.directory.is_member(self.scenario, *scope, user, View::Visible, self.now)),
        };
        match to {
            Addressee::Groups(groups) => {
                groups.iter().all(|group| scopes.iter().any(|scope| is_within(self.scenario, *group, *scope)))
            }
            Addressee::Device(_) => scopes.iter().any(is_inside),
        }
    }

    fn is_enrolled(self, device: usize, view: View) -> bool {
        self.directory.is_enrolled(self.scenario, device, view, self.now)
    }

    /// R28.
    fn is_wrong_enrollment(self, device: &Device) -> bool {
        self.scenario.is_2025 && device.platform == Platform::Android && device.enrollment != "personal_work_profile"
    }

    /// Whether a device belongs to the audience of groups.
    pub(crate) fn is_addressed(self, device: usize, groups: &[usize], view: View) -> bool {
        let member =
            |user| groups.iter().any(|group| self.directory.is_member(self.scenario, *group, user, view, self.now));
        self.scenario.devices[device].user.is_some_and(member)
    }

    /// Why a pair is skipped when its journey starts (X13).
    pub(crate) fn skips(self, at: usize, phone: Phone, to: Addressee<'_>) -> Option<&'static str> {
        let device = &self.scenario.devices[at];
        if device.platform.gateway().is_none() {
            return Some("unsupported_platform");
        }
        if self.is_wrong_enrollment(device) {
            return Some("unsupported_enrolment");
        }
        if !self.is_enrolled(at, View::Visible) {
            return Some("not_enrolled");
        }
        if device.enrolled_by_another && matches!(to, Addressee::Groups(_)) {
            return Some("enrolled_by_another");
        }
        (!phone.has_app(self.scenario, device)).then_some("app_missing")
    }

    /// The class of a pair that belongs to its message from the start.
    pub(crate) fn class(self, device: usize, to: Addressee<'_>) -> Class {
        if let Addressee::Groups(groups) = to
            && !self.is_addressed(device, groups, View::Truth)
        {
            return Class::StaleMember;
        }
        if self.is_enrolled(device, View::Visible) && !self.is_enrolled(device, View::Truth) {
            return Class::StaleDevice;
        }
        Class::Member
    }
}
