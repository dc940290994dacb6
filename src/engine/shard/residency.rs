//! Which phones of a shard have actors: spawned when there is something to do, passivated when others need the room, replaced
//! when they die. Bounded, and no rule.

use ractor::{ActorId, ActorProcessingErr, ActorRuntime};

use super::state::ShardState;
use crate::clock::Stopwatch;
use crate::engine::EngineError;
use crate::engine::messages::TenantMessage;
use crate::engine::options::DEATHS_MAX;
use crate::engine::phone::device::{DeviceActor, Making};
use crate::engine::phone::slot::Phone;
use crate::metrics::ActorKind;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::time::SimTime;
use crate::rules::faults::actor_fault::PhoneActor;

/// Room is kept for both actors of a phone when the first is spawned: one that had to wait for the second while others do
/// the same would wait for ever.
pub(super) const ACTORS_A_PHONE: usize = 2;

/// Beats without a use after which a phone's actors stop: a minute of wall time.
const IDLE_BEATS_MAX: u32 = 240;

/// Wall time within which a timer is soon, in seconds: making actors anew costs some microseconds.
const SOON_SECONDS: u64 = 10;

/// A phone with actors, in the line of those that may have to go.
pub(super) struct Use {
    device: DeviceIx,
    /// Which incarnation; if the phone has another, this is outdated.
    epoch: u32,
    /// The last use that is known here: whoever was used since then goes to the end of the line.
    used: u64,
    /// When that was, in beats.
    beat: u32,
}

impl Use {
    /// Does the phone still have these actors?
    fn is_of(&self, phone: &Phone) -> bool {
        phone.epoch == self.epoch && phone.actor.is_some()
    }
}

impl ShardState {
    /// Sees to it that the phone has a device actor; says whether it has only now been made.
    pub(super) fn wake_up(&mut self, device: DeviceIx) -> Result<bool, ActorProcessingErr> {
        self.uses += 1;
        let phone = self.phones.of(device);
        (phone.used, phone.beat) = (self.uses, self.beats);
        if phone.actor.is_some() {
            return Ok(false);
        }
        self.epochs += 1;
        phone.epoch = self.epochs;
        if self.by_use.len() >= self.resident_max {
            // Those whose actors are gone are the greater part.
            let phones = &self.phones;
            self.by_use.retain(|known| phones.peek(known.device).is_some_and(|phone| known.is_of(phone)));
        }
        let model = self.phones.model(&self.world.fleet, device);
        let phone = self.phones.of(device);
        self.by_use.push_back(Use { device, epoch: phone.epoch, used: self.uses, beat: self.beats });
        let making = Making { home: self.home.clone(), device, model, epoch: phone.epoch };
        let (actor, _) = ActorRuntime::spawn_linked_instant(None, DeviceActor, making, self.home.shard.get_cell())?;
        self.by_actor.insert(actor.get_id(), device);
        phone.actor = Some(actor);
        self.gauges.activated(ActorKind::Device);
        self.resident += ACTORS_A_PHONE;
        Ok(true)
    }

    /// The phone has a portal from now on, if it had none.
    pub(crate) fn has_portal(&mut self, device: DeviceIx) {
        if !std::mem::replace(&mut self.phones.of(device).has_portal, true) {
            self.gauges.activated(ActorKind::Portal);
        }
    }

    /// The phone has nothing to do before `due`. If that is not soon, it is among the first to go: of a message to everybody
    /// nobody is used again before all others.
    pub(super) fn idles(&mut self, device: DeviceIx, due: SimTime, now: SimTime) {
        let clock = &self.clock;
        let is_soon = clock.times() > 0 && clock.wall_seconds(due.since(now)) <= SOON_SECONDS;
        if !is_soon {
            if self.leisure.len() >= self.resident_max {
                self.leisure.clear();
            }
            self.leisure.push((device, self.phones.of(device).used));
        }
    }

    /// Passivates phones until one more fits: the last that has become idle and is not wanted soon, whose memory is still at
    /// hand; if there is none, those that were used longest ago. False if too few are idle.
    pub(crate) fn make_room(&mut self) -> bool {
        while self.resident + ACTORS_A_PHONE > self.resident_max
            && let Some((device, used)) = self.leisure.pop()
        {
            if self.phones.peek(device).is_some_and(|phone| phone.used == used && !phone.is_busy()) {
                self.passivate(device);
            }
        }
        self.passivate_while(|desk, _| desk.resident + ACTORS_A_PHONE > desk.resident_max);
        self.resident + ACTORS_A_PHONE <= self.resident_max
    }

    /// A beat of the clock: passivates phones that nothing has been asked of for a while.
    pub(crate) fn beat(&mut self) {
        self.beats += 1;
        self.passivate_while(|desk, used| desk.beats - used.beat > IDLE_BEATS_MAX);
    }

