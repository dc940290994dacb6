//! Strikes: the faults that hit actors, `crash` and `stall`: whom they hit, and in which turn. They change no fate, and no
//! fate's draw is read here. Never carries one out: the engine does.

use super::chance::{Purpose, Ratio};
use super::fault::{Fault, FaultKind, FaultSet};
use super::ids::{DeviceIx, FaultIx, Key};
use super::time::{SimTime, Span};
use super::world::World;

/// Strikes are drawn once for each actor and slot: a minute from the beginning of the fault's window, or what is left of it.
/// In ms.
pub const SLOT_MS: u64 = 60_000;

/// A fault that hits actors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strike {
    /// What it does to them.
    pub blow: Blow,
    /// The share of them that it hits in each slot.
    pub rate: Ratio,
    /// Whom it hits.
    pub victims: Victims,
}

/// Whom a strike hits. How many shards there are is up to the machine, and so they are hit only where they are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victims {
    /// One of a phone's two actors; `None` for both.
    Phones(Option<Side>),
    /// The shards.
    Shards,
}

impl Victims {
    /// The word in scenarios for shards.
    pub const SHARD: &'static str = "shard";
}

/// What is done to an actor that is hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// It dies within its turn.
    Crash,
    /// It sleeps before its turn.
    Stall {
        /// How long, in ms of model time.
        ms: u64,
    },
}

impl Blow {
    /// The word in scenarios and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Stall { .. } => "stall",
        }
    }
}

/// Which of a phone's actors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The cloud side.
    Device,
    /// The app on the phone.
    Portal,
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Device, Self::Portal];

    /// The word in scenarios.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Portal => "portal",
        }
    }
}

/// What hits an actor in one turn: a phone's in a turn of the phone, a shard's between two of its messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hit {
    /// The crashes that kill it, and in which half of its turn.
    pub crash: Option<(FaultSet, Half)>,
    /// The stalls that delay it.
    pub stalls: FaultSet,
    /// How long it sleeps first, in ms of model time; stalls add up.
    pub sleep_ms: u64,
}

impl Hit {
    /// Nothing.
    pub const NONE: Self = Self { crash: None, stalls: FaultSet(0), sleep_ms: 0 };
}

/// When in its turn an actor dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Before it has done anything.
    BeforeWork,
    /// When all is done and nobody has been told.
    AfterWork,
}

/// Which slots have hit an actor already, by fault: its memory of strikes, kept while it may be hit again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scars(Vec<(FaultIx, SimTime)>);

impl Scars {
    /// Nothing has hit it.
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
pub struct Strikes(Vec<(FaultIx, Strike)>);

impl Strikes {
    /// Those of `faults`.
    pub fn of(faults: &[Fault]) -> Self {
        let strikes = faults.iter().enumerate().filter_map(|(at, fault)| match fault.kind {
            FaultKind::Strike(strike) => Some((FaultIx(at as u32), strike)),
            _ => None,
        });
        Self(strikes.collect())
    }

    /// Does nothing hit anybody?
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that hit shards.
    #[must_use]
    pub fn of_shards(&self) -> Self {
        Self(self.0.iter().copied().filter(|(_, strike)| strike.victims == Victims::Shards).collect())
    }

    /// What hits an actor of a phone in a turn that takes it through `span`: each fault at most once a turn, and once a slot.
    pub fn hit(&self, world: &World, device: DeviceIx, side: Side, span: Span, scars: &mut Scars) -> Hit {
        self.gather(span, scars, |ix, strike, span| match strike.victims {
            Victims::Phones(only) if only.is_none_or(|only| only == side) => {
                first(world, &world.faults[ix.at()], strike.rate, device, side, span)
            }
            Victims::Phones(_) | Victims::Shards => None,
        })
    }

    /// What hits a shard, counted from 0, while it goes through `span`: each fault at most once, and once a slot.
    pub fn hit_shard(&self, world: &World, shard: usize, span: Span, scars: &mut Scars) -> Hit {
        let key = Key(shard as u64);
        self.gather(span, scars, |ix, strike, span| match strike.victims {
            Victims::Shards => {
                let fault = &world.faults[ix.at()];
                slots(fault, span).find_map(|slot| drawn(world, fault, strike.rate, key, slot, [0, 2]))
            }
            Victims::Phones(_) => None,
        })
    }

    /// What all of them together do to an actor that is hit by each in the slot that `first` says, if in any.
    fn gather(
        &self,
        span: Span,
        scars: &mut Scars,
        first: impl Fn(FaultIx, &Strike, Span) -> Option<(Span, Half)>,
    ) -> Hit {
        let mut hit = Hit::default();
        for (ix, strike) in &self.0 {
            let span = Span { from: span.from.max(scars.healed(*ix)), to: span.to };
            let Some((slot, half)) = first(*ix, strike, span) else { continue };
            scars.keep(*ix, slot.to);
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
fn first(world: &World, fault: &Fault, rate: Ratio, device: DeviceIx, side: Side, span: Span) -> Option<(Span, Half)> {
    let mut slots = slots(fault, span).peekable();
    slots.peek()?;
    let traits = world.fleet.traits(device);
    if !fault.covers(device, &traits, &world.fleet, &world.chance) {
        return None;
    }
    let words = match side {
        Side::Device => [0, 2],
        Side::Portal => [1, 3],
    };
    slots.find_map(|slot| drawn(world, fault, rate, traits.key, slot, words))
}

/// Does this slot hit an actor of this key, and in which half of its turn? The words of the block that say so are its own.
fn drawn(
    world: &World,
    fault: &Fault,
    rate: Ratio,
    key: Key,
    slot: Span,
    [hits, halves]: [usize; 2],
) -> Option<(Span, Half)> {
    let block = world.chance.block(Purpose::Strike, key, fault.key.nth(slot.from.0));
    let half = if block[halves].is_multiple_of(2) { Half::BeforeWork } else { Half::AfterWork };
    fault.ramped(rate, slot.from).hits(block[hits]).then_some((slot, half))
}

/// The slots of a fault that overlap `span`, in order.
fn slots(fault: &Fault, span: Span) -> impl Iterator<Item = Span> + '_ {
    let elapsed = span.from.since(fault.at);
    let begins = fault.every_ms.map_or(fault.at, |every| fault.at + elapsed / every * every);
    let mut window = fault.window_from(begins);
    let mut from = window.from + span.from.since(window.from) / SLOT_MS * SLOT_MS;
    std::iter::from_fn(move || {
        if from >= window.to {
            let next = window.from + fault.every_ms?;
            if next >= fault.stopped_at {
                return None;
            }
            window = fault.window_from(next);
            from = window.from;
        }
        let slot = Span { from, to: (from + SLOT_MS).min(window.to) };
        from = slot.to;
        (slot.from < span.to).then_some(slot)
    })
    .filter(move |slot| slot.to > span.from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fault(at: u64, lasts_ms: Option<u64>, every_ms: Option<u64>) -> Fault {
        let strike = Strike { blow: Blow::Crash, rate: Ratio::ALWAYS, victims: Victims::Phones(None) };
        Fault::by_hand(FaultKind::Strike(strike), at, lasts_ms, every_ms)
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
            let found: Vec<Span> = slots(&fault, span).collect();
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
        let begins: Vec<u64> = slots(&fault(10_000, None, None), span).map(|slot| slot.from.0).collect();
        assert_eq!(begins, [190_000, 250_000]);
    }
}
