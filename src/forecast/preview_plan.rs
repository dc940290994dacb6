//! The plan of one message alone, from the tenant as it is at a moment. Must not decide who is reached: the tenant does.

use tokio_util::sync::CancellationToken;

use super::plan::{Planner, SingleInputKind, TenantPlan};
use super::preview::PreviewScene;
use crate::rules::base::ids::{Key, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::counting::counts::REACH_WINDOWS_MS;
use crate::rules::delivery::device::DeviceInput;
use crate::rules::model::world::World;
use crate::rules::service::message::{Refusal, Stamp};
use crate::rules::timeline::agenda::Agenda;

/// The plan of the message, from what the phones have become until the longest window after its acceptance is over.
///
/// # Errors
/// The refusal of the tenant, which has judged the message before.
pub(super) fn plan(scene: PreviewScene<'_>, stop: &CancellationToken) -> Result<TenantPlan, Refusal> {
    let PreviewScene { world, tenant, recipients, now } = scene;
    let [.., longest_ms] = REACH_WINDOWS_MS;
    let until = (now + longest_ms + 1).min(world.horizon);
    let plan = TenantPlan { until, ..TenantPlan::empty(world, Agenda::new(world)) };
    let mut planner = Planner::new(world, plan, tenant, stop);
    planner.phones_up_to(now);
    planner.only = Some(MessageIx(u32::MAX));
    planner.reveal(now);
    let stamp = Stamp { send: World::POSTED, occurrence: 0, key: Key::of("preview", "") };
    let target = recipients.clone().into_target();
    let fan_out = planner.tenant.admit(world, stamp, recipients.device(), &target, now)?;
    planner.only = Some(fan_out.message.ix);
    planner.fan_out(fan_out);
    let end = until.just_before();
    planner.plan_up_to(end);
    planner.reveal(end);
    Ok(planner.finish())
}

impl Planner<'_> {
    /// Gives the phones what has changed on them up to and including `now`. The tenant has seen all of it: in the end it is
    /// as it was, because the last change of an app decides what is installed.
    fn phones_up_to(&mut self, now: SimTime) {
        while let Some(at) = self.plan.agenda.next_time().filter(|at| *at <= now) {
            let due = self.plan.agenda.take(self.world, at);
            for (change, subject) in due.changes {
                self.change_phones(change, subject, 0, at);
            }
        }
    }
}

impl TenantPlan {
    /// The same plan with another key for its only message: another seed of everything that is drawn for it.
    pub(super) fn under_key(&self, key: Key) -> Self {
        let mut plan = self.clone();
        plan.messages.iter_mut().for_each(|message| message.key = key);
        plan.waves.iter_mut().for_each(|wave| wave.message.key = key);
        for alone in plan.alone.values_mut().flatten() {
            if let SingleInputKind::Input(DeviceInput::Start { message, .. }) = &mut alone.what {
                message.key = key;
            }
        }
        plan
    }
}
