//! The control group: the same world without some of its faults. Every draw is keyed by names, so nothing is drawn
//! anew. Must not change the original world.

use super::expectation::{During, Expectation};
use super::world::World;
use crate::rules::base::ids::FaultIx;

impl World {
    /// This world without some of its faults: the others keep their names, draws and times, even one that was to begin
    /// `after` a removed fault. Expectations about a removed fault are removed too; the name and the hash are still
    /// those of the scenario.
    #[must_use]
    pub fn without(&self, gone: &[FaultIx]) -> Self {
        let places = Places::new(self.faults.len(), gone);
        let mut world = self.clone();
        world.faults = places.staying().map(|fault| self.faults[fault.at()].clone()).collect();
        for gateway in &mut world.gateways {
            gateway.rates = gateway.rates.under_fewer(gateway.name, &world.faults, world.horizon);
        }
        world.expectations = self.expectations.iter().filter_map(|expectation| places.moved(expectation)).collect();
        let names_gone = |cause: &String| gone.iter().any(|fault| self.faults[fault.at()].name == *cause);
        world.expectations.retain(|expectation| !expectation.filter.cause.as_ref().is_some_and(names_gone));
        world
    }
}

/// The new index of each fault when some are removed.
struct Places(Vec<Option<FaultIx>>);

impl Places {
    fn new(faults: usize, gone: &[FaultIx]) -> Self {
        let mut staying = 0..;
        let place = |at: usize| if gone.contains(&FaultIx(at as u32)) { None } else { staying.next().map(FaultIx) };
        Self((0..faults).map(place).collect())
    }

    /// The old indices of the faults that stay, in order.
    fn staying(&self) -> impl Iterator<Item = FaultIx> {
        self.0.iter().enumerate().filter(|(_, place)| place.is_some()).map(|(at, _)| FaultIx(at as u32))
    }

    /// The same expectation with the new indices of faults; `None` if it is about a removed one.
    fn moved(&self, expectation: &Expectation) -> Option<Expectation> {
        let mut moved = expectation.clone();
        if let Some(fault) = &mut moved.filter.fault {
            *fault = self.0[fault.at()]?;
        }
        match &mut moved.during {
            During::Always | During::Before | During::After => {}
            During::Fault(fault) | During::Recovery(fault) => *fault = self.0[fault.at()]?,
        }
        Some(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::Hand;
    use crate::rules::faults::fault::FaultSet;
    use crate::rules::model::expectation::PairFilter;

    const MORE: &str = r#"
[[fault]]
name = "slow"
kind = "delay"
delay = "10s"
at = "40s"
for = "1m"
[[fault]]
name = "crowd"
kind = "throttle"
rate = "1/s"
after = "slow"
for = "1m"
[[expect]]
name = "touched by the crowd"
metric = "fault_touched"
where = { fault = "crowd" }
check = "count >= 1"
[[expect]]
name = "during the delay"
metric = "sends"
during = "fault:slow"
check = "count == 1"
[[expect]]
name = "lost to the outage"
metric = "journeys"
where = { station = "lost", cause = "fcm-down" }
check = "count == 0"
"#;

    fn world() -> World {
        Hand::new(MORE, |_| Ok(())).world
    }

    fn expected(world: &World) -> Vec<&str> {
        world.expectations.iter().map(|expectation| expectation.name.as_str()).collect()
    }

    #[test]
    fn remaining_faults_keep_their_times_and_references() {
        let (whole, control) = (world(), world().without(&[FaultIx(1)]));
        let names: Vec<&str> = control.faults.iter().map(|fault| fault.name.as_str()).collect();
        assert_eq!(names, ["fcm-down", "crowd"]);
        assert_eq!(control.faults[1], whole.faults[2], "it began after the one that is gone, and still begins then");
        let at = control.faults[1].at;
        assert_eq!(control.gateways[1].rates.wait(at, at + 1).read, FaultSet::of(FaultIx(1)), "in its new place");
        assert_eq!(expected(&control), ["touched by the crowd", "lost to the outage"]);
        let PairFilter { fault, .. } = &control.expectations[0].filter;
        assert_eq!(*fault, Some(FaultIx(1)));
        assert_eq!(expected(&world().without(&[FaultIx(0)])), ["touched by the crowd", "during the delay"]);
    }

    #[test]
    fn a_rate_without_its_throttle_is_the_gateways_own() {
        let (whole, control) = (world(), world().without(&[FaultIx(2)]));
        let during = whole.faults[2].at + 1;
        for (gateway, same) in whole.gateways.iter().zip(&control.gateways) {
            assert_ne!(gateway.rates, same.rates);
            assert_eq!(same.rates.leaves(same.rates.sum_at(during), during), during);
        }
        assert_eq!(expected(&control), ["during the delay", "lost to the outage"]);
    }

    #[test]
    fn removing_no_faults_gives_the_same_world() {
        let (whole, same) = (world(), world().without(&[]));
        assert_eq!((whole.faults, whole.gateways, whole.expectations), (same.faults, same.gateways, same.expectations));
    }
}
