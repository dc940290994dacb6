//! What records the lives of a forecast: all of them are counted, or the story of one is kept. Must not decide how a life
//! goes.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use crate::rules::base::ids::{DeviceIx, Key, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::counting::recorder::{Counted, Recorder};
use crate::rules::delivery::calm_step::CalmStep;
use crate::rules::delivery::fate::PairFate;
use crate::rules::delivery::observer::Observer;
use crate::rules::model::change::PhoneChange;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::{Effect, Journey, SkipCause, WaitCause};
use crate::rules::service::message::Message;

use super::ends::FateBuffer;

/// Records lives: counts them all, or keeps the story of one.
pub(super) trait LifeRecorder: Observer {
    /// The life of this device begins.
    fn begin(&mut self, device: DeviceIx, counted: Counted);
    /// Whether it records how things were decided: then every pair takes the slow path, which reports it.
    const EXPLAINS: bool;
    /// A pair takes a step of a fast path; `now` is the end of the life.
    #[inline]
    fn calm(&mut self, step: &CalmStep, now: SimTime) {
        step.effects(now, |effect| self.effect(effect));
    }
    /// A message to this device alone begins.
    fn open(&mut self, message: &Message);
    /// A pair does not set out.
    fn skip(&mut self, message: MessageIx, class: AudienceClass, cause: SkipCause, at: SimTime);
    /// A pair that was skipped before sets out after all.
    fn unskip(&mut self, message: MessageIx, class: AudienceClass, at: SimTime);
    /// A pair waits at the end.
    fn still_waiting(&mut self, message: MessageIx, cause: WaitCause);
    /// The life is over.
    fn end(&mut self);
    /// The phone changes; the key is the change's.
    #[inline]
    fn changed(&mut self, _change: PhoneChange, _key: Key, _at: SimTime) {}
}

/// How effects are counted: chosen once for all lives, because every step of each life depends on it.
pub(super) trait Counting {
    fn calm(counter: &mut Recorder, device: Counted, step: &CalmStep, now: SimTime);
    fn count(counter: &mut Recorder, device: Counted, effect: Effect);
}

/// In a world that has no summarised sends.
#[derive(Debug)]
pub(super) struct WithoutSummaries;

/// In any world.
#[derive(Debug)]
pub(super) struct WithSummaries;

impl Counting for WithoutSummaries {
    #[expect(clippy::inline_always, reason = "the step is taken apart at once, and need not be stored in memory")]
    #[inline(always)]
    fn calm(counter: &mut Recorder, device: Counted, step: &CalmStep, now: SimTime) {
        counter.count_calm(device, step, now);
    }

    #[expect(clippy::inline_always, reason = "where an effect is made, only one kind of it is counted")]
    #[inline(always)]
    fn count(counter: &mut Recorder, device: Counted, effect: Effect) {
        counter.count_listed(device, effect);
    }
}

impl Counting for WithSummaries {
    fn calm(counter: &mut Recorder, device: Counted, step: &CalmStep, now: SimTime) {
        step.effects(now, |effect| counter.count(device, effect));
    }

    fn count(counter: &mut Recorder, device: Counted, effect: Effect) {
        counter.count(device, effect);
    }
}

/// Records every event of a life.
#[derive(Debug)]
pub(super) struct CountingRecorder<'a, C> {
    pub(super) counter: Recorder,
    counting: PhantomData<C>,
    pub(super) ends: FateBuffer<'a>,
    /// The pairs of the current device, if ends are wanted.
    life: Life,
    device: DeviceIx,
    counted: Counted,
}

impl<'a, C: Counting> CountingRecorder<'a, C> {
    /// Counts with `counter`, and keeps the ends of pairs if they are wanted.
    pub(super) fn new(counter: Recorder, ends: FateBuffer<'a>) -> Self {
        let (device, counted) = (DeviceIx(0), Counted::PLACEHOLDER);
        Self { counter, counting: PhantomData, ends, life: Life::new(), device, counted }
    }
}

impl<C: Counting> Observer for CountingRecorder<'_, C> {
    #[expect(clippy::inline_always, reason = "where an effect is made, only one kind of it is counted")]
    #[inline(always)]
    fn effect(&mut self, effect: Effect) {
        // First, so that the effect need not be stored in memory for the counting after it.
        if self.ends.are_wanted() {
            keep(&mut self.life, effect);
        }
        C::count(&mut self.counter, self.counted, effect);
    }
}

impl<C: Counting> LifeRecorder for CountingRecorder<'_, C> {
    const EXPLAINS: bool = false;

    #[expect(clippy::inline_always, reason = "the step is taken apart at once, and need not be stored in memory")]
    #[inline(always)]
    fn calm(&mut self, step: &CalmStep, now: SimTime) {
        if self.ends.are_wanted() {
            step.effects(now, |effect| keep(&mut self.life, effect));
        }
        C::calm(&mut self.counter, self.counted, step, now);
    }

    fn begin(&mut self, device: DeviceIx, counted: Counted) {
        (self.device, self.counted) = (device, counted);
    }

    fn open(&mut self, message: &Message) {
        self.counter.open_message(message);
    }

    fn skip(&mut self, message: MessageIx, class: AudienceClass, cause: SkipCause, at: SimTime) {
        self.counter.skip(self.counted, message, class, cause, at);
        if self.ends.are_wanted() {
            keep_skipped(&mut self.life, message, cause, at);
        }
    }

    fn unskip(&mut self, message: MessageIx, class: AudienceClass, at: SimTime) {
        self.counter.unskip(self.counted, message, class, at);
    }

    fn still_waiting(&mut self, message: MessageIx, cause: WaitCause) {
        self.counter.still_waiting(self.counted, message, cause);
    }

    fn end(&mut self) {
        self.counter.forget_all();
        self.ends.device_done(self.device, std::mem::take(&mut self.life));
    }
}

/// Where the pairs of one device are.
pub(super) type Life = BTreeMap<MessageIx, PairFate>;

/// Keeps the fate of a pair that does not set out.
pub(super) fn keep_skipped(life: &mut Life, message: MessageIx, cause: SkipCause, at: SimTime) {
    life.insert(message, PairFate { journey: Journey::Skipped(cause), at, dismissed_at: None });
}

/// Keeps the fate that an effect gives its pair.
pub(super) fn keep(life: &mut Life, effect: Effect) {
    match effect {
        Effect::Moved { message, at, to, .. } => {
            life.insert(message, PairFate { journey: to, at, dismissed_at: None });
        }
        Effect::Dismissed { message, at } => {
            life.get_mut(&message).expect("a dismissed notification was shown").dismissed_at = Some(at);
        }
        Effect::Started { .. } | Effect::Touched { .. } | Effect::Exposed { .. } => {}
    }
}
