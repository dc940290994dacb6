//! The faults that hit a shard's actor itself: it sleeps, or it dies between two messages. `rules` draws them as the shard's model
//! time advances. The shard's state outlives the actor. Must not hit an actor of a phone.

use super::recorders::Recorders;
use crate::clock::{Clock, Stopwatch};
use crate::engine::phone::crash::Crash;
use crate::engine::totals::Restarts;
use crate::metrics::ActorKind;
use crate::rules::base::time::{SimTime, Span};
use crate::rules::delivery::hits::{ActorFaults, FaultCursor, Half, Hit};
use crate::rules::faults::fault::{Fault, FaultSet};
use crate::rules::model::world::World;

/// The faults that hit one shard.
#[derive(Debug)]
pub(super) struct ShardFaultInjector {
    faults: ActorFaults,
    /// The number of the shard, from 0.
    shard: usize,
    /// Hits before this time are drawn, except in the slots that the cursors leave open.
    drawn: SimTime,
    /// The latest time that the shard has worked on.
    reached: SimTime,
    cursors: FaultCursor,
    /// The crashes that end the actor at its next message.
    pending: FaultSet,
    /// Runs from a death until the work continues. Meanwhile the successor is spared; otherwise the work might never be done.
    died: Option<Stopwatch>,
}

impl ShardFaultInjector {
    /// Those of `faults` that hit shards. None hits before `replayed_until`.
    pub(super) fn new(faults: &[Fault], shard: usize, replayed_until: SimTime) -> Self {
        Self {
            faults: ActorFaults::of(faults).of_shards(),
            shard,
            drawn: replayed_until,
            reached: SimTime::ZERO,
            cursors: FaultCursor::NONE,
            pending: FaultSet::default(),
            died: None,
        }
    }

    /// The shard works on something of this time.
    pub(super) fn reaches(&mut self, at: SimTime) {
        self.reached = self.reached.max(at);
    }

    /// Before a message: carries out a pending crash.
    pub(super) fn before_message(&mut self, recorders: &mut Recorders) -> Result<(), Crash> {
        let crashes = std::mem::take(&mut self.pending);
        if crashes.is_empty() { Ok(()) } else { self.crash(crashes, recorders) }
    }

    /// After a message: draws and carries out the hits up to the time that the shard has reached.
    pub(super) async fn after_message(
        &mut self,
        world: &World,
        clock: &Clock,
        recorders: &mut Recorders,
    ) -> Result<(), Crash> {
        if self.faults.is_empty() || self.reached < self.drawn || self.died.is_some() {
            return Ok(());
        }
        let span = Span { from: self.drawn, to: self.reached + 1 };
        let hit = self.faults.hit_shard(world, self.shard, span, &mut self.cursors);
        if hit == Hit::NONE {
            self.drawn = self.reached + 1;
            return Ok(());
        }
        if let Some((crashes, Half::BeforeWork)) = hit.crash {
            self.pending = self.pending.union(crashes);
        }
        recorders.actor_hit(hit.stalls);
        if hit.sleep_ms > 0 {
            clock.pause(hit.sleep_ms).await;
        }
        match hit.crash {
            Some((crashes, Half::AfterWork)) => self.crash(crashes, recorders),
            _ => Ok(()),
        }
    }

    fn crash(&mut self, crashes: FaultSet, recorders: &mut Recorders) -> Result<(), Crash> {
        recorders.actor_hit(crashes);
        recorders.restarts.shard += 1;
        recorders.gauges.died(ActorKind::Shard);
        self.died = Some(Stopwatch::start());
        Err(Crash)
    }

    /// The work continues, if the actor had died.
    pub(super) fn recovered(&mut self, restarts: &mut Restarts) {
        if let Some(died) = self.died.take() {
            restarts.recovered(&died);
        }
    }

    /// Ends all faults: the shard's work is done.
    pub(super) fn disarm(&mut self) {
        *self = Self::new(&[], self.shard, SimTime::NEVER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fixture;
    use crate::rules::faults::actor_fault::{Blow, Victims};

    /// Messages at each of these times; which of them end the actor.
    async fn deaths(injector: &mut ShardFaultInjector, world: &World, times: &[u64]) -> (Vec<u64>, Recorders) {
        let mut recorders = Recorders::new(world, &fixture::options(), 0);
        let mut dead = Vec::new();
        for at in times {
            if injector.before_message(&mut recorders).is_err() {
                dead.push(*at);
                injector.recovered(&mut recorders.restarts);
            }
            injector.reaches(SimTime(*at));
            if injector.after_message(world, &Clock::Max, &mut recorders).await.is_err() {
                dead.push(*at);
                injector.recovered(&mut recorders.restarts);
            }
        }
        (dead, recorders)
    }

    #[tokio::test]
    async fn a_shard_dies_once_a_minute_at_this_message_or_the_next() {
        let world = fixture::world(1, vec![fixture::actor_fault(Blow::Crash, Victims::Shards)]);
        let mut injector = ShardFaultInjector::new(&world.faults, 0, SimTime::ZERO);
        let (dead, recorders) = deaths(&mut injector, &world, &[0, 1, 2, 60_000, 60_001, 60_002]).await;
        assert_eq!((dead.len(), recorders.restarts.shard), (2, 2));
        assert_eq!(recorders.totals().touched, [2]);
        injector.disarm();
        assert!(deaths(&mut injector, &world, &[120_000, 120_001]).await.0.is_empty());
    }

    #[tokio::test]
    async fn no_fault_hits_before_the_time_that_is_spared() {
        let world = fixture::world(1, vec![fixture::actor_fault(Blow::Crash, Victims::Shards)]);
        let mut injector = ShardFaultInjector::new(&world.faults, 0, SimTime(90_000));
        assert!(deaths(&mut injector, &world, &[0, 1, 60_000, 89_999]).await.0.is_empty());
        assert_eq!(deaths(&mut injector, &world, &[90_000, 90_001]).await.0.len(), 1);
    }
}
