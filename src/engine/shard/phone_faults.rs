//! The faults that hit the actors of a shard's phones: drawn by `rules` for the next turn, counted when they have happened. Must
//! not carry one out: the actors do.

use strum::VariantArray as _;

use super::recorders::Recorders;
use crate::engine::phone::slot::Phones;
use crate::engine::phone::turn_faults::{TurnEnd, TurnFaults};
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::time::{SimTime, Span};
use crate::rules::delivery::hits::ActorFaults;
use crate::rules::faults::actor_fault::PhoneActor;
use crate::rules::model::world::World;

/// The faults that hit actors of phones.
#[derive(Debug)]
pub(super) struct PhoneFaults {
    faults: ActorFaults,
    replayed_until: SimTime,
}

impl PhoneFaults {
    /// Those of a world. None hits before `replayed_until`.
    pub(super) fn new(world: &World, replayed_until: SimTime) -> Self {
        Self { faults: ActorFaults::of(&world.faults), replayed_until }
    }

    /// Whether no fault of the world hits actors.
    pub(super) const fn are_none(&self) -> bool {
        self.faults.is_empty()
    }

    /// The hits on the actors of a phone in its next turn, which may go on until `until`.
    pub(super) fn draw(
        &self,
        world: &World,
        phones: &mut Phones,
        device: DeviceIx,
        until: SimTime,
    ) -> Option<Box<TurnFaults>> {
        if self.faults.is_empty() {
            return None;
        }
        let (phone, rest) = phones.entry_with_rest(device);
        let work = phone.work.as_ref()?;
        let from = work.begins(rest.due(), until);
        // The retry of a turn after a death is spared; otherwise it might never be done.
        if work.died.is_some() || from.max(until) < self.replayed_until {
            return None;
        }
        let from = from.max(self.replayed_until);
        let mut cursors = phone.cursors.as_deref().cloned().unwrap_or_default();
        let span = Span { from, to: from.max(until) + 1 };
        let hits =
            std::array::from_fn(|at| self.faults.hit(world, device, PhoneActor::VARIANTS[at], span, &mut cursors[at]));
        Some(Box::new(TurnFaults { hits, cursors }))
    }
}

/// Counts the hits on the actors that a turn has reached, and moves their cursors, so that none is hit again in the same slot. The
/// last of them left the turn as `end` says, and those before it did their part.
pub(super) fn count_turn(
    faults: &TurnFaults,
    device: DeviceIx,
    (last, end): (PhoneActor, TurnEnd),
    phones: &mut Phones,
    recorders: &mut Recorders,
) {
    let cursors = phones.entry(device).cursors.get_or_insert_default();
    for actor in PhoneActor::VARIANTS.iter().copied().take(last as usize + 1) {
        cursors[actor as usize].clone_from(&faults.cursors[actor as usize]);
        let end = if actor == last { end } else { TurnEnd::Completed };
        recorders.actor_hit(faults.happened(actor, end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Stopwatch;
    use crate::engine::fixture;
    use crate::rules::base::ids::MessageIx;
    use crate::rules::delivery::device::DeviceInput;
    use crate::rules::faults::actor_fault::{Blow, Victims};

    #[test]
    fn a_turn_is_hit_once_a_slot_and_its_retry_is_spared() {
        let fault = fixture::actor_fault(Blow::Crash, Victims::Phones(Some(PhoneActor::Device)));
        let world = fixture::world(1, vec![fault]);
        let (mut phones, device) = (Phones::new(0..1), DeviceIx(0));
        let mut recorders = Recorders::new(&world, &fixture::options(), 0);
        let faults = PhoneFaults::new(&world, SimTime::ZERO);
        phones.work(device).inputs.push((SimTime(5), DeviceInput::Dismiss(MessageIx(0))));
        let drawn = faults.draw(&world, &mut phones, device, SimTime(9)).expect("there is work");
        assert!(drawn.hits[0].crash.is_some() && drawn.hits[1].crash.is_none());
        phones.work(device).died = Some(Stopwatch::start());
        assert!(faults.draw(&world, &mut phones, device, SimTime(9)).is_none(), "it is a retry");
        phones.work(device).died = None;
        count_turn(&drawn, device, (PhoneActor::Device, TurnEnd::Died), &mut phones, &mut recorders);
        assert_eq!(recorders.totals().touched, [1]);
        let again = faults.draw(&world, &mut phones, device, SimTime(9)).expect("there is work");
        assert!(again.hits[0].crash.is_none(), "the cursor is behind this slot");
        let spared = PhoneFaults::new(&world, SimTime(10));
        assert!(spared.draw(&world, &mut phones, device, SimTime(9)).is_none());
    }
}
