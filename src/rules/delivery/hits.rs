//! Which actors the faults `crash` and `stall` hit, and in which turn. They change no fate and share no draw with one.
//! Must not execute a hit: the engine does.

use crate::rules::base::chance::{Chance, Purpose, Ratio};
use crate::rules::base::ids::{DeviceIx, FaultIx, Key};
use crate::rules::base::time::{SimTime, Span};
use crate::rules::faults::actor_fault::{ActorFault, Blow, PhoneActor, SLOT_MS, Victims};
use crate::rules::faults::fault::{Fault, FaultKind, FaultSet};
use crate::rules::model::world::World;

/// The faults that hit an actor in one turn: a phone's actor in a turn of the phone, a shard between two of its
/// messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hit {
    /// The crashes that stop it, and in which half of its turn.
    pub crash: Option<(FaultSet, Half)>,
    /// The stalls that delay it.
    pub stalls: FaultSet,
    /// The total delay of the stalls, in ms of model time.
    pub sleep_ms: u64,
}

impl Hit {
    /// No hit.
    pub const NONE: Self = Self { crash: None, stalls: FaultSet(0), sleep_ms: 0 };
}

/// When in its turn an actor crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Before it has done anything.
    BeforeWork,
    /// After its work, before its results are reported.
    AfterWork,
}

/// The latest slot of each fault that has hit an actor, kept while the actor may be hit again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultCursor(Vec<(FaultIx, SimTime)>);

impl FaultCursor {
    /// No fault has hit it.
    pub const NONE: Self = Self(Vec::new());

    fn healed(&self, fault: FaultIx) -> SimTime {
        self.0.iter().find(|(known, _)| *known == fault).map_or(SimTime::ZERO, |(_, until)| *until)
    }

    fn keep(&mut self, fault: FaultIx, until: SimTime) {
        match self.0.iter_mut().find(|(known, _)| *known == fault) {
            Some((_, known)) => *known = until,
            None => self.0.push((fault, until)),
        }
    }
}

/// The faults of a world that hit actors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActorFaults(Vec<(FaultIx, ActorFault)>);

impl ActorFaults {
    /// The actor faults among `faults`.
    pub fn of(faults: &[Fault]) -> Self {
        let strikes = faults.iter().enumerate().filter_map(|(at, fault)| match fault.kind {
            FaultKind::Strike(strike) => Some((FaultIx(at as u32), strike)),
            _ => None,
        });
        Self(strikes.collect())
    }

    /// Whether no fault hits actors.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults that hit shards.
    #[must_use]
    pub fn of_shards(&self) -> Self {
        Self(self.0.iter().copied().filter(|(_, strike)| strike.victims == Victims::Shards).collect())
    }

    /// The hit on an actor of a phone in a turn through `span`: each fault at most once a turn, and once a slot.
    pub fn hit(&self, world: &World, device: DeviceIx, side: PhoneActor, span: Span, cursors: &mut FaultCursor) -> Hit {
        self.gather(span, cursors, |ix, strike, span| match strike.victims {
            Victims::Phones(only) if only.is_none_or(|only| only == side) => {
                first(world, &world.faults[ix.at()], strike.rate, device, side, span)
            }
            Victims::Phones(_) | Victims::Shards => None,
        })
    }

    /// The hit on a shard, counted from 0, in a turn through `span`: each fault at most once, and once a slot.
    pub fn hit_shard(&self, world: &World, shard: usize, span: Span, cursors: &mut FaultCursor) -> Hit {
        let key = Key(shard as u64);
        self.gather(span, cursors, |ix, strike, span| match strike.victims {
            Victims::Shards => {
                let fault = &world.faults[ix.at()];
                drawn(&world.chance, fault, strike.rate, key, &Slots::of(fault, span), [0, 2])
            }
            Victims::Phones(_) => None,
        })
    }

