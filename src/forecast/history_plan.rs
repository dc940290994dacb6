//! The plan of a history: what a tenant that takes postings did, from its recorded inputs, piece by piece. Must not judge an
//! input again.

use roaring::RoaringBitmap;
use tokio_util::sync::CancellationToken;

use super::plan::{Planner, SingleInputKind, TenantPlan};
use crate::rules::base::time::SimTime;
use crate::rules::delivery::device::DeviceInput;
use crate::rules::model::world::World;
use crate::rules::sending::tenant::Tenant;
use crate::rules::timeline::history::{RecordedInput, TimedInput};

/// Plans the recorded inputs of a world that takes postings, up to and including a moment. Faults that were switched meanwhile
/// are those of the world, which is its [`World::revision`] after these inputs.
#[derive(Debug)]
pub struct HistoryPlanner<'a> {
    planner: Planner<'a>,
    accepted: u64,
    /// Inputs so far.
    inputs: usize,
}

impl<'a> HistoryPlanner<'a> {
    /// Begins with nothing. Of messages to single devices, only those to `devices` are kept, or all; the others still take their
    /// places in the queues of the gateways.
    pub fn new(world: &'a World, now: SimTime, devices: Option<RoaringBitmap>, stop: &'a CancellationToken) -> Self {
        let tenant = Tenant::unless_stopped(world, &|| stop.is_cancelled());
        let planner = Planner::new(world, TenantPlan::of_history_until(world, now), tenant, stop).of_devices(devices);
        Self { planner, accepted: 0, inputs: 0 }
    }

    /// Plans the next inputs; false if it is stopped meanwhile.
    pub fn add<'i>(&mut self, inputs: impl IntoIterator<Item = &'i TimedInput>) -> bool {
        let Self { planner, accepted, inputs: step } = self;
        for TimedInput { at, operation } in inputs {
            if planner.is_stopped_at(*step) {
                return false;
            }
            *step += 1;
            if *at >= planner.until() {
                // Nothing that follows is earlier.
                return true;
            }
            planner.plan_up_to(*at);
            planner.reveal(*at);
            match operation {
                RecordedInput::Accepted { recipients, .. } => {
                    planner.accepted(*accepted, recipients, *at);
                    *accepted += 1;
                }
                RecordedInput::Dismissed { device, message } => {
                    planner.alone(*device, *at, SingleInputKind::Input(DeviceInput::Dismiss(*message)));
                }
                // The accepted messages are known, whatever slots were taken besides; the world already has the
                // switched faults and set phones.
                RecordedInput::Refused { .. }
                | RecordedInput::FaultStarted { .. }
                | RecordedInput::FaultStopped { .. }
                | RecordedInput::PhoneSet { .. } => {}
            }
        }
        true
    }

    /// The plan; `None` if it is stopped.
    pub fn finish(self) -> Option<TenantPlan> {
        let mut planner = self.planner;
        let end = planner.until().just_before();
        planner.plan_up_to(end);
        planner.reveal(end);
        (!planner.is_stopped()).then(|| planner.finish())
    }
}

impl TenantPlan {
    /// The plan of a whole history with every device, up to and including `now`; `None` if it is stopped meanwhile.
    pub fn of_history(world: &World, inputs: &[TimedInput], now: SimTime, stop: &CancellationToken) -> Option<Self> {
        let mut planner = HistoryPlanner::new(world, now, None, stop);
        planner.add(inputs).then(|| planner.finish()).flatten()
    }
}
