//! What the state machines of device and portal share: the device's world, and the handovers from device to portal.
//! Keeps no state.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use crate::rules::base::ids::{DeviceIx, Key, MessageIx, ModelIx};
use crate::rules::base::time::{SimTime, Span};
use crate::rules::faults::cover::{Cover, Covering, Crossing, Sort};
use crate::rules::faults::fault::FaultSet;
use crate::rules::faults::united::United;
use crate::rules::model::change::PhoneChange;
use crate::rules::model::phone_by_hand::HandSettings;
use crate::rules::model::world::World;
use crate::rules::population::draws::{Draws, Odds};
use crate::rules::population::presence::PresenceCache;
use crate::rules::population::traits::{Model, Traits};
use crate::rules::service::gateway::Gateway;
use crate::rules::service::journey::WaitCause;

/// What is constant for a device in its world; drawn once and kept while its actors live.
#[derive(Clone, Debug)]
pub struct DeviceContext {
    /// The device.
    pub device: DeviceIx,
    /// Its traits.
    pub traits: Traits,
    /// The faults that cover it, if any do.
    pub cover: Option<Arc<Cover>>,
}

impl DeviceContext {
    /// The context of one device.
    pub fn new(world: &World, device: DeviceIx) -> Self {
        Self::from_model(world, world.fleet.model_of(device), device)
    }

    /// The same with the device's model already known.
    pub fn from_model(world: &World, model: ModelIx, device: DeviceIx) -> Self {
        let traits = world.fleet.traits_from(model, device);
        let cover = Cover::of(&world.faults, device, &traits, &world.fleet, &world.chance);
        let cover = (cover != Cover::NONE).then(|| Arc::new(cover));
        Self { device, traits, cover }
    }

    /// The context joined with its world, as the state machines need it.
    pub fn on<'a>(&'a self, world: &'a World) -> DeviceWorld<'a> {
        let fleet = &world.fleet;
        let gateway = self.traits.platform.gateway().map(|name| world.gateway(name));
        DeviceWorld {
            world,
            traits: &self.traits,
            model: fleet.model(self.traits.model),
            odds: fleet.odds(self.traits.model),
            cover: self.cover.as_deref().unwrap_or(&Cover::NONE),
            by_hand: world.phones_by_hand.of(self.device),
            gateway,
            presence_cache: PresenceCache::default(),
            calm: Default::default(),
            united: Default::default(),
        }
    }
}

/// A device's world: the surroundings of its state machines.
#[derive(Clone, Debug)]
pub struct DeviceWorld<'a> {
    /// The world.
    pub world: &'a World,
    /// Its traits.
    pub traits: &'a Traits,
    /// Its model: the distribution of its traits.
    pub model: &'a Model,
    /// Thresholds of the draws at display.
    pub odds: &'a Odds,
    /// The faults that cover it.
    pub cover: &'a Cover,
    /// What is set on it by hand.
    pub by_hand: HandSettings<'a>,
    gateway: Option<&'a Gateway>,
    /// The part of its presence that has been computed.
    presence_cache: PresenceCache,
    /// By crossing, a known span without faults.
    calm: [Cell<Span>; 2],
    /// Unions that did not fit into the world's cache.
    united: [OnceCell<Box<United>>; 2],
}

impl<'a> DeviceWorld<'a> {
    /// The faults of a sort that cover the device.
    pub fn faults(&self, sort: Sort) -> Covering<'a> {
        Covering { faults: &self.world.faults, set: self.cover.set(sort) }
    }

    /// Whether no fault that is read at `crossing` is in force at `now`. Cached up to the next fault.
    #[inline]
    pub fn is_calm(&self, crossing: Crossing, now: SimTime) -> bool {
        let calm = &self.calm[crossing as usize];
        if calm.get().contains(now) {
            return true;
        }
        let covering = Covering { faults: &self.world.faults, set: self.cover.crossing(crossing) };
        let until = covering.calm_until(now);
        if let Some(to) = until {
            calm.set(Span { from: now, to });
        }
        until.is_some()
    }

    /// The windows of the holding outages that cover the device, united.
    pub(super) fn outages(&self) -> &United {
        self.united(Sort::Hold, &self.united[0])
    }

    /// The windows of the offline faults that cover the device, united.
    pub(super) fn absences(&self) -> &United {
        self.united(Sort::Offline, &self.united[1])
    }

    fn united<'s>(&'s self, sort: Sort, own: &'s OnceCell<Box<United>>) -> &'s United {
        let (world, set) = (self.world, self.cover.set(sort));
        let unite = || United::new(&world.faults, set, world.horizon);
        world.unions.get(set, unite).unwrap_or_else(|| own.get_or_init(|| Box::new(unite())))
    }

    /// The device's gateway, if it has one.
    pub(super) const fn gateway_if_any(&self) -> Option<&'a Gateway> {
        self.gateway
    }

    /// The device's gateway.
    ///
    /// # Panics
    /// If it has none; then it has no journeys either.
    pub fn gateway(&self) -> &'a Gateway {
        self.gateway.expect("only carried devices have journeys")
    }

    /// Whether it is certain, without a further lookup, that the phone is present and no fault affects it. `false` may
    /// be wrong.
    #[inline]
    pub fn is_undisturbed(&self, now: SimTime) -> bool {
        self.by_hand.is_empty() && self.presence_cache.is_online(now) && self.is_calm(Crossing::Phone, now)
    }

    /// When the phone is present from `now` on, faults aside; [`SimTime::NEVER`] if that is not before the horizon.
    pub fn next_present(&self, now: SimTime) -> SimTime {
        let (world, model) = (self.world, self.model);
        let by_itself = |now| {
            self.presence_cache.next_online(
                &model.presence,
                &model.zone,
                &world.chance,
                self.traits.key,
                now,
                world.horizon,
            )
        };
        if self.by_hand.is_empty() { by_itself(now) } else { self.by_hand.next_present(now, by_itself) }
    }

    /// Whether the phone is locked when its user is found so (X26).
    #[inline]
    pub(super) fn is_locked(&self, found: u32, now: SimTime) -> bool {
        self.by_hand.set_at(now).locked.unwrap_or_else(|| self.odds.is_locked(found))
    }

    /// When its user dismisses what is shown at `now` (X27).
    #[inline]
    pub(super) fn dismissed_at(&self, attention: u32, now: SimTime) -> SimTime {
        self.odds.dismissed_at(&self.model.attention, &self.model.zone, attention, now)
    }

    /// Whether its app is open then (X26).
    #[inline]
    pub(super) fn is_foreground(&self, found: u32, now: SimTime) -> bool {
        self.by_hand.set_at(now).foreground.unwrap_or_else(|| self.odds.is_foreground(found))
    }
}

/// A message that has arrived on the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The message.
    pub message: MessageIx,
    /// Its stable key.
    pub key: Key,
    /// What the pair waited for last.
    pub from: Option<WaitCause>,
    /// The faults that have touched it so far.
    pub touched: FaultSet,
    /// What is drawn once for the pair.
    pub draws: Draws,
}

/// An item that the device hands over to the portal, in order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handover {
    /// Model time.
    pub at: SimTime,
    /// The item.
    pub what: Parcel,
}

/// The content of a [`Handover`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parcel {
    /// A message arrived.
    Arrived(Arrival),
    /// The phone changed; the key is the change's, for the permission that an app asks for.
    Changed(PhoneChange, Key),
    /// The user dismisses a notification by hand.
    Dismissed(MessageIx),
}