    /// The combined hit of all faults on an actor; `first` finds the slot in which a fault hits it.
    fn gather(
        &self,
        span: Span,
        cursors: &mut FaultCursor,
        first: impl Fn(FaultIx, &ActorFault, Span) -> Option<(Span, Half)>,
    ) -> Hit {
        let mut hit = Hit::default();
        for (ix, strike) in &self.0 {
            let span = Span { from: span.from.max(cursors.healed(*ix)), to: span.to };
            let Some((slot, half)) = first(*ix, strike, span) else { continue };
            cursors.keep(*ix, slot.to);
            match strike.blow {
                Blow::Crash => {
                    let (faults, half) = hit.crash.unwrap_or((FaultSet::default(), half));
                    hit.crash = Some((faults.union(FaultSet::of(*ix)), half));
                }
                Blow::Stall { ms } => {
                    hit.stalls.insert(*ix);
                    hit.sleep_ms = hit.sleep_ms.saturating_add(ms);
                }
            }
        }
        hit
    }
}

/// The first slot in `span` that hits this actor.
fn first(
    world: &World,
    fault: &Fault,
    rate: Ratio,
    device: DeviceIx,
    side: PhoneActor,
    span: Span,
) -> Option<(Span, Half)> {
    let slots = Slots::of(fault, span);
    if slots.from >= slots.to {
        return None;
    }
    let traits = world.fleet.traits(device);
    if !fault.covers(device, &traits, &world.fleet, &world.chance) {
        return None;
    }
    let words = match side {
        PhoneActor::Device => [0, 2],
        PhoneActor::Portal => [1, 3],
    };
    drawn(&world.chance, fault, rate, traits.key, &slots, words)
}

/// A group of slots is drawn together if the group is hit with at most this probability, in billionths. So a turn
/// through a year costs a few draws, however small the rate is.
const GROUP_RATE_MAX: u32 = 1_000_000_000 / 16;

/// The first of these slots that hits an actor with this key, and in which half of its turn. It uses words of the block
/// that no other decision uses. At a small rate at most one slot of a group is hit, each with the same probability as
/// by itself.
fn drawn(
    chance: &Chance,
    fault: &Fault,
    rate: Ratio,
    key: Key,
    slots: &Slots<'_>,
    [hits, halves]: [usize; 2],
) -> Option<(Span, Half)> {
    let bits = (GROUP_RATE_MAX / rate.billionths().max(1)).checked_ilog2().unwrap_or(0);
    let groups = if rate == Ratio::NEVER { 0..0 } else { slots.from >> bits..((slots.to.max(1) - 1) >> bits) + 1 };
    groups.into_iter().find_map(|group| {
        let begins = slots.slot(group << bits).from;
        let block = chance.block(Purpose::Strike, key, fault.key.nth(begins.0));
        let number = (group << bits) + u64::from(block[halves].checked_shr(u32::BITS - bits).unwrap_or(0));
        let slot = slots.slot(number);
        let rate = Ratio::from_billionths(fault.ramped(rate, slot.from).billionths() << bits);
        let half = if block[halves].is_multiple_of(2) { Half::BeforeWork } else { Half::AfterWork };
        ((slots.from..slots.to).contains(&number) && rate.hits(block[hits])).then_some((slot, half))
    })
}

/// The slots of a fault that overlap a span, by number: those of its first window from 0, those of the next window
/// after them.
struct Slots<'a> {
    fault: &'a Fault,
    from: u64,
    to: u64,
}

impl<'a> Slots<'a> {
    fn of(fault: &'a Fault, span: Span) -> Self {
        let (every_ms, each) = (Self::every_ms(fault), Self::each_window(fault));
        let first = |at: SimTime| {
            let elapsed = at.since(fault.at);
            let (windows, within) = (elapsed / every_ms, elapsed % every_ms);
            let is_over = fault.lasts_ms.is_some_and(|lasts_ms| within >= lasts_ms);
            windows.saturating_mul(each) + if is_over { each } else { within / SLOT_MS }
        };
        let end = |at: SimTime| {
            let elapsed = at.since(fault.at);
            let (windows, within) = (elapsed / every_ms, elapsed % every_ms);
            windows.saturating_mul(each) + within.div_ceil(SLOT_MS).min(each)
        };
        Self { fault, from: first(span.from), to: end(span.to.min(fault.stopped_at)) }
    }

    fn every_ms(fault: &Fault) -> u64 {
        fault.every_ms.unwrap_or(u64::MAX)
    }

    /// The number of slots in one window.
    fn each_window(fault: &Fault) -> u64 {
        fault.lasts_ms.unwrap_or(u64::MAX).div_ceil(SLOT_MS)
    }

