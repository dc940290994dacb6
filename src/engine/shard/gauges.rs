//! What a shard reports while it runs: batches for Prometheus and figures for the progress bar, published now and then and not at
//! every turn. Must not be read back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use strum::VariantArray as _;

use super::lag::Late;
use crate::engine::options::EngineOptions;
use crate::engine::progress::EngineProgress;
use crate::metrics::{ActorKind, Meters, MetricsBatch};
use crate::rules::base::ids::{FaultIx, MessageIx};
use crate::rules::base::platform::Platform;
use crate::rules::base::time::SimTime;
use crate::rules::model::world::World;
use crate::rules::service::journey::{Effect, Journey, SkipCause};
use crate::rules::service::message::Message;

/// Effects that are counted before they are published.
const EFFECTS_A_BATCH: u32 = 8_192;

/// The figures of a shard that are not published yet.
pub(crate) struct Gauges {
    progress: Arc<EngineProgress>,
    counted: u32,
    /// May be negative: a pair that was skipped and starts after all is counted again.
    pairs: i64,
    shown: u64,
    open: i64,
    lag_us: u64,
    /// `None` without Prometheus.
    metered: Option<Box<Metered>>,
}

/// Whether a shard has anything to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activity {
    /// Turns are in flight or wanted.
    Busy,
    /// Nothing is to be done now.
    Idle,
}

/// What is counted for Prometheus and not published yet.
struct Metered {
    meters: Arc<Meters>,
    batch: MetricsBatch,
    timers: i64,
    waiting: Waiting,
    /// Pairs skipped as not enrolled, by message: until its catch-up window has closed they may still start (X12).
    undecided: BTreeMap<MessageIx, (SimTime, [u64; 5])>,
}

impl Gauges {
    pub(crate) fn new(world: &World, options: &EngineOptions, shard: usize) -> Self {
        let metered = |meters| Metered {
            meters,
            batch: MetricsBatch::new(world, shard),
            timers: 0,
            waiting: Waiting::default(),
            undecided: BTreeMap::new(),
        };
        Self {
            progress: options.progress.clone(),
            counted: 0,
            pairs: 0,
            shown: 0,
            open: 0,
            lag_us: 0,
            metered: options.meters.clone().map(metered).map(Box::new),
        }
    }

    /// Whether Prometheus is served.
    pub(crate) fn are_metered(&self) -> bool {
        self.metered.is_some()
    }

    /// Counts a pair that is skipped.
    pub(crate) fn skipped(&mut self, message: &Message, platform: Platform, cause: SkipCause) {
        self.pairs += 1;
        self.counted += 1;
        let Some(Metered { batch, undecided, .. }) = self.metered.as_deref_mut() else { return };
        batch.set_out(1);
        match message.catch_up_until {
            Some(until) if cause == SkipCause::NotEnrolled => {
                batch.undecided(1);
                undecided.entry(message.ix).or_insert((until, [0; 5])).1[platform as usize] += 1;
            }
            _ => batch.settled(platform, Journey::Skipped(cause), 1),
        }
    }

    /// Counts a pair that was skipped as not enrolled and starts after all.
    pub(crate) fn unskipped(&mut self, message: &Message, platform: Platform) {
        self.pairs -= 1;
        let Some(Metered { batch, undecided, .. }) = self.metered.as_deref_mut() else { return };
        batch.set_out(-1);
        batch.undecided(-1);
        let (_, undecided) = undecided.get_mut(&message.ix).expect("its window is still open");
        undecided[platform as usize] -= 1;
    }

    /// Counts an effect for the progress bar.
    #[inline]
    pub(crate) fn count(&mut self, effect: &Effect) {
        self.counted += 1;
        match effect {
            Effect::Started { .. } => self.pairs += 1,
            Effect::Moved { from, to, .. } => {
                self.open += i64::from(!to.is_settled()) - i64::from(from.is_some());
                self.shown += u64::from(matches!(to, Journey::Shown(_)));
            }
            Effect::Touched { .. } | Effect::Dismissed { .. } | Effect::Exposed { .. } => {}
        }
    }

    /// Counts an effect for Prometheus, in addition to [`Gauges::count`].
    pub(crate) fn meter(&mut self, message: &Message, platform: Platform, effect: &Effect) {
        let Some(Metered { batch, waiting, .. }) = self.metered.as_deref_mut() else { return };
        match *effect {
            Effect::Started { .. } => batch.set_out(1),
            Effect::Moved { at, from, to, .. } => {
                batch.moved(platform, at, from, to);
                match (from.is_some(), to.is_settled()) {
                    (false, false) => *waiting.pairs_of(message) += 1,
                    (true, true) => *waiting.pairs_of(message) -= 1,
                    (true, false) | (false, true) => {}
                }
                if let Journey::Shown(_) = to {
                    batch.delivered(platform, at.since(message.accepted_at));
                }
            }
            Effect::Touched { faults, .. } => faults.iter().for_each(|fault| batch.touched(fault, 1)),
            Effect::Dismissed { .. } => batch.dismissed(platform),
            Effect::Exposed { .. } => {}
        }
    }

    fn batch(&mut self) -> Option<&mut MetricsBatch> {
        self.metered.as_deref_mut().map(|metered| &mut metered.batch)
    }

