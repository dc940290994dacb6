//! The sends of a scenario: times, target and account. Data only; the tenant judges them.

use crate::rules::base::ids::{AccountIx, DeviceIx, GroupIx, Key};
use crate::rules::base::time::{SimTime, Zone};
use crate::rules::service::message::MessageKind;

/// The recipients of a send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Groups, as listed; a group named twice counts once.
    Groups(Vec<GroupIx>),
    /// One message a device, in fleet order (X28).
    Devices {
        /// The devices, ascending.
        devices: Vec<DeviceIx>,
        /// Whether it is the single `device = …`. Then `messages[]` needs no `device` to be unique, but has it all the
        /// same.
        listed: bool,
    },
}

impl Target {
    /// To groups or to single devices.
    pub const fn kind(&self) -> MessageKind {
        match self {
            Self::Groups(_) => MessageKind::Group,
            Self::Devices { .. } => MessageKind::Device,
        }
    }

    /// Messages of one occurrence.
    pub fn messages(&self) -> u64 {
        match self {
            Self::Groups(_) => 1,
            Self::Devices { devices, .. } => devices.len() as u64,
        }
    }
}

/// One `[[send]]`, its schedule resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendPlan {
    /// Unique name.
    pub name: String,
    /// Hash of the name.
    pub key: Key,
    /// When each occurrence is sent, ascending, all before the horizon.
    pub times: Vec<SimTime>,
    /// The local time in which they are written, if it is not the scenario's; no rule reads it.
    pub zone: Option<Zone>,
    /// The recipients.
    pub target: Target,
    /// The sending account.
    pub account: AccountIx,
    /// Retries after a quota refusal, 0 (`drop`) to 3.
    pub retries: u32,
    /// The title; it may be too long (a refusal at run time).
    pub title: String,
    /// The body; it may be too long.
    pub body: String,
    /// How long it is tried, in ms; `None` for the gateway's own.
    pub expiry_ms: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_occurrence_to_devices_is_a_message_for_each() {
        let to = |devices: u32| Target::Devices { devices: (0..devices).map(DeviceIx).collect(), listed: false };
        assert_eq!([to(0), to(1), to(7)].map(|target| target.messages()), [0, 1, 7]);
        assert_eq!(Target::Groups(vec![GroupIx(0), GroupIx(3)]).messages(), 1);
    }
}
