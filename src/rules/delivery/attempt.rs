//! The state of the phone when a copy attempts it (X22, X25): offline, dozing, unable to take it, or ready. Reads only;
//! the device draws the consequences.

use super::observer::{Observer, TraceEvent};
use super::pair::{CopyPlace, Expiry, Pair, PairStep};
use super::phone::DeviceWorld;
use crate::rules::base::chance::Purpose;
use crate::rules::base::ids::Key;
use crate::rules::base::platform::{GatewayName, Platform};
use crate::rules::base::profile::Profile;
use crate::rules::base::time::SimTime;
use crate::rules::faults::cover::{Crossing, Sort};
use crate::rules::faults::fault::FaultSet;
use crate::rules::faults::united::Wait;
use crate::rules::population::traits::Doze;
use crate::rules::service::gateway::Priority;
use crate::rules::service::journey::{BlockCause, Journey};

/// What a copy finds at its attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Offline until then; [`SimTime::NEVER`] for beyond the horizon.
    Offline(SimTime),
    /// Dozing until its next maintenance window.
    Dozing(SimTime),
    /// It cannot take the message.
    Blocked(BlockCause),
    /// It takes the message.
    Ready,
}

impl Found {
    /// The consequence for the copy `nth` of the pair.
    ///
    /// # Panics
    /// If the phone is offline: that case belongs to the store.
    pub(crate) fn step(self, pair: &mut Pair, nth: usize) -> PairStep {
        match self {
            Self::Ready => PairStep::Arrived,
            Self::Blocked(cause) => PairStep::Settled(Journey::Blocked(cause)),
            Self::Dozing(_) if pair.expiry == Expiry::ONE_ATTEMPT => PairStep::Settled(Journey::Expired),
            Self::Dozing(until) => {
                (pair.copies[nth].place, pair.copies[nth].due) = (CopyPlace::Dozing, until);
                PairStep::Open
            }
            Self::Offline(_) => unreachable!("the store decides"),
        }
    }
}

/// Examines the phone for a copy of `pair`; `opened`: its user has opened the app.
#[inline]
pub(super) fn look_at_phone(
    device_world: &DeviceWorld<'_>,
    pair: &mut Pair,
    opened: bool,
    now: SimTime,
    out: &mut impl Observer,
) -> Found {
    if let Some((since, set)) = device_world.by_hand.at(now) {
        out.note(pair.message, now, TraceEvent::SetByHand { since, set });
    }
    if !device_world.is_undisturbed(now) {
        let until = match online_without_faults(device_world, now) {
            Some(online_at) if online_at == now => now,
            Some(online_at) => {
                out.note(pair.message, now, TraceEvent::Offline { until: online_at, faults: FaultSet::default() });
                online_at
            }
            None => offline_under_faults(device_world, pair, now, out),
        };
        if until > now {
            return Found::Offline(until);
        }
    }
    if device_world.traits.platform != Platform::Android {
        return Found::Ready;
    }
    if let Some(until) = doze_until(device_world, pair, now) {
        out.note(pair.message, now, TraceEvent::Dozing { until });
        return Found::Dozing(until);
    }
    let blocked = blocked_by_traits(device_world, opened, now);
    if blocked != Some(BlockCause::PlayServices) && !device_world.is_calm(Crossing::Phone, now) {
        let down = device_world.faults(Sort::PlayServicesDown).set_in_force(now);
        if !down.is_empty() {
            out.note(pair.message, now, TraceEvent::Hindered { faults: down });
            pair.touch(down, out);
            return Found::Blocked(BlockCause::PlayServices);
        }
    }
    blocked.map_or(Found::Ready, Found::Blocked)
}

/// What keeps an online phone from taking a message at `now`, faults aside; `opened`: its user has opened the app.
#[inline]
pub(super) fn blocked_by_traits(device_world: &DeviceWorld<'_>, opened: bool, now: SimTime) -> Option<BlockCause> {
    let (traits, set) = (device_world.traits, device_world.by_hand.set_at(now));
    if traits.platform != Platform::Android {
        None
    } else if !set.play_services.unwrap_or(traits.play_services) {
        Some(BlockCause::PlayServices)
    } else if traits.force_stopped && !opened {
        Some(BlockCause::ForceStopped)
    } else if set.battery_restricted.unwrap_or(traits.battery_restricted)
        && device_world.world.profile == Profile::Intune2025
    {
        Some(BlockCause::Battery)
    } else {
        None
    }
}

