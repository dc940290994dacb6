//! Copies of group messages that count toward the quotas of devices, if a scenario counts them (R44). Kept for an hour.
//! Must not delay a copy.

use std::sync::Arc;

use super::crowd::Crowd;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::time::SimTime;
use crate::rules::service::readings::{DeviceQuota, Service};

/// When copies set out, ascending, and to which crowd.
#[derive(Clone, Debug, Default)]
pub(super) struct GroupCopies(Vec<(SimTime, Arc<Crowd>)>);

impl GroupCopies {
    /// Records copies to a crowd.
    pub(crate) fn note(&mut self, service: &Service, now: SimTime, crowd: &Arc<Crowd>) {
        if service.device_quota == DeviceQuota::All {
            self.0.retain(|(at, _)| service.hour.frees(*at) > now);
            self.0.push((now, crowd.clone()));
        }
    }

    /// When copies set out for a device before `now`: excluding `now` makes the order of requests at one moment
    /// irrelevant.
    pub(crate) fn before(&self, device: DeviceIx, now: SimTime) -> Vec<SimTime> {
        let is_for = |crowd: &Crowd| crowd.standings.carried.iter().any(|carried| carried.contains(device.0));
        self.0.iter().filter(|(at, crowd)| *at < now && is_for(crowd)).map(|(at, _)| *at).collect()
    }
}
