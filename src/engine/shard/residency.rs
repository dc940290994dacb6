//! Which phones of a shard have actors: started when there is work, passivated when others need the room or after a minute without
//! use. The number of actors is bounded. Must not give a turn, and must not read what an actor does.

use std::collections::VecDeque;
use std::sync::Arc;

use ractor::{ActorId, ActorProcessingErr, ActorRef, ActorRuntime};
use rustc_hash::FxHashMap;

use super::gauges::Gauges;
use super::messages::ShardMessage;
use crate::clock::Reading;
use crate::engine::phone::device::{DeviceActor, DeviceArguments};
use crate::engine::phone::incarnation::Home;
use crate::engine::phone::slot::{Phone, Phones};
use crate::metrics::ActorKind;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::time::SimTime;

/// Room is kept for both actors of a phone when the first starts. If phones could wait for room for the second, all of them might
/// wait for each other.
pub(super) const ACTORS_PER_PHONE: usize = 2;

/// Ticks without a use after which a phone's actors stop: a minute of wall time.
const IDLE_TICKS_MAX: u32 = 240;

/// A timer within this wall time is soon, in seconds: the restart of the actors costs some microseconds.
const SOON_SECONDS: u64 = 10;

/// The phones of a shard that have actors.
pub(super) struct Residency {
    /// What every phone's actors are given.
    home: Arc<Home>,
    /// The devices of the device actors.
    by_actor: FxHashMap<ActorId, DeviceIx>,
    actors: usize,
    actors_max: usize,
    /// About in the order of the last use; it is exact enough for eviction.
    by_use: VecDeque<Use>,
    /// Uses so far.
    uses: u64,
    /// Phones that have become idle and are not due soon, with their last use, the latest last. An entry is outdated when the phone
    /// is used again.
    idle: Vec<(DeviceIx, u64)>,
    /// Ticks so far.
    ticks: u32,
    /// Incarnations so far: the shard recognises a message of an earlier incarnation by its number.
    epochs: u32,
}

/// A phone with actors, in the order of eviction.
struct Use {
    device: DeviceIx,
    /// The incarnation; if the phone has another one, this entry is outdated.
    epoch: u32,
    /// The use when queued. A phone used since then is queued again instead of evicted.
    used: u64,
    /// The tick of that use.
    tick: u32,
}

impl Use {
    /// Whether the phone still has these actors.
    fn is_of(&self, phone: &Phone) -> bool {
        phone.epoch == self.epoch && phone.actor.is_some()
    }
}

impl Residency {
    /// No actors, and room for `actors_max`.
    pub(super) fn new(home: Home, actors_max: usize) -> Self {
        Self {
            home: Arc::new(home),
            by_actor: FxHashMap::default(),
            actors: 0,
            actors_max,
            by_use: VecDeque::new(),
            uses: 0,
            idle: Vec::new(),
            ticks: 0,
            epochs: 0,
        }
    }

    /// The actor of the shard, which supervises the device actors.
    pub(super) fn shard(&self) -> &ActorRef<ShardMessage> {
        &self.home.shard
    }

    /// Starts the phone's device actor if it has none. Counts as a use.
    pub(super) fn wake_up(
        &mut self,
        device: DeviceIx,
        phones: &mut Phones,
        gauges: &mut Gauges,
    ) -> Result<(), ActorProcessingErr> {
        self.uses += 1;
        let phone = phones.entry(device);
        (phone.used, phone.used_tick) = (self.uses, self.ticks);
        if phone.actor.is_some() {
            return Ok(());
        }
        self.epochs += 1;
        phone.epoch = self.epochs;
        if self.by_use.len() >= self.actors_max {
            // Most of the entries are outdated.
            self.by_use.retain(|known| phones.get(known.device).is_some_and(|phone| known.is_of(phone)));
        }
        let model = phones.model(&self.home.world.fleet, device);
        let phone = phones.entry(device);
        self.by_use.push_back(Use { device, epoch: phone.epoch, used: self.uses, tick: self.ticks });
        let arguments = DeviceArguments { home: self.home.clone(), device, model, epoch: phone.epoch };
        let (actor, _) = ActorRuntime::spawn_linked_instant(None, DeviceActor, arguments, self.home.shard.get_cell())?;
        self.by_actor.insert(actor.get_id(), device);
        (phone.actor, phone.is_current) = (Some(actor), false);
        gauges.activated(ActorKind::Device);
        self.actors += ACTORS_PER_PHONE;
        Ok(())
    }

    /// The phone has nothing to do before `due`. Unless that is soon, it is among the first to be passivated: after a message to
    /// all phones, none is used again before all others.
    pub(super) fn became_idle(&mut self, device: DeviceIx, due: SimTime, phones: &mut Phones, clock: &Reading) {
        let is_soon = clock.times() > 0 && clock.wall_seconds(due.since(clock.now())) <= SOON_SECONDS;
        if !is_soon {
            if self.idle.len() >= self.actors_max {
                self.idle.clear();
            }
            self.idle.push((device, phones.entry(device).used));
        }
    }

