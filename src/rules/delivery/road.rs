//! The way from a gateway's queue to a phone (X19–X22): outages, loss, delay, duplicates, latency. Takes one copy a
//! step further. Must not decide what happens on the phone: the device does.

use super::observer::{Observer, TraceEvent};
use super::pair::{CopyPlace, MessageCopy, Pair, PairStep};
use super::phone::DeviceWorld;
use crate::rules::base::chance::{Purpose, Ratio};
use crate::rules::base::ids::{FaultIx, Key};
use crate::rules::base::time::SimTime;
use crate::rules::faults::cover::{Crossing, Sort};
use crate::rules::faults::fault::{Fault, FaultKind, FaultSet};
use crate::rules::faults::united::Wait;
use crate::rules::service::gateway::Gateway;
use crate::rules::service::journey::{Journey, LossCause};

/// A copy leaves the gateway's queue, or a hold (X19, X20).
pub(crate) fn leave(
    device_world: &DeviceWorld<'_>,
    gateway: &Gateway,
    pair: &mut Pair,
    nth: usize,
    now: SimTime,
    out: &mut impl Observer,
) -> PairStep {
    pair.end_wait();
    let calm = device_world.is_calm(Crossing::Road, now);
    if !calm {
        if hold(device_world, gateway, pair, nth, now, out) {
            return PairStep::Open;
        }
        if let Some(fault) =
            refused(device_world, pair, now, out).or_else(|| lost_to_a_fault(device_world, pair, now, out))
        {
            return PairStep::Settled(Journey::Lost(LossCause::Fault(fault)));
        }
    }
    let draws = pair.draws(device_world);
    out.note(pair.message, now, TraceEvent::GatewayLoss { draw: draws.loss, rate: gateway.loss });
    if gateway.loss.hits(draws.loss) {
        return PairStep::Settled(Journey::Lost(LossCause::Gateway));
    }
    let latency_ms = gateway.latency.at(draws.latency);
    let delay_ms = if calm { 0 } else { delay(device_world, pair, now, out) };
    let attempts = now + latency_ms + delay_ms;
    out.note(pair.message, now, TraceEvent::Latency { draw: draws.latency, ms: latency_ms, attempts });
    let copy = &mut pair.copies[nth];
    copy.place = CopyPlace::Road;
    copy.due = attempts;
    copy.trips = 1;
    if !calm {
        double(device_world, gateway, pair, now, delay_ms, out);
    }
    PairStep::Open
}

/// Holds the copy until the united outages are over, if one holds it.
fn hold(
    device_world: &DeviceWorld<'_>,
    gateway: &Gateway,
    pair: &mut Pair,
    nth: usize,
    now: SimTime,
    out: &mut impl Observer,
) -> bool {
    let outages = device_world.outages();
    let Some(ends) = outages.end(now) else { return false };
    let read = device_world.faults(Sort::Hold).set_in_force(now);
    let wait = Wait { read, later: outages.moved_after(now).collect() };
    let faults = wait.faults_before(pair.expires().min(device_world.world.horizon));
    pair.wait_under(wait, device_world.world.horizon, out);
    let key = pair.key.again(u64::from(pair.copies[nth].holds));
    let draw = device_world.world.chance.draw(Purpose::Retry, device_world.traits.key, key);
    let retry_ms = gateway.retry.at(draw);
    out.note(pair.message, now, TraceEvent::Held { ends, faults, draw, retry_ms });
    let copy = &mut pair.copies[nth];
    copy.holds = copy.holds.saturating_add(1);
    copy.place = CopyPlace::Held;
    copy.due = ends + retry_ms;
    true
}

/// The first outage that refuses a copy leaving at `now`.
fn refused(device_world: &DeviceWorld<'_>, pair: &mut Pair, now: SimTime, out: &mut impl Observer) -> Option<FaultIx> {
    let faults = device_world.faults(Sort::Refuse).set_in_force(now);
    let first = faults.iter().next()?;
    out.note(pair.message, now, TraceEvent::Refused { faults });
    pair.touch(faults, out);
    Some(first)
}

