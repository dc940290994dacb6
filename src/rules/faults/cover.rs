//! The faults that cover one device, by the decision that reads them (X25), and when they are in force together. Must
//! not apply one.

use super::fault::{Fault, FaultKind, FaultSet, OutageMode};
use crate::rules::base::chance::Chance;
use crate::rules::base::ids::{DeviceIx, FaultIx};
use crate::rules::base::time::SimTime;
use crate::rules::population::fleet::Fleet;
use crate::rules::population::traits::Traits;

/// The decision that reads a fault: each reads one sort (X25).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Holding outages, on leaving the queue.
    Hold,
    /// Refusing outages, on leaving the queue.
    Refuse,
    /// Loss, on leaving the queue.
    Loss,
    /// Delay, on leaving the queue.
    Delay,
    /// Duplicates, on leaving the queue.
    Duplicate,
    /// Phones offline, at the attempt.
    Offline,
    /// Play Services down, at the attempt.
    PlayServicesDown,
    /// The app removed, at display.
    AppRemoved,
    /// The permission revoked, at display.
    PermissionRevoked,
}

/// Where the faults of several sorts are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    /// On leaving the gateway's queue.
    Road,
    /// At the attempt and at the display.
    Phone,
}

impl Sort {
    const fn crossing(self) -> Crossing {
        match self {
            Self::Hold | Self::Refuse | Self::Loss | Self::Delay | Self::Duplicate => Crossing::Road,
            Self::Offline | Self::PlayServicesDown | Self::AppRemoved | Self::PermissionRevoked => Crossing::Phone,
        }
    }
}

const CROSSINGS: usize = Crossing::Phone as usize + 1;
const SORTS: usize = Sort::PermissionRevoked as usize + 1;

impl FaultKind {
    /// The sort of a fault; `None` for a fault of a gateway's rate, a directory or an actor.
    pub const fn sort(&self) -> Option<Sort> {
        match self {
            Self::Outage(OutageMode::Hold) => Some(Sort::Hold),
            Self::Outage(OutageMode::Refuse) => Some(Sort::Refuse),
            Self::Loss { .. } => Some(Sort::Loss),
            Self::Delay(_) => Some(Sort::Delay),
            Self::Duplicate { .. } => Some(Sort::Duplicate),
            Self::Offline => Some(Sort::Offline),
            Self::PlayServicesDown => Some(Sort::PlayServicesDown),
            Self::AppRemoved => Some(Sort::AppRemoved),
            Self::PermissionRevoked => Some(Sort::PermissionRevoked),
            Self::Throttle { .. } | Self::DirectoryLag { .. } | Self::Strike(_) => None,
        }
    }
}

/// The faults that cover one device, by sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cover {
    sorts: [FaultSet; SORTS],
    crossings: [FaultSet; CROSSINGS],
}

impl Cover {
    /// No faults.
    pub const NONE: Self = Self { sorts: [FaultSet(0); SORTS], crossings: [FaultSet(0); CROSSINGS] };

    /// The faults that cover a device.
    pub fn of(faults: &[Fault], device: DeviceIx, traits: &Traits, fleet: &Fleet, chance: &Chance) -> Self {
        let mut cover = Self::NONE;
        for (at, fault) in faults.iter().enumerate() {
            if let Some(sort) = fault.kind.sort().filter(|_| fault.covers(device, traits, fleet, chance)) {
                cover.sorts[sort as usize].insert(FaultIx(at as u32));
                cover.crossings[sort.crossing() as usize].insert(FaultIx(at as u32));
            }
        }
        cover
    }

    /// The faults of a sort.
    pub const fn set(&self, sort: Sort) -> FaultSet {
        self.sorts[sort as usize]
    }

    /// The faults that are read at a crossing.
    pub const fn crossing(&self, crossing: Crossing) -> FaultSet {
        self.crossings[crossing as usize]
    }
}

/// The faults of one sort that cover one device.
#[derive(Clone, Copy, Debug)]
pub struct Covering<'a> {
    /// All faults of the world.
    pub faults: &'a [Fault],
    /// The faults of this sort.
    pub set: FaultSet,
}

impl<'a> Covering<'a> {
    /// Those in force at `now`, in file order.
    pub fn in_force(self, now: SimTime) -> impl Iterator<Item = (FaultIx, &'a Fault)> {
        self.set.iter().map(move |ix| (ix, &self.faults[ix.at()])).filter(move |(_, fault)| fault.in_force(now))
    }

    /// Until when none is in force, if none is at `now`.
    pub fn calm_until(self, now: SimTime) -> Option<SimTime> {
        let mut until = SimTime::NEVER;
        for fault in self.set.iter().map(|ix| &self.faults[ix.at()]) {
            if fault.in_force(now) {
                return None;
            }
            until = until.min(fault.begins_after(now));
        }
        Some(until)
    }

    /// Those in force at `now`, as a set.
    pub fn set_in_force(self, now: SimTime) -> FaultSet {
        let mut set = FaultSet::default();
        self.in_force(now).for_each(|(ix, _)| set.insert(ix));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn calm_lasts_until_the_next_fault_and_no_longer(
            faults in prop::collection::vec((0_u64..200, prop::option::of(1_u64..40), prop::option::of(41_u64..90)), 0..5),
        ) {
            let all: Vec<Fault> = faults.into_iter().map(|(at, lasts, every)| Fault::by_hand(FaultKind::Offline, at, lasts, every)).collect();
            let mut set = FaultSet::default();
            (0..all.len()).for_each(|at| set.insert(FaultIx(at as u32)));
            let covering = Covering { faults: &all, set };
            let in_force = |now: u64| all.iter().any(|fault| fault.in_force(SimTime(now)));
            for now in 0..400 {
                let found = covering.calm_until(SimTime(now));
                prop_assert_eq!(found.is_none(), in_force(now));
                let Some(until) = found else { continue };
                prop_assert!((now..until.0.min(600)).all(|now| !in_force(now)));
                prop_assert!(until == SimTime::NEVER || in_force(until.0));
            }
        }
    }
}
