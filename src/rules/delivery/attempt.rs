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
    ground: &DeviceWorld<'_>,
    pair: &mut Pair,
    opened: bool,
    now: SimTime,
    out: &mut impl Observer,
) -> Found {
    if !ground.is_undisturbed(now) {
        let (online_at, wait) = online_at(ground, now);
        if online_at > now {
            let over = if pair.expiry == Expiry::ONE_ATTEMPT { now } else { pair.expires() };
            let faults = wait.faults_before(over.min(ground.world.horizon));
            out.note(pair.message, now, TraceEvent::Offline { until: online_at, faults });
            pair.wait_under(wait, ground.world.horizon, out);
            return Found::Offline(online_at);
        }
    }
    if ground.traits.platform != Platform::Android {
        return Found::Ready;
    }
    if let Some(until) = doze_until(ground, pair, now) {
        out.note(pair.message, now, TraceEvent::Dozing { until });
        return Found::Dozing(until);
    }
    let calm = ground.is_calm(Crossing::Phone, now);
    let down = if calm { FaultSet::default() } else { ground.faults(Sort::PlayServicesDown).set_in_force(now) };
    if !ground.traits.play_services {
        Found::Blocked(BlockCause::PlayServices)
    } else if !down.is_empty() {
        out.note(pair.message, now, TraceEvent::Hindered { faults: down });
        pair.touch(down, out);
        Found::Blocked(BlockCause::PlayServices)
    } else if ground.traits.force_stopped && !opened {
        Found::Blocked(BlockCause::ForceStopped)
    } else if ground.traits.battery_restricted && ground.world.profile == Profile::Intune2025 {
        Found::Blocked(BlockCause::Battery)
    } else {
        Found::Ready
    }
}

/// The first moment from `now` on at which the phone is online (T5), as presence and offline faults allow, up to the
/// horizon (X33); and the faults that prolong the wait: they count from the moment at which presence alone would let it
/// be online.
fn online_at(ground: &DeviceWorld<'_>, now: SimTime) -> (SimTime, Wait) {
    let (mut at, mut wait) = (now, Wait::default());
    while at < ground.world.horizon {
        let present = ground.next_present(at);
        if present == SimTime::NEVER || ground.is_calm(Crossing::Phone, present) {
            return (present, wait);
        }
        let absences = ground.absences();
        let Some(reachable) = absences.end(present) else { return (present, wait) };
        if present == now {
            wait.read = ground.faults(Sort::Offline).set_in_force(now);
        } else {
            wait.later.extend(absences.moved_before(present).iter().map(|fault| (present, fault)));
        }
        wait.later.extend(absences.moved_after(present));
        at = reachable;
    }
    (SimTime::NEVER, wait)
}

/// The maintenance window that a message of normal priority waits for, if the phone dozes at `now` (R55).
fn doze_until(ground: &DeviceWorld<'_>, pair: &mut Pair, now: SimTime) -> Option<SimTime> {
    const MINUTE_MS: u64 = 60_000;
    let gateway = ground.gateway();
    if gateway.name != GatewayName::Fcm || gateway.priority == Priority::High {
        return None;
    }
    // Windows lie on a grid, each jittered: neighbours are grid ± jitter apart.
    let (grid, jitter) = match ground.model.doze {
        Doze::Off => return None,
        Doze::Light => (10 * MINUTE_MS, 5 * MINUTE_MS),
        Doze::Deep => (210 * MINUTE_MS, 150 * MINUTE_MS),
    };
    let window = |cell: u64| {
        let draw = ground.world.chance.draw(Purpose::Doze, ground.traits.key, Key(cell));
        SimTime(cell * grid + ((u64::from(draw) * jitter) >> 32))
    };
    let cell = now.0 / grid;
    let next =
        [window(cell), window(cell + 1)].into_iter().find(|window| *window >= now).expect("the next cell is later");
    (ground.odds.is_locked(pair.draws(ground).found) && next > now).then_some(next)
}
