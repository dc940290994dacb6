//! How a shard carries strikes out: it asks `rules` what hits an actor in the turn it is about to be given, sends that along, and
//! counts it when it has happened. Decides for no actor.

use ractor::ActorProcessingErr;

use super::state::ShardState;
use crate::clock::Clock;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::time::{SimTime, Span};
use crate::rules::delivery::hits::{FaultCursor, Half, Hit};
use crate::rules::faults::actor_fault::PhoneActor;
use crate::rules::faults::fault::FaultSet;

/// What hits the actors of a phone in a turn, and the scars that it leaves on those who take part in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Struck {
    pub(crate) hits: [Hit; 2],
    pub(crate) cursors: [FaultCursor; 2],
}

impl ShardState {
    /// What hits the actors of a phone in its next turn, which may go on until `until`.
    pub(crate) fn strike(&mut self, device: DeviceIx, until: SimTime) -> Option<Box<Struck>> {
        if self.strikes.is_empty() {
            return None;
        }
        let (phone, rest) = self.phones.with_rest(device);
        let work = phone.work.as_ref()?;
        let from = work.begins(rest.due(), until);
        // Whoever takes the place of a dead actor is spared until it has done the work, or it might never be done.
        if work.died.is_some() || from.max(until) < self.options.spared_until {
            return None;
        }
        let from = from.max(self.options.spared_until);
        let mut cursors = phone.cursors.as_deref().cloned().unwrap_or_default();
        let span = Span { from, to: from.max(until) + 1 };
        let hits =
            PhoneActor::ALL.map(|side| self.strikes.hit(&self.world, device, side, span, &mut cursors[side as usize]));
        Some(Box::new(Struck { hits, cursors }))
    }

    /// One of the phone's actors has been through a turn, or has died in it: counts what hit it, which leaves its scars.
    pub(crate) fn struck(&mut self, device: DeviceIx, struck: &Struck, side: PhoneActor, has_died: bool) {
        let cursors = self.phones.of(device).cursors.get_or_insert_default();
        cursors[side as usize].clone_from(&struck.cursors[side as usize]);
        let hit = &struck.hits[side as usize];
        let crashes = hit.crash.filter(|_| has_died).map_or(FaultSet::default(), |(faults, _)| faults);
        for fault in hit.stalls.union(crashes).iter() {
            self.struck[fault.at()] += 1;
            self.gauges.struck(fault);
        }
    }
}

/// What may befall an actor before it has done anything: it sleeps, or dies.
pub(crate) async fn begin(hit: &Hit, clock: &Clock) -> Result<(), ActorProcessingErr> {
    if hit.sleep_ms > 0 {
        // Boxed, since it is seldom wanted and every actor would carry it.
        Box::pin(clock.pause(hit.sleep_ms)).await;
    }
    crash(hit, Half::BeforeWork)
}

/// What may befall an actor when it has done all and told nobody.
pub(crate) fn end(hit: Option<&Hit>) -> Result<(), ActorProcessingErr> {
    hit.map_or(Ok(()), |hit| crash(hit, Half::AfterWork))
}

/// The end of an actor that a fault kills: what it has not told anybody of is not done.
#[derive(Debug, thiserror::Error)]
#[error("a crash fault")]
pub(crate) struct Crash;

/// Ends the actor's turn, and with it the actor, if it is to die in this half.
fn crash(hit: &Hit, half: Half) -> Result<(), ActorProcessingErr> {
    match hit.crash {
        Some((_, when)) if when == half => Err(Crash.into()),
        _ => Ok(()),
    }
}
