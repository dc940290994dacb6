//! Which phones of a shard have actors: spawned when there is something to do, passivated when others need the room, replaced
//! when they die. Bounded, and no rule.

use ractor::{ActorId, ActorProcessingErr, ActorRef, ActorRuntime};

use super::EngineError;
use super::desk::Desk;
use super::device::{DeviceActor, DeviceArguments};
use super::messages::{DeviceTurn, PortalTurn, TenantMessage};
use super::options::DEATHS_MAX;
use super::phone::phone_mut;
use super::portal::{PortalActor, PortalArguments};
use crate::clock::Stopwatch;
use crate::metrics::ActorKind;
use crate::rules::ids::DeviceIx;
use crate::rules::strike::Side;

/// Room is kept for both actors of a phone when the first is spawned: one that had to wait for the second while others do
/// the same would wait for ever.
const ACTORS_A_PHONE: usize = 2;

impl Desk {
    pub(super) fn device_actor(&mut self, device: DeviceIx) -> Result<ActorRef<DeviceTurn>, ActorProcessingErr> {
        let uses = self.used(device);
        let record = self.rests[(device.0 - self.devices.0) as usize].device.clone();
        let phone = phone_mut(&mut self.phones, device);
        phone.used = uses;
        if let Some(actor) = &phone.device {
            return Ok(actor.clone());
        }
        self.epochs += 1;
        phone.epoch = self.epochs;
        let arguments = DeviceArguments {
            world: self.world.clone(),
            device,
            epoch: phone.epoch,
            record,
            shard: self.myself.clone(),
            clock: self.options.clock,
            sabotage: self.options.sabotage.clone(),
        };
        let (actor, _) = ActorRuntime::spawn_linked_instant(None, DeviceActor, arguments, self.myself.get_cell())?;
        phone.device = Some(actor.clone());
        self.gauges.activated(ActorKind::Device);
        self.by_actor.insert(actor.get_id(), device.0);
        self.resident += ACTORS_A_PHONE;
        Ok(actor)
    }

    pub(super) fn portal_actor(&mut self, device: DeviceIx) -> Result<ActorRef<PortalTurn>, ActorProcessingErr> {
        let supervisor = self.device_actor(device)?;
        let record = self.rests[(device.0 - self.devices.0) as usize].portal.clone();
        let phone = phone_mut(&mut self.phones, device);
        if let Some(actor) = &phone.portal {
            return Ok(actor.clone());
        }
        let arguments = PortalArguments {
            world: self.world.clone(),
            device,
            epoch: phone.epoch,
            record,
            shard: self.myself.clone(),
            clock: self.options.clock,
            sabotage: self.options.sabotage.clone(),
        };
        let (actor, _) = ActorRuntime::spawn_linked_instant(None, PortalActor, arguments, supervisor.get_cell())?;
        phone.portal = Some(actor.clone());
        self.gauges.activated(ActorKind::Portal);
        Ok(actor)
    }

    fn used(&mut self, device: DeviceIx) -> u64 {
        // Outdated entries go when they are the greater part.
        if self.by_use.len() >= 2 * self.resident_max {
            let phones = &self.phones;
            self.by_use.retain(|(device, used)| phones.get(device).is_some_and(|phone| phone.used == *used));
        }
        self.uses += 1;
        self.by_use.push_back((device.0, self.uses));
        self.uses
    }

    /// Passivates phones that were used longest ago until one more fits; false if too few are idle.
    pub(super) fn make_room(&mut self) -> bool {
        let mut busy = Vec::new();
        while self.resident + ACTORS_A_PHONE > self.resident_max {
            let Some((device, used)) = self.by_use.pop_front() else { break };
            let Some(phone) = self.phones.get(&device).filter(|phone| phone.used == used) else { continue };
            if phone.is_busy() {
                busy.push((device, used));
            } else {
                self.passivate(DeviceIx(device));
            }
        }
        for entry in busy.into_iter().rev() {
            self.by_use.push_front(entry);
        }
        self.resident + ACTORS_A_PHONE <= self.resident_max
    }

    /// The phone's actors stop; its records are at rest already.
    fn passivate(&mut self, device: DeviceIx) {
        let Some(phone) = self.phones.remove(&device.0) else { return };
        if let Some(portal) = &phone.portal {
            portal.stop(None);
            self.gauges.stopped(ActorKind::Portal);
        }
        if let Some(actor) = &phone.device {
            self.resident -= ACTORS_A_PHONE;
            self.by_actor.remove(&actor.get_id());
            actor.stop(None);
            self.gauges.stopped(ActorKind::Device);
        }
    }

    /// A portal actor died: what it had not finished is done again by a new one.
    pub(crate) fn portal_died(&mut self, device: DeviceIx, actor: ActorId) {
        let Some(phone) = self.phones.get_mut(&device.0) else { return };
        if phone.portal.take_if(|portal| portal.get_id() == actor).is_none() {
            return;
        }
        let hit_by = phone.hit_by(Side::Portal, true);
        self.restarts.portal += 1;
        self.gauges.died(ActorKind::Portal);
        self.turns -= usize::from(phone.portal_turn.take().is_some());
        self.struck(hit_by);
        self.mourn(device);
    }

    /// A device actor died, and its portal with it: a new one goes on from the record.
    pub(crate) fn device_died(&mut self, actor: ActorId) {
        let Some(device) = self.by_actor.remove(&actor).map(DeviceIx) else { return };
        let Some(phone) = self.phones.get_mut(&device.0) else { return };
        phone.device = None;
        self.resident -= ACTORS_A_PHONE;
        if let Some(portal) = phone.portal.take() {
            portal.kill();
            self.gauges.stopped(ActorKind::Portal);
        }
        let hit_by = phone.hit_by(Side::Device, true);
        self.restarts.device += 1;
        self.gauges.died(ActorKind::Device);
        self.turns -= usize::from(phone.device_turn.take().is_some()) + usize::from(phone.portal_turn.take().is_some());
        self.struck(hit_by);
        self.mourn(device);
    }

    fn mourn(&mut self, device: DeviceIx) {
        let phone = phone_mut(&mut self.phones, device);
        phone.deaths += 1;
        phone.died.get_or_insert_with(Stopwatch::start);
        if phone.deaths >= DEATHS_MAX {
            let device = self.world.fleet.device_name(device);
            let failed = EngineError::KeepsDying { device, deaths: DEATHS_MAX };
            // A tenant that is gone has nobody to tell.
            let _ = self.tenant.cast(TenantMessage::Failed(failed));
        } else {
            self.enqueue(device);
        }
    }
}