/// When the phone is online, if no fault has a part in it: the most frequent case, without a list of faults.
pub(super) fn online_without_faults(device_world: &DeviceWorld<'_>, now: SimTime) -> Option<SimTime> {
    let present = device_world.next_present(now);
    (present == SimTime::NEVER || device_world.is_calm(Crossing::Phone, present)).then_some(present)
}

/// When the phone is online although faults may keep it offline; reports those that do.
fn offline_under_faults(
    device_world: &DeviceWorld<'_>,
    pair: &mut Pair,
    now: SimTime,
    out: &mut impl Observer,
) -> SimTime {
    let (online_at, wait) = online_at(device_world, now);
    if online_at > now {
        let over = if pair.expiry == Expiry::ONE_ATTEMPT { now } else { pair.expires() };
        let faults = wait.faults_before(over.min(device_world.world.horizon));
        out.note(pair.message, now, TraceEvent::Offline { until: online_at, faults });
        pair.wait_under(wait, device_world.world.horizon, out);
    }
    online_at
}

/// The first moment from `now` on at which the phone is online (T5), as presence and offline faults allow, up to the
/// horizon (X33); and the faults that prolong the wait: they count from the moment at which presence alone would let it
/// be online.
fn online_at(device_world: &DeviceWorld<'_>, now: SimTime) -> (SimTime, Wait) {
    let (mut at, mut wait) = (now, Wait::default());
    while at < device_world.world.horizon {
        let present = device_world.next_present(at);
        if present == SimTime::NEVER || device_world.is_calm(Crossing::Phone, present) {
            return (present, wait);
        }
        let absences = device_world.absences();
        let Some(reachable) = absences.end(present) else { return (present, wait) };
        if present == now {
            wait.read = device_world.faults(Sort::Offline).set_in_force(now);
        } else {
            wait.later.extend(absences.moved_before(present).iter().map(|fault| (present, fault)));
        }
        wait.later.extend(absences.moved_after(present));
        at = reachable;
    }
    (SimTime::NEVER, wait)
}

/// The grid of maintenance windows and their jitter, in ms, if the phone may doze (R55): windows lie on a grid, each
/// jittered, so neighbours are grid ± jitter apart.
#[inline]
pub(super) fn doze_grid(device_world: &DeviceWorld<'_>) -> Option<(u64, u64)> {
    const MINUTE_MS: u64 = 60_000;
    let gateway = device_world.gateway();
    if gateway.name != GatewayName::Fcm || gateway.priority == Priority::High {
        return None;
    }
    match device_world.model.doze {
        Doze::Off => None,
        Doze::Light => Some((10 * MINUTE_MS, 5 * MINUTE_MS)),
        Doze::Deep => Some((210 * MINUTE_MS, 150 * MINUTE_MS)),
    }
}

/// The maintenance window that a message of normal priority waits for, if the phone dozes at `now` (R55).
fn doze_until(device_world: &DeviceWorld<'_>, pair: &mut Pair, now: SimTime) -> Option<SimTime> {
    let (grid, jitter) = doze_grid(device_world)?;
    let window = |cell: u64| {
        let draw = device_world.world.chance.draw(Purpose::Doze, device_world.traits.key, Key(cell));
        SimTime(cell * grid + ((u64::from(draw) * jitter) >> 32))
    };
    let cell = now.0 / grid;
    let next =
        [window(cell), window(cell + 1)].into_iter().find(|window| *window >= now).expect("the next cell is later");
    (device_world.is_locked(pair.draws(device_world).found, now) && next > now).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::base::ids::MessageIx;

    #[test]
    fn a_dozing_phone_ends_a_message_with_one_attempt_and_keeps_any_other_r53_r55() {
        let found = |expiry| {
            let mut pair = Pair::new(MessageIx(1), Key(2), expiry, SimTime(3), None);
            let step = Found::Dozing(SimTime(50)).step(&mut pair, 0);
            (matches!(step, PairStep::Settled(Journey::Expired)), pair.copies[0].place, pair.copies[0].due)
        };
        assert_eq!(found(Expiry::ONE_ATTEMPT), (true, CopyPlace::Queue, SimTime(3)));
        assert_eq!(found(Expiry::at(SimTime(40))), (false, CopyPlace::Dozing, SimTime(50)));
    }
}