    /// Counts an actor that started.
    pub(crate) fn activated(&mut self, kind: ActorKind) {
        if let Some(batch) = self.batch() {
            batch.activated(kind, 1);
        }
    }

    /// Counts an actor that stopped.
    pub(crate) fn stopped(&mut self, kind: ActorKind) {
        if let Some(batch) = self.batch() {
            batch.stopped(kind, 1);
        }
    }

    /// Counts an actor that died. Its successor counts as activated.
    pub(crate) fn died(&mut self, kind: ActorKind) {
        tracing::trace!(kind = kind.name(), "actor died");
        if let Some(batch) = self.batch() {
            batch.stopped(kind, 1);
            batch.restarted(kind);
        }
    }

    /// Counts an actor that a fault hit.
    pub(crate) fn actor_hit(&mut self, fault: FaultIx) {
        if let Some(batch) = self.batch() {
            batch.touched(fault, 1);
        }
    }

    /// Counts a turn that was late.
    pub(crate) fn lagged(&mut self, late: Late) {
        self.lag_us = late.us;
        if let Some(batch) = self.batch() {
            batch.lagged(late.us, late.waited_us);
        }
    }

    /// Whether it is time to publish: enough is counted, or there is nothing else to do.
    pub(super) fn are_due(&self, activity: Activity) -> bool {
        activity == Activity::Idle || self.counted >= EFFECTS_A_BATCH
    }

    /// Publishes the figures. Nothing is due before `next`.
    pub(super) fn publish(&mut self, timers: usize, next: SimTime, closed: SimTime, activity: Activity) {
        self.counted = 0;
        self.progress.pairs.fetch_add(std::mem::take(&mut self.pairs).cast_unsigned(), Relaxed);
        self.progress.shown.fetch_add(std::mem::take(&mut self.shown), Relaxed);
        self.progress.open.fetch_add(std::mem::take(&mut self.open), Relaxed);
        self.progress.lag_us.store(self.lag_us, Relaxed);
        if let Some(metered) = self.metered.as_deref_mut() {
            metered.publish(timers, next, closed, activity);
        }
    }
}

impl Metered {
    fn publish(&mut self, timers: usize, next: SimTime, closed: SimTime, activity: Activity) {
        let timers = i64::try_from(timers).expect("timers are far fewer");
        if timers != self.timers {
            self.batch.timers(timers - self.timers);
            self.timers = timers;
        }
        while let Some(first) = self.undecided.first_entry().filter(|first| first.get().0 < closed) {
            let (_, skipped) = first.remove();
            for (platform, pairs) in Platform::VARIANTS.iter().copied().zip(skipped).filter(|(_, pairs)| *pairs > 0) {
                self.batch.undecided(-pairs.cast_signed());
                self.batch.settled(platform, Journey::Skipped(SkipCause::NotEnrolled), pairs);
            }
        }
        self.batch.oldest_waiting = self.waiting.oldest();
        if activity == Activity::Idle {
            self.batch.all_done(next);
        }
        self.meters.add(&self.batch);
        self.batch.clear();
    }
}

/// How many pairs wait, by message. Messages of which none waits are removed when the oldest is computed.
#[derive(Debug, Default)]
struct Waiting {
    /// In the order of messages: consecutive effects are mostly of one message, or of neighbours.
    messages: Vec<(MessageIx, u64, SimTime)>,
    /// The place that was used last.
    last: usize,
}

impl Waiting {
    fn pairs_of(&mut self, message: &Message) -> &mut u64 {
        let is_at = |at: usize| self.messages.get(at).is_some_and(|(known, ..)| *known == message.ix);
        let near = [self.last, self.last + 1].into_iter().find(|at| is_at(*at));
        self.last = near.unwrap_or_else(|| {
            self.messages.binary_search_by_key(&message.ix, |(known, ..)| *known).unwrap_or_else(|at| {
                self.messages.insert(at, (message.ix, 0, message.accepted_at));
                at
            })
        });
        &mut self.messages[self.last].1
    }

    /// When the oldest message with a waiting pair was accepted.
    fn oldest(&mut self) -> Option<SimTime> {
        self.messages.retain(|(_, pairs, _)| *pairs > 0);
        self.messages.first().map(|(.., accepted_at)| *accepted_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::base::ids::{Key, SendIx};
    use crate::rules::service::message::MessageKind;

    fn message(ix: u32) -> Message {
        Message {
            ix: MessageIx(ix),
            send: SendIx(0),
            occurrence: 0,
            key: Key(0),
            kind: MessageKind::Group,
            accepted_at: SimTime(u64::from(ix) * 10),
            expiry_ms: [0; 2],
            catch_up_until: None,
        }
    }

    #[test]
    fn the_oldest_is_the_first_message_of_which_a_pair_waits() {
        let mut waiting = Waiting::default();
        assert_eq!(waiting.oldest(), None);
        for ix in [7, 3, 4, 3] {
            *waiting.pairs_of(&message(ix)) += 1;
        }
        assert_eq!(waiting.oldest(), Some(SimTime(30)));
        *waiting.pairs_of(&message(3)) -= 2;
        assert_eq!(waiting.oldest(), Some(SimTime(40)));
        *waiting.pairs_of(&message(4)) -= 1;
        assert_eq!(waiting.oldest(), Some(SimTime(70)));
    }
}