    /// Passivates idle phones as long as it is wanted, about in the order of their last use.
    fn passivate_while(&mut self, is_wanted: impl Fn(&Self, &Use) -> bool) {
        let mut busy = Vec::new();
        while let Some(mut first) = self.by_use.pop_front() {
            if !is_wanted(self, &first) {
                busy.push(first);
                break;
            }
            let Some(phone) = self.phones.peek(first.device).filter(|phone| first.is_of(phone)) else { continue };
            if phone.used != first.used {
                (first.used, first.beat) = (phone.used, phone.beat);
                self.by_use.push_back(first);
            } else if phone.is_busy() {
                busy.push(first);
            } else {
                self.passivate(first.device);
            }
        }
        for first in busy.into_iter().rev() {
            self.by_use.push_front(first);
        }
    }

    /// The phone's actors stop; its machines are at rest already.
    fn passivate(&mut self, device: DeviceIx) {
        self.stop(device);
        self.phones.let_be(device);
    }

    /// Stops the device's actor, and with it its portal's.
    fn stop(&mut self, device: DeviceIx) {
        let Some(phone) = self.phones.get(device) else { return };
        let Some(actor) = phone.actor.take() else { return };
        self.resident -= ACTORS_A_PHONE;
        self.by_actor.remove(&actor.get_id());
        actor.stop(None);
        self.gauges.stopped(ActorKind::Device);
        if std::mem::take(&mut phone.has_portal) {
            self.gauges.stopped(ActorKind::Portal);
        }
    }

    /// A portal's actor died. Its device knows of a turn that is not applied, and so it goes too: new ones do it again.
    pub(crate) fn portal_died(&mut self, device: DeviceIx, epoch: u32) {
        if self.phones.get(device).is_none_or(|phone| phone.epoch != epoch || phone.actor.is_none()) {
            return;
        }
        self.has_portal(device);
        self.phones.of(device).has_portal = false;
        self.restarts.portal += 1;
        self.gauges.died(ActorKind::Portal);
        self.stop(device);
        self.mourn(device, PhoneActor::Portal);
    }

    /// Whose actor this was, unless it was to stop.
    pub(crate) fn device_of(&mut self, actor: ActorId) -> Option<DeviceIx> {
        self.by_actor.remove(&actor)
    }

    /// A device's actor died, and its portal's with it: new ones go on from what is at rest.
    pub(crate) fn device_died(&mut self, device: DeviceIx) {
        let phone = self.phones.of(device);
        phone.actor = None;
        self.resident -= ACTORS_A_PHONE;
        if std::mem::take(&mut phone.has_portal) {
            self.gauges.stopped(ActorKind::Portal);
        }
        self.restarts.device += 1;
        self.gauges.died(ActorKind::Device);
        self.mourn(device, PhoneActor::Device);
    }

    /// All actors are gone with the shard's: what they had under way is to be done again, by new ones.
    pub(super) fn orphan_all(&mut self) {
        self.by_actor.clear();
        self.by_use.clear();
        self.leisure.clear();
        self.resident = 0;
        for device in (self.devices.0..self.devices.1).map(DeviceIx) {
            let Some(phone) = self.phones.get(device) else { continue };
            if phone.actor.take().is_some() {
                self.gauges.stopped(ActorKind::Device);
            }
            if std::mem::take(&mut phone.has_portal) {
                self.gauges.stopped(ActorKind::Portal);
            }
            if let Some(turn) = phone.end_turn() {
                self.credits.end(turn.sleeps());
                self.phones.work(device).wake(turn.wanted, turn.until);
                self.enqueue(device);
            } else {
                self.phones.let_be(device);
            }
        }
    }

    /// The turn in which one of the phone's actors died is given again, unless that has happened too often.
    fn mourn(&mut self, device: DeviceIx, dead: PhoneActor) {
        let work = self.phones.work(device);
        work.deaths += 1;
        work.died.get_or_insert_with(Stopwatch::start);
        let is_hopeless = work.deaths >= DEATHS_MAX;
        if let Some(turn) = work.turn.take() {
            work.wake(turn.wanted, turn.until);
            self.credits.end(turn.sleeps());
            if let Some(struck) = turn.struck {
                // Who was before it in the turn has been through it.
                for side in PhoneActor::ALL.into_iter().take(dead as usize + 1) {
                    self.struck(device, &struck, side, side == dead);
                }
            }
        }
        if is_hopeless {
            let device = self.world.fleet.device_name(device);
            let failed = EngineError::KeepsDying { device, deaths: DEATHS_MAX };
            // A tenant that is gone has nobody to tell.
            let _ = self.tenant.cast(TenantMessage::Failed(failed));
        } else {
            self.enqueue(device);
        }
    }
}
