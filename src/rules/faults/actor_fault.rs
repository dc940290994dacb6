//! Strikes: the faults that hit actors, `crash` and `stall`. Only data; `hits` draws whom they hit, the engine carries them out.

use crate::rules::base::chance::Ratio;

/// Strikes are drawn once for each actor and slot: a minute from the beginning of the fault's window, or what is left of it.
/// In ms.
pub const SLOT_MS: u64 = 60_000;

/// A fault that hits actors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActorFault {
    /// What it does to them.
    pub blow: Blow,
    /// The share of them that it hits in each slot.
    pub rate: Ratio,
    /// Whom it hits.
    pub victims: Victims,
}

/// Whom a strike hits. How many shards there are is up to the machine, and so they are hit only where they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victims {
    /// One of a phone's two actors; `None` for both.
    Phones(Option<PhoneActor>),
    /// The shards.
    Shards,
}

impl Victims {
    /// The word in scenarios for shards.
    pub const SHARD: &'static str = "shard";
}

/// What is done to an actor that is hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// It dies within its turn.
    Crash,
    /// It sleeps before its turn.
    Stall {
        /// How long, in ms of model time.
        ms: u64,
    },
}

impl Blow {
    /// The word in scenarios and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Stall { .. } => "stall",
        }
    }
}

/// Which of a phone's actors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneActor {
    /// The cloud side.
    Device,
    /// The app on the phone.
    Portal,
}

impl PhoneActor {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Device, Self::Portal];

    /// The word in scenarios.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Portal => "portal",
        }
    }
}