/// The first loss fault that takes a copy leaving at `now` (X1, X19).
fn lost_to_a_fault(
    device_world: &DeviceWorld<'_>,
    pair: &mut Pair,
    now: SimTime,
    out: &mut impl Observer,
) -> Option<FaultIx> {
    let (message, key) = (pair.message, pair.key);
    let taken = device_world.faults(Sort::Loss).in_force(now).find_map(|(ix, fault)| {
        let FaultKind::Loss { rate, burst_ms } = fault.kind else { return None };
        let (draw, rate) = (loss_draw(device_world, fault, key, rate, burst_ms, now), fault.ramped(rate, now));
        out.note(message, now, TraceEvent::FaultLoss { fault: ix, draw, rate });
        rate.hits(draw).then_some(ix)
    })?;
    pair.touch(FaultSet::of(taken), out);
    Some(taken)
}

fn loss_draw(
    device_world: &DeviceWorld<'_>,
    fault: &Fault,
    message: Key,
    rate: Ratio,
    burst_ms: Option<u64>,
    now: SimTime,
) -> u32 {
    let (chance, device) = (&device_world.world.chance, device_world.traits.key);
    let Some(mean) = burst_ms else { return chance.draw(Purpose::FaultLoss, device, message.with(fault.key)) };
    // The slot length at which a run of lost slots has, on average, the requested length of a burst.
    let part = u128::from(mean) * u128::from(rate.complement().billionths()) / 1_000_000_000;
    let slot_ms = u64::try_from(part).unwrap_or(u64::MAX).max(1);
    chance.draw(Purpose::FaultLoss, device, fault.key.again(now.0 / slot_ms))
}

/// The sum of the delays in force, in ms.
fn delay(device_world: &DeviceWorld<'_>, pair: &mut Pair, now: SimTime, out: &mut impl Observer) -> u64 {
    let (mut delay_ms, mut touched) = (0, FaultSet::default());
    for (ix, fault) in device_world.faults(Sort::Delay).in_force(now) {
        let FaultKind::Delay(delay) = &fault.kind else { continue };
        let draw =
            device_world.world.chance.draw(Purpose::FaultDelay, device_world.traits.key, pair.key.with(fault.key));
        let ms = delay.at(draw);
        out.note(pair.message, now, TraceEvent::Delay { fault: ix, draw, ms });
        delay_ms += ms;
        if ms > 0 {
            touched.insert(ix);
        }
    }
    pair.touch(touched, out);
    delay_ms
}

/// Duplicates the copy for each duplicate fault in force that hits it.
fn double(
    device_world: &DeviceWorld<'_>,
    gateway: &Gateway,
    pair: &mut Pair,
    now: SimTime,
    delay_ms: u64,
    out: &mut impl Observer,
) {
    let (chance, device) = (&device_world.world.chance, device_world.traits.key);
    let mut touched = FaultSet::default();
    for (ix, fault) in device_world.faults(Sort::Duplicate).in_force(now) {
        let FaultKind::Duplicate { rate } = fault.kind else { continue };
        let (key, rate) = (pair.key.with(fault.key), fault.ramped(rate, now));
        let draw = chance.draw(Purpose::FaultDuplicate, device, key);
        let attempts = rate.hits(draw).then(|| {
            let due = now + gateway.latency.at(chance.draw(Purpose::Latency, device, key)) + delay_ms;
            touched.insert(ix);
            pair.copies.push(MessageCopy { salt: fault.key, trips: 1, holds: 0, place: CopyPlace::Road, due });
            due
        });
        out.note(pair.message, now, TraceEvent::Duplicate { fault: ix, draw, rate, attempts });
    }
    pair.touch(touched, out);
}

/// The draw and the latency, in ms, of a copy's next trip.
#[inline]
pub(super) fn next_latency(device_world: &DeviceWorld<'_>, gateway: &Gateway, pair: &Pair, nth: usize) -> (u32, u64) {
    let copy = &pair.copies[nth];
    let key = pair.key.with(copy.salt).again(u64::from(copy.trips));
    let draw = device_world.world.chance.draw(Purpose::Latency, device_world.traits.key, key);
    (draw, gateway.latency.at(draw))
}

/// A copy leaves the store and travels again, with a new latency (X22).
pub(super) fn travel_again(
    device_world: &DeviceWorld<'_>,
    gateway: &Gateway,
    pair: &mut Pair,
    nth: usize,
    now: SimTime,
    out: &mut impl Observer,
) {
    pair.end_wait();
    let (draw, ms) = next_latency(device_world, gateway, pair, nth);
    let copy = &mut pair.copies[nth];
    copy.place = CopyPlace::Road;
    copy.due = now + ms;
    copy.trips = copy.trips.saturating_add(1);
    out.note(pair.message, now, TraceEvent::Released);
    out.note(pair.message, now, TraceEvent::Latency { draw, ms, attempts: copy.due });
}
