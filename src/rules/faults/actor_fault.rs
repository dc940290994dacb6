//! The faults that hit actors, `crash` and `stall`. Data only; `hits` draws the actors, the engine executes the hits.

use crate::rules::base::chance::Ratio;

/// Actor faults are drawn once for each actor and slot: a minute from the beginning of the fault's window, or the rest
/// of it. In ms.
pub const SLOT_MS: u64 = 60_000;

/// A fault that hits actors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActorFault {
    /// What it does to them.
    pub blow: Blow,
    /// The share of them that it hits in each slot.
    pub rate: Ratio,
    /// The actors that it can hit.
    pub victims: Victims,
}

/// The actors that a fault can hit. The number of shards depends on the computer, so shards are hit only on request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victims {
    /// One of a phone's two actors; `None` for both.
    Phones(Option<PhoneActor>),
    /// The shards.
    Shards,
}

impl Victims {
    /// The value in scenarios for shards.
    pub const SHARD: &'static str = "shard";
}

/// What is done to an actor that is hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// It crashes within its turn.
    Crash,
    /// It sleeps before its turn.
    Stall {
        /// How long, in ms of model time.
        ms: u64,
    },
}

impl Blow {
    /// The name in scenarios and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Stall { .. } => "stall",
        }
    }
}

/// One of a phone's actors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum PhoneActor {
    /// The cloud side.
    Device,
    /// The app on the phone.
    Portal,
}

impl PhoneActor {
    /// The name in scenarios.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantArray as _;

    use super::*;

    #[test]
    fn the_words_of_scenarios_and_reports_read_back() {
        for actor in PhoneActor::VARIANTS {
            assert_eq!(actor.name().parse(), Ok(*actor));
        }
        assert_eq!((Blow::Crash.name(), Blow::Stall { ms: 5 }.name()), ("crash", "stall"));
    }
}
