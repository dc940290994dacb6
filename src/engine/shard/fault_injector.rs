//! What may befall a shard's actor itself, drawn as its model time goes on: it sleeps, or dies between two messages. What it
//! works on outlives it. Decides for no actor: it asks `rules`.

use std::sync::Arc;

use ractor::{ActorProcessingErr, ActorRef};

use super::faults::Crash;
use super::state::ShardState;
use crate::clock::Stopwatch;
use crate::engine::messages::ShardMessage;
use crate::engine::options::{EngineOptions, Sabotage, TurnMoment};
use crate::engine::phone::device::Home;
use crate::metrics::ActorKind;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::time::{SimTime, Span};
use crate::rules::delivery::hits::{ActorFaults, FaultCursor, Half, Hit};
use crate::rules::faults::fault::{Fault, FaultSet};

/// A shard's lot.
#[derive(Debug)]
pub(crate) struct ShardFaultInjector {
    strikes: ActorFaults,
    /// Which of the shards, from 0.
    shard: usize,
    /// Strikes before this are drawn, but for those that `scars` leaves.
    drawn: SimTime,
    /// The latest that the shard has worked on.
    reached: SimTime,
    cursors: FaultCursor,
    /// By what it dies as soon as it is told something.
    doom: FaultSet,
    /// When the one before died, until the work goes on: so long this one is spared, or it might never be done.
    died: Option<Stopwatch>,
}

impl ShardFaultInjector {
    pub(crate) fn new(faults: &[Fault], shard: usize, spared_until: SimTime) -> Self {
        Self {
            strikes: ActorFaults::of(faults).of_shards(),
            shard,
            drawn: spared_until,
            reached: SimTime::ZERO,
            cursors: FaultCursor::NONE,
            doom: FaultSet::default(),
            died: None,
        }
    }

    /// The shard works on something of this time.
    pub(crate) fn reaches(&mut self, at: SimTime) {
        self.reached = self.reached.max(at);
    }
}

impl ShardState {
    /// Before the shard is told something: it may be its end.
    pub(crate) fn go_on(&mut self) -> Result<(), ActorProcessingErr> {
        let EngineOptions { sabotage, .. } = &self.options;
        Sabotage::strike(sabotage.as_ref(), DeviceIx(self.devices.0), ActorKind::Shard, TurnMoment::BeforeTurn);
        let doom = std::mem::take(&mut self.peril.doom);
        if doom.is_empty() { Ok(()) } else { self.die(doom) }
    }

    /// After the shard's work: what has befallen it meanwhile.
    pub(crate) async fn suffer(&mut self) -> Result<(), ActorProcessingErr> {
        let ShardFaultInjector { strikes, shard, drawn, reached, cursors, doom, died } = &mut self.peril;
        if strikes.is_empty() || *reached < *drawn || died.is_some() {
            return Ok(());
        }
        let hit = strikes.hit_shard(&self.world, *shard, Span { from: *drawn, to: *reached + 1 }, cursors);
        if hit == Hit::NONE {
            *drawn = *reached + 1;
            return Ok(());
        }
        if let Some((crashes, Half::BeforeWork)) = hit.crash {
            *doom = doom.union(crashes);
        }
        self.hit_by(hit.stalls);
        if hit.sleep_ms > 0 {
            self.options.clock.pause(hit.sleep_ms).await;
        }
        match hit.crash {
            Some((crashes, Half::AfterWork)) => self.die(crashes),
            _ => Ok(()),
        }
    }

    fn hit_by(&mut self, faults: FaultSet) {
        for fault in faults.iter() {
            self.struck[fault.at()] += 1;
            self.gauges.struck(fault);
        }
    }

    fn die(&mut self, crashes: FaultSet) -> Result<(), ActorProcessingErr> {
        self.hit_by(crashes);
        self.restarts.shard += 1;
        self.gauges.died(ActorKind::Shard);
        self.peril.died = Some(Stopwatch::start());
        Err(Crash.into())
    }

    /// Somebody takes the place of a dead shard's actor: all actors of phones went with it, and what they had under way is to be
    /// done again.
    pub(crate) fn taken_over(&mut self, by: &ActorRef<ShardMessage>) {
        self.home = Arc::new(Home::of(&self.world, &self.options, by));
        self.gauges.activated(ActorKind::Shard);
        self.wake = None;
        self.orphan_all();
    }

    /// The work goes on after a death.
    pub(crate) fn recovered(&mut self) {
        if let Some(died) = self.peril.died.take() {
            self.restarts.recovered(&died);
        }
    }
}
