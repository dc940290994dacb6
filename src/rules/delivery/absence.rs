//! The fast path of calm pairs that find their phone offline: into the gateway's store in one step, and from there to the
//! screen in another. Must not decide a case that the slow path decides otherwise: a case that is not calm gets no answer
//! here, and changes nothing.

use super::attempt::online_without_faults;
use super::calm::CalmPhone;
use super::device::{Departure, Device};
use super::pair::{EventKind, EventTime, Expiry, Pair};
use super::phone::DeviceWorld;
use super::road::next_latency;
use crate::rules::base::ids::MessageIx;
use crate::rules::base::time::SimTime;
use crate::rules::faults::cover::Crossing;
use crate::rules::faults::fault::FaultSet;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::gateway::Overflow;
use crate::rules::service::journey::{Effect, Journey, WaitCause};

/// A pair that has gone from its start into the store, and nothing else happened to its device meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalmStay {
    /// The message.
    pub message: MessageIx,
    /// Why the pair belongs to it.
    pub class: AudienceClass,
    /// When the journey starts.
    pub starts: SimTime,
    /// When the copy leaves the gateway's queue.
    pub leaves: SimTime,
    /// When it meets the offline phone.
    pub arrives: SimTime,
    /// The older message that loses its place in the store to it then.
    pub superseded: Option<MessageIx>,
}

/// A pair that has gone from the store to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalmReturn {
    /// The message.
    pub message: MessageIx,
    /// When the phone is online again and the copy leaves the store.
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

impl CalmPhone<'_> {
    /// Puts a pair that departs into the store, if its phone is offline when it arrives, nothing happens to the device
    /// before that, no fault is read, the gateway does not lose it, and the store has room or drops its oldest. Its draws
    /// must be known.
    pub fn stay(
        &self,
        device_world: &DeviceWorld<'_>,
        device: &mut Device,
        departure: &Departure<'_>,
    ) -> Option<CalmStay> {
        let Departure { message, class, slot, at: starts, until, draws, .. } = *departure;
        let (gateway, draws, open) = (self.gateway, draws?, &mut device.open);
        let leaves = gateway.rates.leaves(slot, starts);
        let arrives = leaves + gateway.latency.at(draws.latency);
        let expiry = Expiry::of(message, gateway);
        let is_calm = open.are_all_stored()
            && expiry != Expiry::ONE_ATTEMPT
            && arrives < until.min(expiry.end())
            && EventTime::new(arrives, EventKind::Arrival) < open.next()
            && open.latest() < Some(message.ix)
            && device_world.is_calm(Crossing::Road, leaves)
            && (leaves == starts || !gateway.rates.are_cut())
            && !gateway.loss.hits(draws.loss);
        if !is_calm {
            return None;
        }
        let opens = online_without_faults(device_world, arrives).filter(|opens| *opens > arrives)?;
        let superseded = match (open.stored() < gateway.stored, gateway.overflow) {
            (true, _) => None,
            (false, Overflow::Supersede) if open.stored() > 0 && open.at(0).is_calmly_stored() => {
                let oldest = open.at(0).message;
                open.remove(0);
                Some(oldest)
            }
            (false, _) => return None,
        };
        open.insert_stored(Pair::stored_until(message.ix, message.key, expiry, opens, draws), opens);
        Some(CalmStay { message: message.ix, class, starts, leaves, arrives, superseded })
    }

    /// Empties the store of a phone that comes back before `before`, if every pair in it reaches its end by then and
    /// nothing else happens to the device; `arrivals` is a buffer. Tells the pairs in the order of their messages.
    pub fn come_back(
        &self,
        device_world: &DeviceWorld<'_>,
        device: &mut Device,
        before: SimTime,
        arrivals: &mut Vec<SimTime>,
        mut each: impl FnMut(&CalmReturn),
    ) {
        let (gateway, open) = (self.gateway, &mut device.open);
        let next = open.next();
        if open.stored() == 0 || next.at() >= before || next.kind() != EventKind::Release || !open.are_all_stored() {
            return;
        }
        let leaves = next.at();
        if device_world.next_present(leaves) != leaves {
            return;
        }
        arrivals.clear();
        arrivals.extend(open.iter().map(|pair| leaves + next_latency(device_world, gateway, pair, 0).1));
        let is_calm = |(pair, arrives): (&Pair, &SimTime)| {
            pair.is_calmly_stored() && *arrives < before.min(pair.expires()) && device_world.is_undisturbed(*arrives)
        };
        if !open.iter().zip(&*arrivals).all(is_calm) {
            return;
        }
        for (at, arrives) in arrivals.iter().copied().enumerate() {
            let pair = open.at(at);
            let (end, exposed, dismissed_at) = self.end(device_world, pair.draws(device_world), arrives);
            each(&CalmReturn { message: pair.message, leaves, arrives, end, exposed, dismissed_at });
        }
        open.clear();
    }
}

const QUEUED: Journey = Journey::Waiting(WaitCause::Capacity);
const TRAVELS: Journey = Journey::Waiting(WaitCause::InTransit);
const OFFLINE: Journey = Journey::Waiting(WaitCause::Offline);

/// A move of a pair that no fault has touched.
const fn moved(message: MessageIx, at: SimTime, from: Option<Journey>, to: Journey) -> Effect {
    Effect::Moved { message, at, from, to, touched: FaultSet(0) }
}

impl CalmStay {
    /// The effects that the slow path reports.
    pub fn effects(&self, mut each: impl FnMut(Effect)) {
        let Self { message, class, starts, leaves, arrives, superseded } = *self;
        each(Effect::Started { message, class });
        let before = (leaves > starts).then_some(QUEUED);
        if before.is_some() {
            each(moved(message, starts, None, QUEUED));
        }
        each(moved(message, leaves, before, TRAVELS));
        if let Some(superseded) = superseded {
            each(moved(superseded, arrives, Some(OFFLINE), Journey::Superseded));
        }
        each(moved(message, arrives, Some(TRAVELS), OFFLINE));
    }
}

impl CalmReturn {
    /// The effects that the slow path reports up to `now`; the dismissal comes last.
    pub fn effects(&self, now: SimTime, mut each: impl FnMut(Effect)) {
        let Self { message, leaves, arrives, end, exposed, dismissed_at } = *self;
        each(moved(message, leaves, Some(OFFLINE), TRAVELS));
        each(moved(message, arrives, Some(TRAVELS), end));
        if exposed {
            each(Effect::Exposed { message });
        }
        if dismissed_at <= now {
            each(Effect::Dismissed { message, at: dismissed_at });
        }
    }
}
