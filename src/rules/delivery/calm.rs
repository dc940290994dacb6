//! The fast path of a pair that nothing disturbs: from its start to the screen in one step, by the same draws, tables
//! and traits as the slow path of [`super::device`] and [`super::portal`]. [`super::absence`] has that of a phone that is
//! offline. Must not decide a case that the slow path
//! decides otherwise: a pair that is not calm gets no answer here.

use super::attempt::{blocked_by_traits, doze_grid};
use super::device::{Departure, Device};
use super::pair::{EventKind, EventTime, Expiry};
use super::phone::DeviceWorld;
use super::portal::{Portal, is_exposed};
use crate::rules::base::ids::MessageIx;
use crate::rules::base::time::SimTime;
use crate::rules::faults::cover::Crossing;
use crate::rules::faults::fault::FaultSet;
use crate::rules::population::draws::Draws;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::gateway::Gateway;
use crate::rules::service::journey::{BlockCause, Effect, Form, Journey, WaitCause};

/// What a phone does with every message that reaches it while it is online and no fault is in force. It stays so until
/// the phone is changed.
#[derive(Clone, Copy, Debug)]
pub struct CalmPhone<'a> {
    pub(super) gateway: &'a Gateway,
    /// How it shows them, or what blocks them.
    takes: Result<CalmDisplay, BlockCause>,
}

/// How a phone shows messages.
#[derive(Clone, Copy, Debug)]
struct CalmDisplay {
    /// By whether the phone is locked, plus twice whether the app is open.
    forms: [Form; 4],
    /// Another app reads them (R64).
    exposed: bool,
}

/// A pair that has gone from its start to its end, and nothing else happened to its device meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalmPair {
    /// The message.
    pub message: MessageIx,
    /// Why the pair belongs to it.
    pub class: AudienceClass,
    /// When the journey starts.
    pub starts: SimTime,
    /// When the copy leaves the gateway's queue.
    pub leaves: SimTime,
    /// When it reaches the phone.
    pub arrives: SimTime,
    /// Shown or blocked.
    pub end: Journey,
    /// Whether another app reads it (R64).
    pub exposed: bool,
    /// When its notification is dismissed; [`SimTime::NEVER`] if it is not shown or that never happens.
    pub dismissed_at: SimTime,
}

impl<'a> CalmPhone<'a> {
    /// The phone as it is now; `None` if its answer depends on more than its traits: if it has no gateway, may doze, or
    /// is set by hand.
    pub fn of(device_world: &DeviceWorld<'a>, device: &Device, portal: &Portal) -> Option<Self> {
        let gateway = device_world.gateway_if_any()?;
        if doze_grid(device_world).is_some() || !device_world.by_hand.is_empty() {
            return None;
        }
        let lacking =
            blocked_by_traits(device_world, device.is_opened(), SimTime::ZERO).or_else(|| portal.lacking(device_world));
        let form = |at: usize| portal.form(device_world, at & 1 != 0, at & 2 != 0);
        let display = || CalmDisplay { forms: std::array::from_fn(form), exposed: is_exposed(device_world) };
        Some(Self { gateway, takes: lacking.map_or_else(|| Ok(display()), Err) })
    }

    /// The whole way of a pair that departs, if it is calm: nothing happens to the device before its arrival, no fault
    /// is read, the gateway does not lose it, and the phone is known to be online then. Its draws must be known.
    #[expect(clippy::inline_always, reason = "its answer is taken apart at once, and need not be stored in memory")]
    #[inline(always)]
    pub fn pass(&self, device_world: &DeviceWorld<'_>, device: &Device, departure: &Departure<'_>) -> Option<CalmPair> {
        let Departure { message, class, slot, at: starts, until, draws, .. } = *departure;
        let (gateway, draws) = (self.gateway, draws?);
        let leaves = gateway.rates.leaves(slot, starts);
        let arrives = leaves + gateway.latency.at(draws.latency);
        let expires = Expiry::of(message, gateway).end();
        let is_calm = arrives < until.min(expires)
            && EventTime::new(arrives, EventKind::Arrival) < device.next_event()
            && device_world.is_undisturbed(arrives)
            && device_world.is_calm(Crossing::Road, leaves)
            && (leaves == starts || !gateway.rates.are_cut())
            && !gateway.loss.hits(draws.loss);
        if !is_calm {
            return None;
        }
        let (end, exposed, dismissed_at) = self.end(device_world, draws, arrives);
        Some(CalmPair { message: message.ix, class, starts, leaves, arrives, end, exposed, dismissed_at })
    }

    /// How a pair ends that arrives: its station, whether another app reads it, and when it is dismissed.
    #[expect(clippy::inline_always, reason = "as the function above")]
    #[inline(always)]
    pub(super) fn end(
        &self,
        device_world: &DeviceWorld<'_>,
        draws: Draws,
        arrives: SimTime,
    ) -> (Journey, bool, SimTime) {
        match &self.takes {
            Err(cause) => (Journey::Blocked(*cause), false, SimTime::NEVER),
            Ok(display) => {
                let odds = device_world.odds;
                let (locked, foreground) = (odds.is_locked(draws.found), odds.is_foreground(draws.found));
                let form = display.forms[usize::from(locked) + 2 * usize::from(foreground)];
                let dismissed_at = device_world.dismissed_at(draws.attention, arrives);
                (Journey::Shown(form), display.exposed, dismissed_at)
            }
        }
    }
}

impl CalmPair {
    /// The effects that the slow path reports of the pair up to `now`, in its order; the dismissal comes last.
    pub fn effects(&self, now: SimTime, mut each: impl FnMut(Effect)) {
        let Self { message, class, starts, leaves, arrives, end, exposed, dismissed_at } = *self;
        let touched = FaultSet::default();
        let (queued, travels) = (Journey::Waiting(WaitCause::Capacity), Journey::Waiting(WaitCause::InTransit));
        each(Effect::Started { message, class });
        let before = (leaves > starts).then_some(queued);
        if before.is_some() {
            each(Effect::Moved { message, at: starts, from: None, to: queued, touched });
        }
        each(Effect::Moved { message, at: leaves, from: before, to: travels, touched });
        each(Effect::Moved { message, at: arrives, from: Some(travels), to: end, touched });
        if exposed {
            each(Effect::Exposed { message });
        }
        if dismissed_at <= now {
            each(Effect::Dismissed { message, at: dismissed_at });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stations of a pair that leaves its gateway at `leaves`, with their times.
    fn moves(leaves: u64) -> Vec<(u64, Option<Journey>, Journey)> {
        let pair = CalmPair {
            message: MessageIx(4),
            class: AudienceClass::Member,
            starts: SimTime(10),
            leaves: SimTime(leaves),
            arrives: SimTime(30),
            end: Journey::Shown(Form::Banner),
            exposed: false,
            dismissed_at: SimTime::NEVER,
        };
        let mut found = Vec::new();
        pair.effects(SimTime(40), |effect| match effect {
            Effect::Moved { at, from, to, .. } => found.push((at.0, from, to)),
            other => assert!(matches!(other, Effect::Started { .. }), "{other:?}"),
        });
        found
    }

    #[test]
    fn a_pair_waits_in_the_queue_only_if_it_leaves_later() {
        let (queued, travels) = (Journey::Waiting(WaitCause::Capacity), Journey::Waiting(WaitCause::InTransit));
        let shown = (30, Some(travels), Journey::Shown(Form::Banner));
        assert_eq!(moves(10), [(10, None, travels), shown]);
        assert_eq!(moves(11), [(10, None, queued), (11, Some(queued), travels), shown]);
    }
}
