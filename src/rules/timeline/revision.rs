//! Revisions of a world: the same world with the faults that were started and the phones that were set by hand, each
//! from its moment on, and without stopped faults. Indices of faults and changes stay. A later state of a fault or a
//! phone affects nothing earlier, so a revision has the same past.

use super::history::{RecordedInput, TimedInput};
use crate::rules::base::ids::{DeviceIx, FaultIx, Key};
use crate::rules::base::limits::FAULTS_MAX;
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::Fault;
use crate::rules::model::change::{Change, Subject};
use crate::rules::model::phone_by_hand::PhonePatch;
use crate::rules::model::world::World;

/// The name of a change by hand.
const BY_HAND: &str = "by hand";

/// Why a fault cannot be switched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unswitched {
    /// There is no such fault.
    Unknown,
    /// The world has the maximum number of faults.
    TooMany,
    /// It has not begun.
    NotBegun,
    /// It is over already.
    Over,
}

/// Applies an input to the faults, if it switches one.
///
/// # Errors
/// Why it cannot be switched; then nothing changes.
pub(crate) fn switch(faults: &mut Vec<Fault>, input: &TimedInput) -> Result<(), Unswitched> {
    match &input.operation {
        RecordedInput::FaultStarted { fault, .. } => {
            may_start(faults)?;
            faults.push((**fault).clone());
        }
        RecordedInput::FaultStopped { fault } => {
            may_stop(faults, *fault, input.at)?;
            faults[fault.at()].stopped_at = input.at;
        }
        RecordedInput::Accepted { .. }
        | RecordedInput::Refused { .. }
        | RecordedInput::Dismissed { .. }
        | RecordedInput::PhoneSet { .. } => {}
    }
    Ok(())
}

/// Whether one more fault may be started.
///
/// # Errors
/// [`Unswitched::TooMany`].
pub fn may_start(faults: &[Fault]) -> Result<(), Unswitched> {
    if faults.len() < FAULTS_MAX { Ok(()) } else { Err(Unswitched::TooMany) }
}

/// Whether a fault may be stopped at `at`.
///
/// # Errors
/// [`Unswitched::Unknown`], [`Unswitched::Over`] or [`Unswitched::NotBegun`].
pub fn may_stop(faults: &[Fault], fault: FaultIx, at: SimTime) -> Result<(), Unswitched> {
    match faults.get(fault.at()) {
        None => Err(Unswitched::Unknown),
        Some(fault) if fault.is_over(at) => Err(Unswitched::Over),
        Some(fault) if at < fault.at => Err(Unswitched::NotBegun),
        Some(_) => Ok(()),
    }
}

impl World {
    /// This world after the faults that these inputs switched and the phones that they set, in order; an impossible
    /// switch changes nothing.
    #[must_use]
    pub fn revision(&self, inputs: &[TimedInput]) -> Self {
        let mut revision = self.clone();
        for input in inputs {
            // Histories from files are checked before they are used.
            let _ = switch(&mut revision.faults, input);
            if let RecordedInput::PhoneSet { device, patch } = &input.operation {
                revision.set_phone(*device, input.at, *patch);
            }
        }
        if revision.faults != self.faults {
            for gateway in &mut revision.gateways {
                let rates = gateway.rates.under(gateway.name, &revision.faults, revision.horizon);
                gateway.rates = rates.expect("the rates were checked when the fault was started");
            }
        }
        revision
    }

    /// Sets a phone: app and permission by a change like those of a scenario.
    fn set_phone(&mut self, device: DeviceIx, at: SimTime, patch: PhonePatch) {
        self.phones_by_hand.patch(device, at, patch);
        for kind in patch.changes() {
            let key = Key::of("phone by hand", "").nth(self.changes.len() as u64);
            let steps = vec![(at, Subject::Device(device))];
            self.changes.push(Change { name: BY_HAND.to_owned(), key, kind, steps });
        }
    }

