//! What a shard knows of one phone: its machines at rest, and what is to be done and by whom. Bookkeeping, no rule.

use std::sync::Arc;

use ractor::ActorRef;

use super::books::Restarts;
use super::lag::Wanted;
use super::messages::{DeviceTurn, Reservation, Rested, Work};
use crate::clock::Stopwatch;
use crate::rules::device::Input;
use crate::rules::ids::DeviceIx;
use crate::rules::strike::Scars;
use crate::rules::time::SimTime;

/// A phone at rest: both machines.
#[derive(Clone, Debug)]
pub(super) struct Rest {
    pub(super) device: Rested,
    pub(super) portal: Rested,
    /// What the wheel will wake it for.
    pub(super) armed: SimTime,
}

impl Rest {
    pub(super) const NEW: Self = Self { device: Rested::NEW, portal: Rested::NEW, armed: SimTime::NEVER };

    pub(super) fn due(&self) -> SimTime {
        self.device.due.min(self.portal.due)
    }
}

/// A phone with something to do, or with actors.
#[derive(Default)]
pub(super) struct Phone {
    pub(super) epoch: u32,
    pub(super) actor: Option<ActorRef<DeviceTurn>>,
    /// Does the device have a portal?
    pub(super) has_portal: bool,
    /// Given and not yet in a turn, in order.
    pub(super) reservations: Vec<Reservation>,
    pub(super) inputs: Vec<(SimTime, Input)>,
    /// The turn under way.
    pub(super) turn: Option<Turn>,
    /// How far it may go.
    pub(super) until: SimTime,
    /// The earliest thing that its next turn is wanted for, if anything can be late.
    pub(super) wanted: Option<Wanted>,
    pub(super) queued: bool,
    pub(super) used: u64,
    pub(super) deaths: u32,
    pub(super) died: Option<Stopwatch>,
    pub(super) scars: [Scars; 2],
}

/// A turn under way.
pub(super) struct Turn {
    pub(super) work: Arc<Work>,
    pub(super) wanted: Option<Wanted>,
    /// The scars that it leaves on whoever takes part in it.
    pub(super) scars: [Scars; 2],
}

impl Phone {
    pub(super) fn has_work(&self) -> bool {
        !self.inputs.is_empty() || !self.reservations.is_empty()
    }

    pub(super) fn is_busy(&self) -> bool {
        self.turn.is_some() || self.has_work() || self.queued
    }

    /// It is to take a turn, and may go on until `until`.
    pub(super) fn wake(&mut self, wanted: Option<Wanted>, until: SimTime) {
        self.until = self.until.max(until);
        if let Some(wanted) = wanted
            && self.wanted.is_none_or(|known| wanted.due < known.due)
        {
            self.wanted = Some(wanted);
        }
    }

    /// The earliest that its next turn is for, of what was given to it and what is due.
    pub(super) fn begins(&self, due: SimTime, until: SimTime) -> SimTime {
        let given = self.inputs.first().map(|(at, _)| *at);
        let wanted = self.reservations.first().map(|wanted| wanted.at);
        let due = Some(due).filter(|due| *due <= until);
        [given, wanted, due].into_iter().flatten().min().unwrap_or(until)
    }

    /// The turn under way is not applied: what it was to do is still to be done, before all else.
    pub(super) fn take_back(&mut self, turn: &Turn) {
        self.reservations.splice(..0, turn.work.reservations.iter().cloned());
        self.inputs.splice(..0, turn.work.inputs.iter().copied());
    }

    pub(super) fn recovered(&mut self, restarts: &mut Restarts) {
        self.deaths = 0;
        if let Some(died) = self.died.take() {
            let us = died.us();
            restarts.recovery_us_max = restarts.recovery_us_max.max(us);
            restarts.recovery_us_total += us;
        }
    }
}

/// The phones of a shard that have something to do, or actors.
#[derive(Default)]
pub(super) struct Phones {
    /// By device, from the shard's first.
    phones: Vec<Option<Box<Phone>>>,
    first: u32,
}

impl Phones {
    /// None of these devices has anything to do.
    pub(super) fn new(devices: (u32, u32)) -> Self {
        let phones = std::iter::repeat_with(|| None).take((devices.1 - devices.0) as usize).collect();
        Self { phones, first: devices.0 }
    }

    /// The same, to look at.
    pub(super) fn peek(&self, device: DeviceIx) -> Option<&Phone> {
        self.phones[(device.0 - self.first) as usize].as_deref()
    }

    /// The phone, if it has something to do, or actors.
    pub(super) fn get(&mut self, device: DeviceIx) -> Option<&mut Phone> {
        self.phones[(device.0 - self.first) as usize].as_deref_mut()
    }

    /// The phone, which is about to have something to do.
    pub(super) fn of(&mut self, device: DeviceIx) -> &mut Phone {
        self.phones[(device.0 - self.first) as usize].get_or_insert_default()
    }

    /// The phone has nothing left to do and no actors.
    pub(super) fn remove(&mut self, device: DeviceIx) -> Option<Box<Phone>> {
        self.phones[(device.0 - self.first) as usize].take()
    }
}
