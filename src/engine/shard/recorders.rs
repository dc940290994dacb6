//! Everything that a shard counts: effects for the totals, ends, clients and gauges; hits on actors and restarts. Must not cause an
//! effect.

use super::gauges::Gauges;
use super::watch::ShardWatch;
use crate::engine::ends::LiveFates;
use crate::engine::observation::{MessageLook, News, Totals};
use crate::engine::options::EngineOptions;
use crate::engine::phone::record::RecordError;
use crate::engine::phone::slot::Phones;
use crate::engine::totals::{Fates, PairFate, Restarts, RunTotals};
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::base::platform::Platform;
use crate::rules::base::time::SimTime;
use crate::rules::counting::recorder::{Counted, Recorder};
use crate::rules::delivery::device::Device;
use crate::rules::faults::fault::FaultSet;
use crate::rules::model::world::World;
use crate::rules::sending::crowd::{Crowd, FanOut};
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::{Effect, Journey, SkipCause};

/// Everything that a shard counts.
pub(super) struct Recorders {
    pub(super) counts: Recorder,
    pub(super) gauges: Gauges,
    pub(super) restarts: Restarts,
    fates: LiveFates,
    /// `None` unless the tenant is watched.
    watch: Option<ShardWatch>,
    /// By fault, the actors that it hit.
    actor_hits: Vec<u64>,
}

impl Recorders {
    pub(super) fn new(world: &World, options: &EngineOptions, shard: usize) -> Self {
        Self {
            counts: if options.watched { Recorder::for_postings(world) } else { Recorder::new(world) },
            gauges: Gauges::new(world, options, shard),
            restarts: Restarts::default(),
            fates: LiveFates::new(options.keep_fates.then(Fates::new), options.outlet.clone()),
            watch: options.watched.then(ShardWatch::default),
            actor_hits: vec![0; world.faults.len()],
        }
    }

    /// Counts the effects of a turn.
    pub(super) fn record(&mut self, device: DeviceIx, counted: Counted, effects: &[Effect]) {
        if self.gauges.are_metered() || self.fates.are_wanted() || self.watch.is_some() {
            for effect in effects {
                self.follow(device, counted.platform, effect);
            }
        }
        for effect in effects {
            self.gauges.count(effect);
        }
        self.counts.count_all(counted, effects);
    }

    /// Reports an effect to the recorders that follow single pairs.
    fn follow(&mut self, device: DeviceIx, platform: Platform, effect: &Effect) {
        let message = self.counts.message(effect.message());
        self.gauges.meter(message, platform, effect);
        if self.fates.are_wanted() {
            self.fates.record(message, device, effect);
        }
        if let Some(watch) = &mut self.watch {
            watch.record(message, device, effect);
        }
    }

    /// Counts a pair that is skipped.
    pub(super) fn skip(
        &mut self,
        fan_out: &FanOut,
        device: DeviceIx,
        counted: Counted,
        cause: SkipCause,
        class: AudienceClass,
    ) {
        self.counts.skip(counted, fan_out.message.ix, class, cause, fan_out.at);
        self.gauges.skipped(&fan_out.message, counted.platform, cause);
        let fate = PairFate { journey: Journey::Skipped(cause), at: fan_out.at, dismissed_at: None };
        self.fates.moved(&fan_out.message, device, fate);
        if let Some(watch) = &mut self.watch {
            watch.moved(&fan_out.message, None, fate.journey);
        }
    }

    /// Takes back a pair that was skipped before and starts after all.
    pub(super) fn unskip(&mut self, fan_out: &FanOut, crowd: &Crowd, device: DeviceIx, counted: Counted) {
        self.counts.unskip(counted, fan_out.message.ix, crowd.class_before(device), fan_out.at);
        self.gauges.unskipped(&fan_out.message, counted.platform);
    }

    /// Counts an actor that these faults hit.
    pub(super) fn actor_hit(&mut self, faults: FaultSet) {
        for fault in faults.iter() {
            self.actor_hits[fault.at()] += 1;
            self.gauges.actor_hit(fault);
        }
    }

    /// The pairs of a message so far, with the watermark; the tenant knows how many were sent.
    pub(super) fn message(&self, message: MessageIx, closed: SimTime) -> MessageLook {
        let mut look = MessageLook { handed_out_until: closed, ..MessageLook::default() };
        let settled = |journey, pairs| *look.settled.entry(journey).or_default() += u64::from(pairs);
        (look.dismissed, look.exposed) = self.counts.so_far(message, settled);
        if let Some(watch) = &self.watch {
            watch.complete(message, &mut look);
        }
        look
    }

    /// Everything counted so far.
    pub(super) fn totals(&self) -> Totals {
        let (pairs, mut touched) = self.counts.totals();
        touched.iter_mut().zip(&self.actor_hits).for_each(|(touched, hits)| *touched += hits);
        Totals { pairs, touched }
    }

    /// Takes the news, which is empty if the tenant is not watched.
    pub(super) fn take_news(&mut self) -> News {
        self.watch.as_mut().map(ShardWatch::take_news).unwrap_or_default()
    }

