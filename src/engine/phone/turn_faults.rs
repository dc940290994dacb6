//! The faults that hit the actors of a phone in one turn. Only data: `rules` draws them, the actors carry them out, and the shard
//! counts them when they have happened.

use crate::rules::delivery::hits::{FaultCursor, Hit};
use crate::rules::faults::actor_fault::PhoneActor;
use crate::rules::faults::fault::FaultSet;

/// The hits on both actors of a phone, and the cursors of both after them.
#[derive(Clone, Debug, Default)]
pub(crate) struct TurnFaults {
    pub(crate) hits: [Hit; 2],
    pub(crate) cursors: [FaultCursor; 2],
}

/// How an actor left a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TurnEnd {
    /// It did its part.
    Completed,
    /// It died.
    Died,
}

impl TurnFaults {
    /// Whether a stall delays one of the actors.
    pub(crate) fn has_stall(&self) -> bool {
        self.hits.iter().any(|hit| hit.sleep_ms > 0)
    }

    /// The faults that have hit an actor which left the turn like this: a crash counts only if the actor died.
    pub(crate) fn happened(&self, actor: PhoneActor, end: TurnEnd) -> FaultSet {
        let hit = &self.hits[actor as usize];
        match (hit.crash, end) {
            (Some((crashes, _)), TurnEnd::Died) => hit.stalls.union(crashes),
            _ => hit.stalls,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::delivery::hits::Half;

    #[test]
    fn a_crash_counts_only_where_the_actor_died() {
        let hit = Hit { crash: Some((FaultSet(1), Half::AfterWork)), stalls: FaultSet(2), sleep_ms: 5 };
        let faults = TurnFaults { hits: [hit, Hit::NONE], ..TurnFaults::default() };
        assert!(faults.has_stall() && !TurnFaults::default().has_stall());
        assert_eq!(faults.happened(PhoneActor::Device, TurnEnd::Completed), FaultSet(2));
        assert_eq!(faults.happened(PhoneActor::Device, TurnEnd::Died), FaultSet(3));
        assert_eq!(faults.happened(PhoneActor::Portal, TurnEnd::Died), FaultSet(0));
    }
}
