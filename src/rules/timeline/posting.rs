//! A message that a client requests through an API while the model runs, instead of a scenario beforehand. The tenant
//! judges it like every send. Its text must not be kept after that.

use crate::rules::base::ids::{AccountIx, DeviceIx, GroupIx, Key, SendIx};
use crate::rules::model::send::{SendPlan, Target};
use crate::rules::model::world::World;

/// A requested message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// The sender. An application that may send whatever its token grants sends as the built-in administrator (R16).
    pub account: AccountIx,
    /// The recipients.
    pub recipients: Recipients,
    /// The title, as given.
    pub title: String,
    /// The body, as given.
    pub body: String,
}

/// The recipients of a posting.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipients {
    /// One device.
    Device(DeviceIx),
    /// Groups, as listed; one named twice counts once.
    Groups(Vec<GroupIx>),
}

impl Recipients {
    /// The single target, if it has one.
    pub const fn device(&self) -> Option<DeviceIx> {
        match self {
            Self::Device(device) => Some(*device),
            Self::Groups(_) => None,
        }
    }

    /// As the target of a send.
    pub fn into_target(self) -> Target {
        match self {
            Self::Device(device) => Target::Devices { devices: vec![device], listed: true },
            Self::Groups(groups) => Target::Groups(groups),
        }
    }
}

impl Posting {
    /// A posting accepted earlier: it has no text any more.
    pub fn accepted(account: AccountIx, recipients: Recipients) -> Self {
        Self { account, recipients, title: String::new(), body: String::new() }
    }

    /// The single target, if it has one.
    pub const fn device(&self) -> Option<DeviceIx> {
        self.recipients.device()
    }

    /// As a send, for the tenant to judge.
    pub fn into_send(self) -> SendPlan {
        let target = self.recipients.into_target();
        SendPlan { account: self.account, target, title: self.title, body: self.body, ..Self::no_send() }
    }

    /// The key of the `number`-th accepted posting, from 0: fixed at its acceptance, so that the same postings in the
    /// same order have the same fates.
    pub fn key(number: u64) -> Key {
        Key::of("posting", "").nth(number)
    }

    /// The send that represents all postings in a world; it has no times.
    fn no_send() -> SendPlan {
        SendPlan {
            name: "posted".to_owned(),
            key: Key::of("posting", ""),
            times: Vec::new(),
            zone: None,
            target: Target::Groups(Vec::new()),
            account: AccountIx(0),
            retries: 0,
            title: String::new(),
            body: String::new(),
            expiry_ms: None,
        }
    }
}

impl World {
    /// In a world that takes postings, the send that they belong to.
    pub const POSTED: SendIx = SendIx(0);

    /// Whether it takes postings. If so, faults can be started in it by hand.
    pub fn takes_postings(&self) -> bool {
        self.sends == [Posting::no_send()]
    }

    /// This world for postings: its fleet, delivery, changes and faults, but no sends and no expectations.
    #[must_use]
    pub fn for_postings(self) -> Self {
        Self { sends: vec![Posting::no_send()], expectations: Vec::new(), ..self }
    }
}

#[cfg(test)]
mod tests {
    use crate::outcome::fixture::Hand;

    #[test]
    fn only_a_world_for_postings_takes_them() {
        let world = Hand::new("", |_| Ok(())).world;
        assert!(!world.takes_postings());
        let for_postings = world.for_postings();
        assert!(for_postings.takes_postings() && for_postings.expectations.is_empty());
    }
}