    /// The fault with this name: of several the one that is not over, or else the latest.
    pub fn find_fault(&self, name: &str, now: SimTime) -> Option<FaultIx> {
        let named = || self.faults.iter().enumerate().rev().filter(|(_, fault)| fault.name == name);
        let found = named().find(|(_, fault)| !fault.is_over(now)).or_else(|| named().next());
        found.map(|(at, _)| FaultIx(at as u32))
    }

    /// Whether each gateway still has valid rates with one more fault.
    pub fn has_rates_under(&self, more: &Fault) -> bool {
        let faults: Vec<Fault> = self.faults.iter().chain([more]).cloned().collect();
        self.gateways.iter().all(|gateway| gateway.rates.under(gateway.name, &faults, self.horizon).is_some())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::outcome::fixture::Hand;
    use crate::rules::faults::fault::FaultKind;

    fn input(at: u64, operation: RecordedInput) -> TimedInput {
        TimedInput { at: SimTime(at), operation }
    }

    fn started(at: u64, lasts_ms: Option<u64>) -> TimedInput {
        let fault = Fault::by_hand(FaultKind::Throttle { units_per_ms: 0 }, at, lasts_ms, None);
        input(at, RecordedInput::FaultStarted { fault: Arc::new(fault), table: Arc::from("{}") })
    }

    #[test]
    fn a_revision_has_the_faults_of_the_scenario_at_their_places_and_the_others_behind() {
        let world = Hand::new("", |_| Ok(())).world;
        let stop = |at, fault| input(at, RecordedInput::FaultStopped { fault: FaultIx(fault) });
        let revision =
            world.revision(&[started(40_000, None), stop(50_000, 0), stop(60_000, 1), started(70_000, None)]);
        let [outage, first, second] = revision.faults.as_slice() else { panic!("three: {:?}", revision.faults) };
        assert_eq!(*outage, Fault { stopped_at: SimTime(50_000), ..world.faults[0].clone() });
        assert_eq!((first.at.0, first.stopped_at.0, second.stopped_at), (40_000, 60_000, SimTime::NEVER));
        let rates = &revision.gateways[1].rates;
        assert_eq!(rates.leaves(rates.sum_at(SimTime(41_000)) + 1, SimTime(41_000)).0, 60_001);
        assert_eq!(world.revision(&[]).gateways, world.gateways);
    }

    #[test]
    fn a_fault_that_has_not_begun_or_is_over_cannot_be_stopped() {
        let world = Hand::new("", |_| Ok(())).world;
        let outage = FaultIx(0);
        let at = |at| may_stop(&world.faults, outage, SimTime(at));
        assert_eq!((at(29_999), at(30_000)), (Err(Unswitched::NotBegun), Ok(())));
        assert_eq!((at(89_999), at(90_000)), (Ok(()), Err(Unswitched::Over)));
        assert_eq!(may_stop(&world.faults, FaultIx(1), SimTime(0)), Err(Unswitched::Unknown));
        let again = world.revision(&[started(100_000, Some(1))]);
        assert_eq!(again.find_fault("fcm-down", SimTime(0)), Some(outage));
        assert_eq!(
            (again.find_fault("f", SimTime(200_000)), again.find_fault("g", SimTime(0))),
            (Some(FaultIx(1)), None)
        );
    }

    #[test]
    fn a_throttle_that_changes_a_rate_too_often_has_no_rates() {
        let world = Hand::new("", |_| Ok(())).world;
        let throttle = |every_ms| Fault::by_hand(FaultKind::Throttle { units_per_ms: 1 }, 0, Some(1), Some(every_ms));
        assert!(world.has_rates_under(&throttle(10_000)));
        // The run has five minutes.
        assert!(!world.has_rates_under(&throttle(2)));
    }

    #[test]
    fn there_is_room_for_128_faults_in_all() {
        let world = Hand::new("", |_| Ok(())).world;
        let inputs: Vec<TimedInput> = (0..200).map(|at| started(at, None)).collect();
        let revision = world.revision(&inputs);
        assert_eq!((revision.faults.len(), may_start(&revision.faults)), (FAULTS_MAX, Err(Unswitched::TooMany)));
    }
}