    /// Passivates phones until one more has room: first the phone that became idle last and is not due soon, whose memory is still
    /// in the cache; if there is none, those that were used longest ago. False if too few are idle.
    pub(super) fn make_room(&mut self, phones: &mut Phones, gauges: &mut Gauges) -> bool {
        while !self.has_room()
            && let Some((device, used)) = self.idle.pop()
        {
            if phones.get(device).is_some_and(|phone| phone.used == used && !phone.is_busy()) {
                self.passivate(device, phones, gauges);
            }
        }
        self.passivate_while(phones, gauges, |residency, _| !residency.has_room());
        self.has_room()
    }

    /// Whether there is room for the actors of one more phone.
    fn has_room(&self) -> bool {
        self.actors + ACTORS_PER_PHONE <= self.actors_max
    }

    /// A tick of the clock: passivates phones that have not been used for a while.
    pub(super) fn tick(&mut self, phones: &mut Phones, gauges: &mut Gauges) {
        self.ticks += 1;
        self.passivate_while(phones, gauges, |residency, first| residency.ticks - first.tick > IDLE_TICKS_MAX);
    }

    /// Passivates idle phones as long as `is_wanted` says so, about in the order of their last use.
    fn passivate_while(&mut self, phones: &mut Phones, gauges: &mut Gauges, is_wanted: impl Fn(&Self, &Use) -> bool) {
        let mut busy = Vec::new();
        while let Some(mut first) = self.by_use.pop_front() {
            if !is_wanted(self, &first) {
                busy.push(first);
                break;
            }
            let Some(phone) = phones.get(first.device).filter(|phone| first.is_of(phone)) else { continue };
            if phone.used != first.used {
                (first.used, first.tick) = (phone.used, phone.used_tick);
                self.by_use.push_back(first);
            } else if phone.is_busy() {
                busy.push(first);
            } else {
                self.passivate(first.device, phones, gauges);
            }
        }
        for first in busy.into_iter().rev() {
            self.by_use.push_front(first);
        }
    }

    /// Stops the phone's actors; its machines are at rest already.
    fn passivate(&mut self, device: DeviceIx, phones: &mut Phones, gauges: &mut Gauges) {
        self.stop(device, phones, gauges);
        phones.release(device);
    }

    /// Stops the device's actor, and with it its portal's.
    pub(super) fn stop(&mut self, device: DeviceIx, phones: &mut Phones, gauges: &mut Gauges) {
        let Some(phone) = phones.get_mut(device) else { return };
        let Some(actor) = phone.actor.take() else { return };
        self.actors -= ACTORS_PER_PHONE;
        self.by_actor.remove(&actor.get_id());
        actor.stop(None);
        gauges.stopped(ActorKind::Device);
        stop_portal(phone, gauges);
    }

    /// The device of an actor that has ended, unless the shard stopped it.
    pub(super) fn device_of(&mut self, ended: ActorId) -> Option<DeviceIx> {
        self.by_actor.remove(&ended)
    }

    /// The device's actor has died, and its portal's with it.
    pub(super) fn device_died(&mut self, device: DeviceIx, phones: &mut Phones, gauges: &mut Gauges) {
        let phone = phones.entry(device);
        phone.actor = None;
        self.actors -= ACTORS_PER_PHONE;
        stop_portal(phone, gauges);
        gauges.died(ActorKind::Device);
    }

    /// The portal's actor has died. Its device knows a state that was not applied, so it stops too. False if the message is of an
    /// earlier incarnation.
    pub(super) fn portal_died(
        &mut self,
        device: DeviceIx,
        epoch: u32,
        phones: &mut Phones,
        gauges: &mut Gauges,
    ) -> bool {
        let Some(phone) = phones.get_mut(device).filter(|phone| phone.epoch == epoch && phone.actor.is_some()) else {
            return false;
        };
        // A portal that died in its first turn was not counted yet.
        has_portal(phone, gauges);
        phone.has_portal = false;
        gauges.died(ActorKind::Portal);
        self.stop(device, phones, gauges);
        true
    }

    /// Another actor takes over the shard. All actors of phones have ended with its predecessor.
    pub(super) fn taken_over(&mut self, by: &ActorRef<ShardMessage>, phones: &mut Phones, gauges: &mut Gauges) {
        self.home = Arc::new(Home { shard: by.clone(), ..Home::clone(&self.home) });
        self.by_actor.clear();
        self.by_use.clear();
        self.idle.clear();
        self.actors = 0;
        for device in phones.devices() {
            let Some(phone) = phones.get_mut(device) else { continue };
            if phone.actor.take().is_some() {
                gauges.stopped(ActorKind::Device);
            }
            stop_portal(phone, gauges);
        }
    }
}

/// The phone has a portal's actor from now on, unless its shard repeats turns without actors.
pub(super) fn has_portal(phone: &mut Phone, gauges: &mut Gauges) {
    if phone.actor.is_some() && !std::mem::replace(&mut phone.has_portal, true) {
        gauges.activated(ActorKind::Portal);
    }
}

