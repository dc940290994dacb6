//! Undocumented points of the service, each with two interpretations, of which a scenario chooses one. Must not depend
//! on tenant or device.

use std::collections::BTreeSet;

use super::message::{Reason, Refusal};
use super::quota::{Hour, QuotaLimit};
use crate::rules::base::ids::GroupIx;
use crate::rules::base::limits::{DEVICE_MESSAGES_PER_HOUR, GROUP_MESSAGES_PER_HOUR};
use crate::rules::base::time::SimTime;

/// The assumed behaviour of the service; the first variant of each is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// R4.
    pub characters: CharacterCount,
    /// R5.
    pub blank_text: BlankText,
    /// R42.
    pub group_slots: GroupSlots,
    /// R44.
    pub device_quota: DeviceQuota,
    /// R45.
    pub hour: Hour,
    /// R46.
    pub refused_attempts: RefusedAttempts,
    /// R47.
    pub retry_hint: RetryHint,
}

/// R4: how characters of a title or body are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CharacterCount {
    /// UTF-16 code units, as .NET and JavaScript count.
    #[default]
    Utf16,
    /// Unicode scalar values.
    Scalar,
}

/// R5: what happens to a message whose title or body is empty or only white space.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BlankText {
    /// It is refused.
    #[default]
    Refused,
    /// It is sent.
    Accepted,
}

/// R42: what takes a slot of the tenant's quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupSlots {
    /// A message, to any number of groups.
    #[default]
    Message,
    /// Each group that a message addresses; one that is named twice counts once.
    Group,
}

/// R44: what counts toward the quota of a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceQuota {
    /// Messages to it alone.
    #[default]
    Single,
    /// Messages to groups too, each from the millisecond after a copy for the device set out. Group copies are never
    /// delayed.
    All,
}

/// R46: what a refused attempt takes of the quota.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefusedAttempts {
    /// Nothing.
    #[default]
    Free,
    /// As much as an accepted one: a client that keeps trying stays refused.
    Counted,
}

/// R47: what a refusal by a quota tells the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryHint {
    /// When to try again.
    #[default]
    Told,
    /// Nothing.
    Withheld,
}

impl Service {
    /// The quota of group messages (R40).
    pub const fn quota_of_tenant(&self) -> QuotaLimit {
        QuotaLimit { limit: GROUP_MESSAGES_PER_HOUR, hour: self.hour, refused_attempts: self.refused_attempts }
    }

    /// The quota of messages to one device (R43).
    pub const fn quota_of_device(&self) -> QuotaLimit {
        QuotaLimit { limit: DEVICE_MESSAGES_PER_HOUR, hour: self.hour, refused_attempts: self.refused_attempts }
    }

    /// Whether slots of devices may be requested before messages to groups of earlier times are accepted: their copies take none (R44).
    pub fn reserves_ahead(&self) -> bool {
        self.device_quota != DeviceQuota::All
    }

    /// Slots of the tenant's quota that a message to these groups needs, at least one (R42).
    pub fn slots(&self, groups: &[GroupIx]) -> usize {
        match self.group_slots {
            GroupSlots::Message => 1,
            GroupSlots::Group => groups.iter().collect::<BTreeSet<_>>().len().max(1),
        }
    }

    /// Whether an attempt takes the slots that it needs, if it is refused for this reason or accepted (R46).
    pub fn takes_slots(&self, refused: Option<Reason>) -> bool {
        refused.is_none_or(|reason| reason.is_quota() && self.refused_attempts == RefusedAttempts::Counted)
    }

    /// A refusal by a quota that has its next slot at `next` (R47).
    pub fn refusal(&self, reason: Reason, next: SimTime) -> Refusal {
        let next_slot = match self.retry_hint {
            RetryHint::Told => Some(next),
            RetryHint::Withheld => None,
        };
        Refusal { reason, next_slot }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_costs_one_slot_or_one_for_each_group_r42() {
        let groups = [GroupIx(3), GroupIx(1), GroupIx(3)];
        let by_group = Service { group_slots: GroupSlots::Group, ..Service::default() };
        assert_eq!((Service::default().slots(&groups), by_group.slots(&groups)), (1, 2));
    }

    #[test]
    fn a_refusal_tells_when_to_try_again_or_not_r47() {
        let silent = Service { retry_hint: RetryHint::Withheld, ..Service::default() };
        let said = |service: Service| service.refusal(Reason::GroupQuota, SimTime(7)).next_slot;
        assert_eq!((said(Service::default()), said(silent)), (Some(SimTime(7)), None));
    }
}
