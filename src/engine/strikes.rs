//! How a shard carries strikes out: it asks `rules` what hits an actor in the turn it is about to be given, sends that along, and
//! counts it when it has happened. Decides for no actor.

use ractor::ActorProcessingErr;

use super::desk::Desk;
use crate::clock::Clock;
use crate::rules::fault::FaultSet;
use crate::rules::ids::DeviceIx;
use crate::rules::strike::{Half, Hit, Scars, Side};
use crate::rules::time::{SimTime, Span};

impl Desk {
    /// What hits the actors of a phone in a turn that begins with something of `from` and may go on until `until`, and the
    /// scars that it leaves.
    pub(super) fn strike(&mut self, device: DeviceIx, from: SimTime, until: SimTime) -> ([Hit; 2], [Scars; 2]) {
        let phone = self.phones.of(device);
        // Whoever takes the place of a dead actor is spared until it has done the work, or it might never be done.
        if self.strikes.is_empty() || phone.died.is_some() {
            return ([Hit::NONE; 2], phone.scars.clone());
        }
        let mut scars = phone.scars.clone();
        let span = Span { from, to: from.max(until) + 1 };
        let strike = |side: Side| self.strikes.hit(&self.world, device, side, span, &mut scars[side as usize]);
        (Side::ALL.map(strike), scars)
    }

    /// Counts the actors that faults have hit.
    pub(super) fn struck(&mut self, faults: FaultSet) {
        for fault in faults.iter() {
            self.struck[fault.at()] += 1;
            self.gauges.struck(fault);
        }
    }
}

/// The faults that have hit an actor in a turn that is over: stalls, and crashes if it has died.
pub(super) fn hit_by(hit: &Hit, has_died: bool) -> FaultSet {
    let crashes = hit.crash.filter(|_| has_died).map_or(FaultSet::default(), |(faults, _)| faults);
    hit.stalls.union(crashes)
}

/// Sleeps as long as an actor is stalled.
pub(super) async fn stall(hit: &Hit, clock: &Clock) {
    if hit.sleep_ms > 0 {
        clock.pause(hit.sleep_ms).await;
    }
}

/// Ends the actor's turn, and with it the actor, if it is to die in this half.
pub(super) fn crash(hit: &Hit, half: Half) -> Result<(), ActorProcessingErr> {
    match hit.crash {
        Some((_, when)) if when == half => Err("a crash fault".into()),
        _ => Ok(()),
    }
}
