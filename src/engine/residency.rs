//! Which phones of a shard have actors: spawned when there is something to do, passivated when others need the room, replaced
//! when they die. Bounded, and no rule.

use ractor::{ActorId, ActorProcessingErr, ActorRef, ActorRuntime};

use super::EngineError;
use super::desk::Desk;
use super::device::{DeviceActor, DeviceArguments, Incarnation};
use super::messages::{DeviceTurn, TenantMessage};
use super::options::DEATHS_MAX;
use super::strikes::hit_by;
use crate::clock::Stopwatch;
use crate::metrics::ActorKind;
use crate::rules::ids::DeviceIx;
use crate::rules::strike::Side;

/// Room is kept for both actors of a phone when the first is spawned: one that had to wait for the second while others do
/// the same would wait for ever.
pub(super) const ACTORS_A_PHONE: usize = 2;

/// Beats without a use after which a phone's actors stop: a minute of wall time.
const IDLE_BEATS_MAX: u32 = 240;

/// A use of a phone's actors.
pub(super) struct Use {
    device: DeviceIx,
    /// The stamp that the phone had; if it has another, it was used again.
    stamp: u64,
    /// When, in beats.
    beat: u32,
}

impl Desk {
    /// The phone's device actor, made if there is none.
    pub(super) fn actor(&mut self, device: DeviceIx) -> Result<ActorRef<DeviceTurn>, ActorProcessingErr> {
        let uses = self.used(device);
        let phone = self.phones.of(device);
        phone.used = uses;
        if let Some(actor) = &phone.actor {
            return Ok(actor.clone());
        }
        self.epochs += 1;
        phone.epoch = self.epochs;
        let known = Incarnation {
            world: self.world.clone(),
            device,
            epoch: phone.epoch,
            shard: self.myself.clone(),
            clock: self.options.clock.clone(),
            sabotage: self.options.sabotage.clone(),
        };
        let record = self.rests[(device.0 - self.devices.0) as usize].device.record.clone();
        let arguments = DeviceArguments { phone: known, record };
        let (actor, _) = ActorRuntime::spawn_linked_instant(None, DeviceActor, arguments, self.myself.get_cell())?;
        phone.actor = Some(actor.clone());
        self.gauges.activated(ActorKind::Device);
        self.by_actor.insert(actor.get_id(), device);
        self.resident += ACTORS_A_PHONE;
        Ok(actor)
    }

    /// The phone has a portal from now on, if it had none.
    pub(super) fn has_portal(&mut self, device: DeviceIx) {
        if !std::mem::replace(&mut self.phones.of(device).has_portal, true) {
            self.gauges.activated(ActorKind::Portal);
        }
    }

    fn used(&mut self, device: DeviceIx) -> u64 {
        // Outdated entries go when they are the greater part.
        if self.by_use.len() >= 2 * self.resident_max {
            let phones = &self.phones;
            self.by_use.retain(|used| phones.peek(used.device).is_some_and(|phone| phone.used == used.stamp));
        }
        self.uses += 1;
        self.by_use.push_back(Use { device, stamp: self.uses, beat: self.beats });
        self.uses
    }

    /// Passivates phones that were used longest ago until one more fits; false if too few are idle.
    pub(super) fn make_room(&mut self) -> bool {
        self.passivate_while(|desk, _| desk.resident + ACTORS_A_PHONE > desk.resident_max);
        self.resident + ACTORS_A_PHONE <= self.resident_max
    }

    /// A beat of the clock: passivates phones that nothing has been asked of for a while.
    pub(crate) fn beat(&mut self) {
        self.beats += 1;
        self.passivate_while(|desk, used| desk.beats - used.beat > IDLE_BEATS_MAX);
    }

    /// Passivates idle phones, those used longest ago first, as long as it is wanted.
    fn passivate_while(&mut self, is_wanted: impl Fn(&Self, &Use) -> bool) {
        let mut busy = Vec::new();
        while let Some(used) = self.by_use.pop_front() {
            if !is_wanted(self, &used) {
                busy.push(used);
                break;
            }
            let Some(phone) = self.phones.peek(used.device).filter(|phone| phone.used == used.stamp) else { continue };
            if phone.is_busy() {
                busy.push(used);
            } else {
                self.passivate(used.device);
            }
        }
        for used in busy.into_iter().rev() {
            self.by_use.push_front(used);
        }
    }

    /// The phone's actors stop; its machines are at rest already.
    fn passivate(&mut self, device: DeviceIx) {
        self.stop(device);
        self.phones.remove(device);
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
        self.mourn(device, Side::Portal);
    }

    /// A device's actor died, and its portal's with it: new ones go on from what is at rest.
    pub(crate) fn device_died(&mut self, actor: ActorId) {
        let Some(device) = self.by_actor.remove(&actor) else { return };
        let phone = self.phones.of(device);
        phone.actor = None;
        self.resident -= ACTORS_A_PHONE;
        if std::mem::take(&mut phone.has_portal) {
            self.gauges.stopped(ActorKind::Portal);
        }
        self.restarts.device += 1;
        self.gauges.died(ActorKind::Device);
        self.mourn(device, Side::Device);
    }

    /// The turn in which one of the phone's actors died is given again, unless that has happened too often.
    fn mourn(&mut self, device: DeviceIx, dead: Side) {
        let phone = self.phones.of(device);
        phone.deaths += 1;
        phone.died.get_or_insert_with(Stopwatch::start);
        let is_hopeless = phone.deaths >= DEATHS_MAX;
        if let Some(turn) = phone.turn.take() {
            phone.take_back(&turn);
            phone.wake(turn.wanted, turn.work.until);
            self.turns -= 1;
            // Who was before it in the turn has been through it.
            for side in Side::ALL.into_iter().take(dead as usize + 1) {
                self.phones.of(device).scars[side as usize] = turn.scars[side as usize].clone();
                self.struck(hit_by(&turn.work.hits[side as usize], side == dead));
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