    /// The span of a slot.
    fn slot(&self, number: u64) -> Span {
        let each = Self::each_window(self.fault);
        let begins = self.fault.at + (number / each).saturating_mul(Self::every_ms(self.fault));
        let window = self.fault.window_from(begins);
        let from = begins + number % each * SLOT_MS;
        Span { from, to: (from + SLOT_MS).min(window.to) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fault(at: u64, lasts_ms: Option<u64>, every_ms: Option<u64>) -> Fault {
        let strike = ActorFault { blow: Blow::Crash, rate: Ratio::ALWAYS, victims: Victims::Phones(None) };
        Fault::by_hand(FaultKind::Strike(strike), at, lasts_ms, every_ms)
    }

    fn all(fault: &Fault, span: Span) -> Vec<Span> {
        let slots = Slots::of(fault, span);
        (slots.from..slots.to).map(|number| slots.slot(number)).collect()
    }

    /// The slots among the first million that hit an actor.
    fn hits(rate: Ratio, fault: &Fault) -> Vec<u64> {
        let chance = Chance::new(7);
        let (mut from, mut found) = (SimTime::ZERO, Vec::new());
        let to = SimTime(1_000_000 * SLOT_MS);
        while let Some((slot, _)) = drawn(&chance, fault, rate, Key(5), &Slots::of(fault, Span { from, to }), [0, 2]) {
            found.push(slot.from.0 / SLOT_MS);
            from = slot.to;
        }
        found
    }

    #[test]
    fn a_small_rate_hits_as_many_slots_as_it_says() {
        for (rate, expected) in [(1_000, 1_u64), (100_000, 100), (5_000_000, 5_000), (200_000_000, 200_000)] {
            let found = hits(Ratio::from_billionths(rate), &fault(0, None, None));
            let error = (found.len() as u64).abs_diff(expected);
            assert!(error * error <= 16 * expected, "{rate} billionths hit {} of a million", found.len());
            assert!(found.is_sorted_by(|one, next| one < next));
            let odd = found.iter().filter(|slot| **slot % 2 == 1).count();
            assert!(
                found.len() < 1_000 || (odd * 100 / found.len()).abs_diff(50) <= 3,
                "{odd} of {} are odd",
                found.len()
            );
        }
        assert!(hits(Ratio::NEVER, &fault(0, None, None)).is_empty());
    }

    #[test]
    fn a_small_rate_grows_with_its_ramp() {
        let ramped = Fault { ramp_ms: 1_000_000 * SLOT_MS, ..fault(0, None, None) };
        let found = hits(Ratio::from_billionths(5_000_000), &ramped);
        let late = found.iter().filter(|slot| **slot >= 500_000).count();
        assert!((2_200..2_800).contains(&found.len()), "{}", found.len());
        assert!((late * 100 / found.len()).abs_diff(75) <= 4, "{late} of {}", found.len());
    }

    proptest! {
        #[test]
        fn slots_cover_what_is_in_force_and_no_more(
            at in 0_u64..500_000,
            lasts in 1_u64..300_000,
            gap in prop::option::of(1_u64..300_000),
            from in 0_u64..2_000_000,
            length in 1_u64..600_000,
            probe in 0_u64..600_000,
            stopped_at in prop::option::of(0_u64..2_000_000),
        ) {
            let stopped_at = stopped_at.map_or(SimTime::NEVER, SimTime);
            let fault = Fault { stopped_at, ..fault(at, Some(lasts), gap.map(|gap| lasts + gap)) };
            let span = Span { from: SimTime(from), to: SimTime(from + length) };
            let found = all(&fault, span);
            prop_assert!(found.is_sorted_by(|a, b| a.to <= b.from));
            for slot in &found {
                prop_assert!(slot.from < slot.to && slot.to.since(slot.from) <= SLOT_MS);
                prop_assert!(slot.from < span.to && fault.in_force(slot.from) && fault.in_force(slot.to.just_before()));
            }
            let now = span.from + probe % length;
            prop_assert_eq!(found.iter().any(|slot| slot.contains(now)), fault.in_force(now));
        }
    }

    #[test]
    fn a_fault_without_an_end_goes_on_in_slots() {
        let span = Span { from: SimTime(190_000), to: SimTime(310_000) };
        let begins: Vec<u64> = all(&fault(10_000, None, None), span).iter().map(|slot| slot.from.0).collect();
        assert_eq!(begins, [190_000, 250_000]);
    }
}
