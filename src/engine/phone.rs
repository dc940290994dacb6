//! What a shard knows of one phone: its records at rest, and what is to be done and by whom. Bookkeeping, no rule.

use std::collections::{HashMap, VecDeque};

use ractor::ActorRef;

use super::books::Restarts;
use super::messages::{DeviceTurn, PortalTurn, Reservation};
use crate::clock::Stopwatch;
use crate::rules::device::Input;
use crate::rules::ids::DeviceIx;
use crate::rules::phone::Handover;
use crate::rules::strike::{Hit, Scars};
use crate::rules::time::SimTime;

/// A phone at rest: two records and when they want attention.
#[derive(Clone, Debug)]
pub(super) struct Rest {
    pub(super) device: Option<Box<[u8]>>,
    pub(super) portal: Option<Box<[u8]>>,
    pub(super) device_due: SimTime,
    pub(super) portal_due: SimTime,
    /// What the wheel will wake it for.
    pub(super) armed: SimTime,
}

impl Rest {
    pub(super) const NEW: Self = Self {
        device: None,
        portal: None,
        device_due: SimTime::NEVER,
        portal_due: SimTime::NEVER,
        armed: SimTime::NEVER,
    };

    pub(super) fn due(&self) -> SimTime {
        self.device_due.min(self.portal_due)
    }
}

/// A phone with something to do, or with actors.
pub(super) struct Phone {
    pub(super) epoch: u32,
    pub(super) device: Option<ActorRef<DeviceTurn>>,
    pub(super) portal: Option<ActorRef<PortalTurn>>,
    /// Given and not yet applied, in order.
    pub(super) inputs: VecDeque<(SimTime, Input)>,
    pub(super) reservations: VecDeque<Reservation>,
    pub(super) handovers: VecDeque<Handover>,
    /// How many of them are in the turn under way.
    pub(super) device_turn: Option<(usize, usize, SimTime)>,
    pub(super) portal_turn: Option<(usize, SimTime)>,
    /// How far it may go.
    pub(super) until: SimTime,
    /// How far the device has gone: it will hand over nothing before this.
    pub(super) device_done: SimTime,
    /// The earliest thing it was woken for, for the lag.
    pub(super) woken_for: SimTime,
    pub(super) queued: bool,
    pub(super) used: u64,
    pub(super) deaths: u32,
    pub(super) died: Option<Stopwatch>,
    /// What hits each actor in the turn under way.
    pub(super) hits: [Hit; 2],
    pub(super) scars: [Scars; 2],
}

impl Phone {
    pub(super) const NEW: Self = Self {
        epoch: 0,
        device: None,
        portal: None,
        inputs: VecDeque::new(),
        reservations: VecDeque::new(),
        handovers: VecDeque::new(),
        device_turn: None,
        portal_turn: None,
        until: SimTime::ZERO,
        device_done: SimTime::ZERO,
        woken_for: SimTime::NEVER,
        queued: false,
        used: 0,
        deaths: 0,
        died: None,
        hits: [Hit::NONE; 2],
        scars: [Scars::NONE; 2],
    };

    pub(super) fn has_work(&self) -> bool {
        !self.inputs.is_empty() || !self.reservations.is_empty() || !self.handovers.is_empty()
    }

    pub(super) fn is_busy(&self) -> bool {
        self.device_turn.is_some() || self.portal_turn.is_some() || self.has_work() || self.queued
    }

    /// The earliest that a device's turn is for, of what was given to it and what is due.
    pub(super) fn device_begins(&self, due: SimTime, until: SimTime) -> SimTime {
        let given = self.inputs.front().map(|(at, _)| *at);
        let wanted = self.reservations.front().map(|wanted| wanted.at);
        let due = Some(due).filter(|due| *due <= until);
        [given, wanted, due].into_iter().flatten().min().unwrap_or(until)
    }

    /// The earliest that a portal's turn is for.
    pub(super) fn portal_begins(&self, due: SimTime, until: SimTime) -> SimTime {
        let handed = self.handovers.front().map(|handover| handover.at);
        let due = Some(due).filter(|due| *due <= until);
        [handed, due].into_iter().flatten().min().unwrap_or(until)
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

pub(super) fn phone(phones: &mut HashMap<u32, Phone>, device: DeviceIx) -> &mut Phone {
    phones.entry(device.0).or_insert(Phone::NEW)
}

pub(super) fn phone_mut(phones: &mut HashMap<u32, Phone>, device: DeviceIx) -> &mut Phone {
    phones.get_mut(&device.0).expect("a phone with a turn is known")
}