    /// Takes the counts, the ends that were kept, and the hits on actors; the tenant knows what was sent. Pairs that are still open
    /// count as waiting.
    ///
    /// # Errors
    /// [`RecordError::Read`] if a phone's record is broken.
    pub(super) fn close(&mut self, world: &World, phones: &Phones) -> Result<RunTotals, RecordError> {
        for device in phones.devices() {
            let machine: Device = phones.rest(device).device.machine()?;
            for (message, _, cause, _) in machine.open() {
                let counted = Counted::of(&world.fleet.traits(device));
                self.counts.still_waiting(counted, message, cause);
            }
        }
        assert!(
            self.counts.remembers_only_what_is_open(),
            "a message is forgotten with the end of its pair, and not before"
        );
        let fates = self.fates.finish(|message| self.counts.message(message));
        Ok(RunTotals {
            counts: std::mem::replace(&mut self.counts, Recorder::new(world)).close(),
            pairs_sent: 0,
            changes_slowed: Vec::new(),
            lag: Vec::new(),
            struck: Some(std::mem::take(&mut self.actor_hits)),
            restarts: self.restarts,
            fates,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fixture;
    use crate::rules::base::ids::{FaultIx, Key, SendIx};
    use crate::rules::base::time::SimTime;
    use crate::rules::counting::counts::StratumCounts;
    use crate::rules::faults::actor_fault::{Blow, Victims};
    use crate::rules::sending::crowd::{Audience, Phase};
    use crate::rules::service::message::{Message, MessageKind};
    use std::sync::Arc;

    const DEVICE: DeviceIx = DeviceIx(1);

    fn fan_out(crowd: &Arc<Crowd>) -> FanOut {
        let message = Message {
            ix: MessageIx(0),
            send: SendIx(0),
            occurrence: 0,
            key: Key(3),
            kind: MessageKind::Group,
            accepted_at: SimTime(5),
            expiry_ms: [1; 2],
            catch_up_until: None,
        };
        let audience = Audience::Many(Arc::clone(crowd));
        FanOut { message, at: SimTime(5), phase: Phase::Send, audience, begin: [0; 2] }
    }

    /// The recorders of two phones that keep fates, with an open message.
    fn recorders(world: &World, fan_out: &FanOut) -> Recorders {
        let options = EngineOptions { keep_fates: true, ..fixture::options() };
        let mut recorders = Recorders::new(world, &options, 0);
        recorders.counts.open_message(&fan_out.message);
        recorders
    }

    #[test]
    fn a_skipped_pair_is_counted_and_its_fate_is_kept() {
        let world = fixture::world(2, Vec::new());
        let crowd = Arc::default();
        let fan_out = fan_out(&crowd);
        let mut recorders = recorders(&world, &fan_out);
        let counted = Counted::of(&world.fleet.traits(DEVICE));
        recorders.skip(&fan_out, DEVICE, counted, SkipCause::AppMissing, AudienceClass::Member);
        let skipped = Journey::Skipped(SkipCause::AppMissing);
        assert_eq!(recorders.message(MessageIx(0), SimTime::ZERO).settled, [(skipped, 1)].into());
        assert_eq!(recorders.totals().pairs.settled(), 1);
        let RunTotals { counts, fates, .. } =
            recorders.close(&world, &Phones::new(0..2)).expect("no phone has a record");
        assert_eq!(counts.cells().map(StratumCounts::pairs).sum::<u64>(), 1);
        let fates: Vec<Journey> = fates.expect("they are kept").values().map(|fate| fate.journey).collect();
        assert_eq!(fates, [skipped]);
    }

    #[test]
    fn a_pair_that_is_taken_back_leaves_no_trace_in_the_counts() {
        let world = fixture::world(2, Vec::new());
        let mut crowd = Crowd::default();
        crowd.standings.skipped[SkipCause::NotEnrolled as usize].insert(DEVICE.0);
        let crowd = Arc::new(crowd);
        let fan_out = fan_out(&crowd);
        let counted = Counted::of(&world.fleet.traits(DEVICE));
        let mut recorders = recorders(&world, &fan_out);
        recorders.skip(&fan_out, DEVICE, counted, SkipCause::NotEnrolled, crowd.class_before(DEVICE));
        recorders.unskip(&fan_out, &crowd, DEVICE, counted);
        assert_eq!(recorders.message(MessageIx(0), SimTime::ZERO).settled, [].into());
        assert_eq!(recorders.totals().pairs.settled(), 0);
        let RunTotals { counts, .. } = recorders.close(&world, &Phones::new(0..2)).expect("no phone has a record");
        assert_eq!(counts.digest, self::recorders(&world, &fan_out).counts.close().digest);
    }

    #[test]
    fn a_hit_on_an_actor_counts_for_each_of_its_faults_and_is_taken_once() {
        let fault = || fixture::actor_fault(Blow::Crash, Victims::Phones(None));
        let world = fixture::world(2, vec![fault(), fault(), fault()]);
        let mut recorders = Recorders::new(&world, &fixture::options(), 0);
        let mut faults = FaultSet::default();
        faults.insert(FaultIx(0));
        faults.insert(FaultIx(2));
        recorders.actor_hit(faults);
        recorders.actor_hit(faults);
        assert_eq!(recorders.totals().touched, [2, 0, 2]);
        let totals = recorders.close(&world, &Phones::new(0..2)).expect("no phone has a record");
        assert_eq!(totals.struck, Some(vec![2, 0, 2]));
        assert!(recorders.actor_hits.is_empty());
    }
}
