//! What a hosted tenant would answer to a message now, and what the message would come to: from its present state, without
//! its history. Must not change anything.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::error::HostError;
use super::hosted_tenant::HostedTenant;
use crate::forecast::{ForecastError, Preview, PreviewScene};
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::limits::QUOTA_WINDOW_MS;
use crate::rules::base::time::SimTime;
use crate::rules::model::world::World;
use crate::rules::sending::tenant::Tenant;
use crate::rules::service::message::{Reason, Refusal};
use crate::rules::service::quota::Window;
use crate::rules::service::readings::Service;
use crate::rules::timeline::history::RecordedInput;
use crate::rules::timeline::posting::{Posting, Recipients};

/// A tenant at a moment, and a message that it may be sent.
#[derive(Clone, Debug)]
pub struct Previewer {
    world: Arc<World>,
    tenant: Tenant,
    posting: Posting,
    /// The quota of the device, if the message is for one.
    window: Window,
    now: SimTime,
}

/// The messages that a device may still be sent by itself in this hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceSlots {
    /// How many.
    pub remaining: usize,
    /// When the next slot is free.
    pub next_slot: SimTime,
}

impl Previewer {
    /// The moment.
    pub const fn now(&self) -> SimTime {
        self.now
    }

    /// The world with its faults as they are switched.
    pub const fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// What the tenant would say.
    ///
    /// # Errors
    /// The refusal.
    pub fn judge(&self) -> Result<(), Refusal> {
        let Self { world, tenant, posting, window, now } = self;
        let device = posting.device();
        tenant.judge(world, &posting.clone().into_send(), device)?;
        match (&posting.recipients, device) {
            (_, Some(device)) => {
                window.clone().reserve_for_device(&world.service, *now, &tenant.counted_for(device, *now))
            }
            (Recipients::Groups(groups), None) => {
                let (remaining, next) = tenant.group_quota(*now);
                if world.service.slots(groups) <= remaining {
                    return Ok(());
                }
                Err(world.service.refusal(Reason::GroupQuota, next))
            }
            (Recipients::Device(_), None) => unreachable!("it names its device"),
        }
    }

    /// What the message would come to, if it is not refused; `None` if it is stopped meanwhile.
    ///
    /// # Errors
    /// [`ForecastError::NoThreads`] if the system starts no threads.
    pub fn forecast(&self, stop: &CancellationToken) -> Result<Option<Preview>, ForecastError> {
        let (tenant, recipients) = (self.tenant.clone(), &self.posting.recipients);
        Preview::of(PreviewScene { world: &self.world, tenant, recipients, now: self.now }, stop)
    }
}

impl HostedTenant {
    /// The tenant as it is now, to judge and to forecast a message.
    ///
    /// # Errors
    /// [`HostError::Engine`].
    pub async fn previewer(&self, posting: Posting) -> Result<Previewer, HostError> {
        let revision = self.shared.revision().await;
        let now = self.now();
        let tenant = revision.tenancy.look(Tenant::clone).await?;
        let service = &revision.world.service;
        let window = posting.device().map(|device| window(service, &tenant, device, &self.asked_for(device, now)));
        let window = window.unwrap_or_default();
        Ok(Previewer { world: Arc::clone(&revision.world), tenant, posting, window, now })
    }

    /// What is left of a device's quota.
    ///
    /// # Errors
    /// [`HostError::Engine`].
    pub async fn device_quota(&self, device: DeviceIx) -> Result<DeviceSlots, HostError> {
        let (service, now) = (self.world().service, self.now());
        let asked = self.asked_for(device, now);
        self.look(move |tenant| {
            let (mut window, beside) = (window(&service, tenant, device, &asked), tenant.counted_for(device, now));
            let mut remaining = 0;
            loop {
                match window.reserve(service.quota_of_device(), 1, now, &beside) {
                    Ok(()) => remaining += 1,
                    Err(next) => {
                        let next_slot = if remaining > 0 { now } else { next };
                        return DeviceSlots { remaining, next_slot };
                    }
                }
            }
        })
        .await
    }

    /// When messages to a device by itself took a slot within the hour before `now`, refused ones that did included.
    fn asked_for(&self, device: DeviceIx, now: SimTime) -> Vec<SimTime> {
        self.log(|log| {
            let young = log.history().inputs().rev().take_while(|input| input.at + QUOTA_WINDOW_MS > now);
            let to_it = young.filter(|input| match &input.operation {
                RecordedInput::Accepted { recipients, .. } | RecordedInput::Refused { recipients, .. } => {
                    recipients.device() == Some(device)
                }
                RecordedInput::Dismissed { .. }
                | RecordedInput::FaultStarted { .. }
                | RecordedInput::FaultStopped { .. }
                | RecordedInput::PhoneSet { .. } => false,
            });
            let mut times: Vec<SimTime> = to_it.map(|input| input.at).collect();
            times.reverse();
            times
        })
    }
}

/// The slots of a device that were taken at these times, as its own record has them.
fn window(service: &Service, tenant: &Tenant, device: DeviceIx, asked: &[SimTime]) -> Window {
    let mut window = Window::default();
    for at in asked {
        // A refusal that took a slot is among them.
        let _ = window.reserve(service.quota_of_device(), 1, *at, &tenant.counted_for(device, *at));
    }
    window
}
