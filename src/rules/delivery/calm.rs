//! The fast paths of pairs that no fault touches: from the start to the screen in one step, or into the store of a gateway
//! whose phone is offline, and out of it when the phone is back. They use the same draws, tables and traits as the slow path
//! of [`super::device`] and [`super::portal`], and leave the device as it would. Must not decide a case that the slow path
//! decides otherwise: a case that is not calm gets no answer here, and changes nothing.

use super::attempt::{blocked_by_traits, doze_grid, online_without_faults};
use super::calm_step::{CalmEnd, CalmStart, CalmStep};
use super::device::{Departure, Device};
use super::open::OpenPairs;
use super::pair::{EventKind, EventTime, Expiry, Pair};
use super::phone::DeviceWorld;
use super::portal::{Portal, is_exposed};
use super::road::next_latency;
use crate::rules::base::ids::MessageIx;
use crate::rules::base::time::SimTime;
use crate::rules::faults::cover::Crossing;
use crate::rules::population::draws::Draws;
use crate::rules::service::gateway::{Gateway, Overflow};
use crate::rules::service::journey::{BlockCause, Form, Journey};

/// What a phone does with every message that reaches it while it is online and no fault is in force. It stays so until
/// the phone is changed.
#[derive(Clone, Copy, Debug)]
pub struct CalmPhone<'a> {
    gateway: &'a Gateway,
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

    /// The way of a pair that departs, to its end or into the gateway's store, if it is calm: nothing happens to the device
    /// before its arrival, no fault is read, the gateway does not lose it, and the store has room or drops its oldest. Its
    /// draws must be known.
    #[expect(clippy::inline_always, reason = "its answer is taken apart at once, and need not be stored in memory")]
    #[inline(always)]
    pub fn pass(
        &self,
        device_world: &DeviceWorld<'_>,
        device: &mut Device,
        departure: &Departure<'_>,
    ) -> Option<CalmStep> {
        let Departure { message, class, slot, at: starts, until, draws, .. } = *departure;
        let (gateway, draws) = (self.gateway, draws?);
        let leaves = gateway.rates.leaves(slot, starts);
        let arrives = leaves + gateway.latency.at(draws.latency);
        let expiry = Expiry::of(message, gateway);
        let is_calm = arrives < until.min(expiry.end())
            && EventTime::new(arrives, EventKind::Arrival) < device.next_event()
            && device_world.is_calm(Crossing::Road, leaves)
            && (leaves == starts || !gateway.rates.are_cut())
            && !gateway.loss.hits(draws.loss);
        if !is_calm {
            return None;
        }
        let start = CalmStart { message: message.ix, class, starts, leaves };
        if device_world.is_undisturbed(arrives) {
            return Some(CalmStep::Ended(start, self.end(device_world, draws, arrives)));
        }
        let online_at = online_without_faults(device_world, arrives)?;
        if online_at == arrives {
            return Some(CalmStep::Ended(start, self.end(device_world, draws, arrives)));
        }
        let open = &mut device.open;
        if !self.stores(open, message.ix, expiry) {
            return None;
        }
        let superseded = (open.stored() == gateway.stored).then(|| {
            let oldest = open.at(0).message;
            open.remove(0);
            oldest
        });
        open.insert_stored(Pair::stored_until(message.ix, message.key, expiry, online_at, draws), online_at);
        Some(CalmStep::Stored { start, arrives, superseded })
    }

    /// Whether the gateway stores a newer message than all open ones, which are all in its store: it has room, or drops the
    /// oldest for it, which no fault has touched.
    fn stores(&self, open: &mut OpenPairs, message: MessageIx, expiry: Expiry) -> bool {
        if !open.are_all_stored() || expiry == Expiry::ONE_ATTEMPT || open.latest() >= Some(message) {
            return false;
        }
        let drops_oldest = matches!(self.gateway.overflow, Overflow::Supersede) && open.stored() > 0;
        open.stored() < self.gateway.stored || drops_oldest && open.at(0).is_calmly_stored()
    }

    /// Empties the store of a phone that comes back before `before`, if every pair in it reaches its end by then and
    /// nothing else happens to the device; `arrivals` is a buffer. Tells the steps in the order of their messages.
    #[inline]
    pub fn come_back(
        &self,
        device_world: &DeviceWorld<'_>,
        device: &mut Device,
        before: SimTime,
        arrivals: &mut Vec<SimTime>,
        each: impl FnMut(&CalmStep),
    ) {
        let next = device.next_event();
        if next.at() < before && next.kind() == EventKind::Release && device.open.are_all_stored() {
            self.empty_store(device_world, &mut device.open, (next.at(), before), arrivals, each);
        }
    }

    fn empty_store(
        &self,
        device_world: &DeviceWorld<'_>,
        open: &mut OpenPairs,
        (leaves, before): (SimTime, SimTime),
        arrivals: &mut Vec<SimTime>,
        mut each: impl FnMut(&CalmStep),
    ) {
        if device_world.next_present(leaves) != leaves {
            return;
        }
        arrivals.clear();
        arrivals.extend(open.iter().map(|pair| leaves + next_latency(device_world, self.gateway, pair, 0).1));
        let is_calm = |(pair, arrives): (&Pair, &SimTime)| {
            pair.is_calmly_stored() && *arrives < before.min(pair.expires()) && device_world.is_undisturbed(*arrives)
        };
        if !open.iter().zip(&*arrivals).all(is_calm) {
            return;
        }
        for (at, arrives) in arrivals.iter().copied().enumerate() {
            let pair = open.at(at);
            let end = self.end(device_world, pair.draws(device_world), arrives);
            each(&CalmStep::Returned { message: pair.message, leaves, end });
        }
        open.clear();
    }

    /// How a pair ends that arrives.
    #[expect(clippy::inline_always, reason = "as `pass`")]
    #[inline(always)]
    fn end(&self, device_world: &DeviceWorld<'_>, draws: Draws, arrives: SimTime) -> CalmEnd {
        match &self.takes {
            Err(cause) => {
                CalmEnd { arrives, journey: Journey::Blocked(*cause), exposed: false, dismissed_at: SimTime::NEVER }
            }
            Ok(display) => {
                let odds = device_world.odds;
                let (locked, foreground) = (odds.is_locked(draws.found), odds.is_foreground(draws.found));
                let form = display.forms[usize::from(locked) + 2 * usize::from(foreground)];
                let dismissed_at = device_world.dismissed_at(draws.attention, arrives);
                CalmEnd { arrives, journey: Journey::Shown(form), exposed: display.exposed, dismissed_at }
            }
        }
    }
}
