//! What a shard says of itself while it works: batches for Prometheus and figures for the progress bar, handed over now and
//! then, not at every turn. Never read back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::lag::Late;
use super::options::Options;
use super::progress::Progress;
use crate::metrics::{ActorKind, Batch, Meters};
use crate::rules::ids::{FaultIx, MessageIx};
use crate::rules::journey::{Effect, Journey, SkipCause};
use crate::rules::message::Message;
use crate::rules::platform::Platform;
use crate::rules::time::SimTime;
use crate::rules::world::World;

/// Effects that are counted before they are handed over.
const EFFECTS_A_BATCH: u32 = 8_192;

/// See the file.
pub(crate) struct Gauges {
    meters: Option<Arc<Meters>>,
    progress: Arc<Progress>,
    batch: Batch,
    counted: u32,
    /// May be negative: a pair that sets out after all is counted again.
    pairs: i64,
    shown: u64,
    open: i64,
    lag_us: u64,
    timers: i64,
    /// Pairs that wait, by message, and when it was accepted; those of which none waits any more go when figures are handed over.
    waiting: BTreeMap<MessageIx, (u64, SimTime)>,
    /// Pairs skipped as not enrolled, by message: until its window has closed they may yet set out (X12).
    undecided: BTreeMap<MessageIx, (SimTime, [u64; 5])>,
}

impl Gauges {
    pub(crate) fn new(world: &World, options: &Options, shard: usize) -> Self {
        Self {
            meters: options.meters.clone(),
            progress: options.progress.clone(),
            batch: Batch::new(world, shard),
            counted: 0,
            pairs: 0,
            shown: 0,
            open: 0,
            lag_us: 0,
            timers: 0,
            waiting: BTreeMap::new(),
            undecided: BTreeMap::new(),
        }
    }

    /// A pair was skipped.
    pub(crate) fn skipped(&mut self, message: &Message, platform: Platform, cause: SkipCause) {
        self.pairs += 1;
        self.batch.set_out(1);
        match message.catch_up_until {
            Some(until) if cause == SkipCause::NotEnrolled => {
                self.batch.undecided(1);
                self.undecided.entry(message.ix).or_insert((until, [0; 5])).1[platform as usize] += 1;
            }
            _ => self.batch.settled(platform, Journey::Skipped(cause), 1),
        }
        self.counted += 1;
    }

    /// A pair that was skipped as not enrolled sets out after all.
    pub(crate) fn unskipped(&mut self, message: &Message, platform: Platform) {
        self.pairs -= 1;
        self.batch.set_out(-1);
        self.batch.undecided(-1);
        let (_, undecided) = self.undecided.get_mut(&message.ix).expect("its window is still open");
        undecided[platform as usize] -= 1;
    }

    /// Something happened to a pair.
    pub(crate) fn happened(&mut self, message: &Message, platform: Platform, effect: &Effect) {
        self.counted += 1;
        match *effect {
            Effect::Started { .. } => {
                self.pairs += 1;
                self.batch.set_out(1);
            }
            Effect::Moved { at, from, to, .. } => {
                self.batch.moved(platform, at, from, to);
                match (from.is_some(), to.is_settled()) {
                    (false, false) => {
                        self.open += 1;
                        self.waiting.entry(message.ix).or_insert((0, message.accepted_at)).0 += 1;
                    }
                    (true, true) => {
                        self.open -= 1;
                        self.waiting.get_mut(&message.ix).expect("it waited").0 -= 1;
                    }
                    (true, false) | (false, true) => {}
                }
                if let Journey::Shown(_) = to {
                    self.shown += 1;
                    self.batch.delivered(platform, at.since(message.accepted_at));
                }
            }
            Effect::Touched { faults, .. } => faults.iter().for_each(|fault| self.batch.touched(fault, 1)),
            Effect::Dismissed { .. } => self.batch.dismissed(platform),
            Effect::Exposed { .. } => {}
        }
    }

    /// A phone's actor came to life.
    pub(crate) fn activated(&mut self, kind: ActorKind) {
        self.batch.activated(kind, 1);
    }

    /// A phone's actor stopped.
    pub(crate) fn stopped(&mut self, kind: ActorKind) {
        self.batch.stopped(kind, 1);
    }

    /// A phone's actor died; whoever takes its place is told of as activated.
    pub(crate) fn died(&mut self, kind: ActorKind) {
        tracing::trace!(kind = kind.name(), "actor died");
        self.batch.stopped(kind, 1);
        self.batch.restarted(kind);
    }

    /// A fault hit an actor.
    pub(crate) fn struck(&mut self, fault: FaultIx) {
        self.batch.touched(fault, 1);
    }

    /// Something ran later than it was due.
    pub(super) fn lagged(&mut self, late: Late) {
        self.lag_us = late.us;
        self.batch.lagged(late.us, late.waited_us);
    }

    /// Hands over, if there is enough or nothing else to do.
    /// Nothing is due before `next`.
    pub(crate) fn publish(&mut self, timers: usize, next: SimTime, closed: SimTime, is_idle: bool) {
        if self.counted < EFFECTS_A_BATCH && !is_idle {
            return;
        }
        self.counted = 0;
        self.progress.pairs.fetch_add(std::mem::take(&mut self.pairs).cast_unsigned(), Relaxed);
        self.progress.shown.fetch_add(std::mem::take(&mut self.shown), Relaxed);
        self.progress.open.fetch_add(std::mem::take(&mut self.open), Relaxed);
        self.progress.lag_us.store(self.lag_us, Relaxed);
        self.waiting.retain(|_, (pairs, _)| *pairs > 0);
        let Some(meters) = &self.meters else {
            self.batch.clear();
            return;
        };
        let timers = i64::try_from(timers).expect("timers are far fewer");
        if timers != self.timers {
            self.batch.timers(timers - self.timers);
            self.timers = timers;
        }
        while let Some(first) = self.undecided.first_entry().filter(|first| first.get().0 < closed) {
            let (_, skipped) = first.remove();
            for (platform, pairs) in Platform::ALL.into_iter().zip(skipped).filter(|(_, pairs)| *pairs > 0) {
                self.batch.undecided(-pairs.cast_signed());
                self.batch.settled(platform, Journey::Skipped(SkipCause::NotEnrolled), pairs);
            }
        }
        self.batch.oldest_waiting = self.waiting.values().next().map(|(_, accepted_at)| *accepted_at);
        if is_idle {
            self.batch.all_done(next);
        }
        meters.add(&self.batch);
        self.batch.clear();
    }
}
