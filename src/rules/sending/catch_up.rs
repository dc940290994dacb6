//! Catch-up: devices that become visible while a group message's window is open are reached late (R37, T7, X12, X14).
//! Must not depend on queues or quotas.

use std::sync::Arc;

use roaring::RoaringBitmap;

use super::crowd::Crowd;
use super::directory::Directory;
use super::eligibility::Standings;
use super::nesting::NestedGroups;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::time::SimTime;
use crate::rules::model::world::World;
use crate::rules::service::journey::SkipCause;
use crate::rules::service::message::Message;

/// A group message whose catch-up window is open.
#[derive(Clone, Debug)]
pub(crate) struct CatchUpWindow {
    /// The message.
    pub(crate) message: Message,
    /// The last moment of its window.
    pub(crate) until: SimTime,
    /// The groups that it was sent to, nested ones included.
    groups: Arc<NestedGroups>,
    /// Every device that is a pair of it.
    reached: Arc<RoaringBitmap>,
    /// Those of them that were skipped as not enrolled.
    not_enrolled: RoaringBitmap,
    /// Those of them whose user had already left the groups at the send.
    stale_members: RoaringBitmap,
    /// Those that catch-up reached.
    late: RoaringBitmap,
}

impl CatchUpWindow {
    /// A message whose window begins when it sets out to a crowd.
    pub(crate) fn new(
        message: Message,
        groups: Arc<NestedGroups>,
        until: SimTime,
        reached: Arc<RoaringBitmap>,
        crowd: &Crowd,
    ) -> Self {
        let not_enrolled = crowd.standings.skipped[SkipCause::NotEnrolled as usize].clone();
        let stale_members = crowd.stale_members.clone();
        Self { message, until, groups, reached, not_enrolled, stale_members, late: RoaringBitmap::new() }
    }

    /// The crowd of those devices that are reached now, after a change became visible; `None` if it is empty.
    pub(crate) fn catch_up(
        &mut self,
        world: &World,
        directory: &Directory,
        standings: &Standings,
        touched: &RoaringBitmap,
    ) -> Option<Crowd> {
        let (mut batch, mut reopened) = (RoaringBitmap::new(), RoaringBitmap::new());
        for device in touched {
            let user = world.fleet.user_of(DeviceIx(device));
            let visible = user.is_some_and(|user| directory.visibly_in(user, &self.groups));
            let enrolled_now = self.not_enrolled.contains(device) && directory.visibly_enrolled(DeviceIx(device));
            if visible && (enrolled_now || !self.reached.contains(device)) {
                batch.insert(device);
                if enrolled_now {
                    reopened.insert(device);
                }
            }
        }
        if batch.is_empty() {
            return None;
        }
        let standings = standings.within(&batch);
        *Arc::make_mut(&mut self.reached) |= &batch;
        self.not_enrolled -= &reopened;
        self.not_enrolled |= &standings.skipped[SkipCause::NotEnrolled as usize];
        let crowd = Crowd {
            standings,
            late: true,
            stale_members: &self.stale_members & &reopened,
            stale_devices: RoaringBitmap::new(),
            late_before: &self.late & &reopened,
            reopened,
        };
        self.late |= &batch;
        Some(crowd)
    }
}