fn stop_portal(phone: &mut Phone, gauges: &mut Gauges) {
    if std::mem::take(&mut phone.has_portal) {
        gauges.stopped(ActorKind::Portal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::engine::fixture;
    use ractor::Actor;

    /// Stands in for a shard's actor.
    struct Supervisor;

    impl Actor for Supervisor {
        type Msg = ShardMessage;
        type State = ();
        type Arguments = ();

        async fn pre_start(&self, _: ActorRef<ShardMessage>, (): ()) -> Result<(), ActorProcessingErr> {
            Ok(())
        }
    }

    struct Parts {
        residency: Residency,
        phones: Phones,
        gauges: Gauges,
    }

    impl Parts {
        /// Four phones, and room for the actors of two.
        async fn new() -> Self {
            let world = Arc::new(fixture::world(4, Vec::new()));
            let (shard, _) = Supervisor::spawn(None, Supervisor, ()).await.expect("it starts");
            let gauges = Gauges::new(&world, &fixture::options(), 0);
            let home = Home { world, shard, clock: Clock::Max, sabotage: None };
            Self { residency: Residency::new(home, 4), phones: Phones::new(0..4), gauges }
        }

        /// Whether the device's actor was started.
        fn wake_up(&mut self, device: u32) -> bool {
            let has_none = self.phones.entry(DeviceIx(device)).actor.is_none();
            self.residency.wake_up(DeviceIx(device), &mut self.phones, &mut self.gauges).expect("it starts");
            has_none
        }

        fn make_room(&mut self) -> bool {
            self.residency.make_room(&mut self.phones, &mut self.gauges)
        }

        fn became_idle(&mut self, device: u32) {
            self.residency.became_idle(DeviceIx(device), SimTime::NEVER, &mut self.phones, &Clock::Max.read());
        }

        fn resident(&self) -> Vec<u32> {
            let is_resident = |device: &DeviceIx| self.phones.get(*device).is_some_and(|phone| phone.actor.is_some());
            self.phones.devices().filter(is_resident).map(|device| device.0).collect()
        }
    }

    #[tokio::test]
    async fn the_phone_used_longest_ago_makes_room() {
        let mut parts = Parts::new().await;
        assert!(parts.make_room() && parts.wake_up(0) && parts.wake_up(1));
        assert!(!parts.wake_up(0), "it has its actor, and counts as used");
        assert!(parts.make_room());
        assert_eq!(parts.resident(), [0]);
        assert!(parts.wake_up(2));
        parts.became_idle(2);
        assert!(parts.make_room());
        assert_eq!(parts.resident(), [0], "the phone that became idle last goes first");
    }

    #[tokio::test]
    async fn a_busy_phone_keeps_its_actors() {
        let mut parts = Parts::new().await;
        for device in [0, 1] {
            parts.wake_up(device);
            parts.phones.work(DeviceIx(device)).is_queued = true;
        }
        assert!(!parts.make_room());
        assert_eq!(parts.resident(), [0, 1]);
        parts.phones.work(DeviceIx(1)).is_queued = false;
        parts.phones.release(DeviceIx(1));
        assert!(parts.make_room());
        assert_eq!(parts.resident(), [0]);
    }

    #[tokio::test]
    async fn phones_without_a_use_for_a_minute_are_passivated() {
        let mut parts = Parts::new().await;
        parts.wake_up(0);
        for tick in 0..=IDLE_TICKS_MAX {
            if tick == 100 {
                parts.wake_up(1);
            }
            parts.residency.tick(&mut parts.phones, &mut parts.gauges);
        }
        assert_eq!(parts.resident(), [1]);
    }

    #[tokio::test]
    async fn a_portal_of_an_earlier_incarnation_is_ignored() {
        let mut parts = Parts::new().await;
        parts.wake_up(0);
        let epoch = parts.phones.entry(DeviceIx(0)).epoch;
        let mut died = |epoch| parts.residency.portal_died(DeviceIx(0), epoch, &mut parts.phones, &mut parts.gauges);
        assert!(!died(epoch + 1));
        assert!(died(epoch));
        assert!(!died(epoch), "its actors are stopped");
        assert_eq!((parts.residency.actors, parts.residency.by_actor.len()), (0, 0));
    }

    #[tokio::test]
    async fn a_successor_of_the_shards_actor_begins_without_actors() {
        let mut parts = Parts::new().await;
        parts.wake_up(0);
        parts.wake_up(1);
        let (shard, _) = Supervisor::spawn(None, Supervisor, ()).await.expect("it starts");
        parts.residency.taken_over(&shard, &mut parts.phones, &mut parts.gauges);
        assert!(parts.resident().is_empty());
        assert_eq!(parts.residency.shard().get_id(), shard.get_id());
        assert!(parts.wake_up(0) && parts.wake_up(1));
    }
}
