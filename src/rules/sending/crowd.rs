//! The batches that the tenant sends out: which devices get which message from when. Must not decide anything.

use std::sync::Arc;

use roaring::RoaringBitmap;

use super::eligibility::{Standing, Standings};
use super::nesting::{NestedGroups, Nesting};
use crate::rules::base::ids::{DeviceIx, GroupIx};
use crate::rules::base::time::SimTime;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::message::Message;

/// A batch of pairs whose journeys start together.
#[derive(Clone, Debug)]
pub struct FanOut {
    /// The message.
    pub message: Message,
    /// When the journeys start.
    pub at: SimTime,
    /// Whether they start as an input, or because a device or user became visible.
    pub phase: Phase,
    /// The pairs.
    pub audience: Audience,
    /// Where the batch begins in the queues of APNs and FCM (T4's W), in capacity units.
    pub begin: [u128; 2],
}

/// What makes journeys start; at one millisecond, becoming visible goes before inputs (T2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Catch-up.
    Visible,
    /// The send itself.
    Send,
}

/// The pairs of a fan-out.
#[derive(Clone, Debug)]
pub enum Audience {
    /// A single device.
    One {
        /// The device.
        device: DeviceIx,
        /// Carried or skipped.
        standing: Standing,
        /// Its class.
        class: AudienceClass,
    },
    /// The devices of groups.
    Many(Arc<Crowd>),
}

/// The devices of a group message's batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Crowd {
    /// By standing; together they are the batch.
    pub standings: Standings,
    /// The class of all of them, unless a set below says otherwise.
    pub late: bool,
    /// Devices whose user is no longer a member of the groups.
    pub stale_members: RoaringBitmap,
    /// Devices that are no longer enrolled.
    pub stale_devices: RoaringBitmap,
    /// Devices that were skipped as not enrolled before, and set out only now (X12).
    pub reopened: RoaringBitmap,
    /// Those of them that had been reached by catch-up already.
    pub late_before: RoaringBitmap,
}

impl Crowd {
    /// Why a device is in the audience; the first that fits.
    pub fn class(&self, device: DeviceIx) -> AudienceClass {
        if self.late {
            AudienceClass::LateJoiner
        } else if self.stale_members.contains(device.0) {
            AudienceClass::StaleMember
        } else if self.stale_devices.contains(device.0) {
            AudienceClass::StaleDevice
        } else {
            AudienceClass::Member
        }
    }

    /// Why a reopened device was in the audience before.
    pub fn class_before(&self, device: DeviceIx) -> AudienceClass {
        if self.late_before.contains(device.0) {
            AudienceClass::LateJoiner
        } else if self.stale_members.contains(device.0) {
            AudienceClass::StaleMember
        } else {
            AudienceClass::Member
        }
    }

    /// How many pairs there are.
    pub fn pairs(&self) -> u64 {
        self.standings.carried.iter().chain(&self.standings.skipped).map(RoaringBitmap::len).sum()
    }
}

/// The devices of some groups, kept for the next message to them.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) reach: Arc<NestedGroups>,
    pub(crate) audience: Arc<RoaringBitmap>,
    pub(crate) crowd: Arc<Crowd>,
}

/// Caches of the groups that messages go to: most messages of a scenario go to the same few.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownCrowds {
    /// Valid until something changes in the directory or on a phone.
    crowds: Vec<(Vec<GroupIx>, Known)>,
    /// Valid for ever: the nesting of groups is constant.
    reaches: Vec<(Vec<GroupIx>, Arc<NestedGroups>)>,
}

/// Entries of each cache.
const KNOWN_MAX: usize = 64;

impl KnownCrowds {
    /// The crowd of these groups, made by `make` if it is not cached.
    pub(crate) fn of(
        &mut self,
        groups: &[GroupIx],
        nesting: &Nesting,
        make: impl FnOnce(&NestedGroups) -> (RoaringBitmap, Crowd),
    ) -> Known {
        known(&mut self.crowds, groups, || {
            let reach = known(&mut self.reaches, groups, || Arc::new(nesting.reach(groups)));
            let (audience, crowd) = make(&reach);
            Known { reach, audience: Arc::new(audience), crowd: Arc::new(crowd) }
        })
    }

    /// Drops the crowds after a change in the directory or on a phone.
    pub(crate) fn forget(&mut self) {
        self.crowds.clear();
    }
}

/// The entry of these groups, the latest first, or made and cached.
fn known<T: Clone>(all: &mut Vec<(Vec<GroupIx>, T)>, groups: &[GroupIx], make: impl FnOnce() -> T) -> T {
    if let Some((_, known)) = all.iter().rev().find(|(of, _)| of == groups) {
        return known.clone();
    }
    if all.len() == KNOWN_MAX {
        all.clear();
    }
    let made = make();
    all.push((groups.to_vec(), made.clone()));
    made
}
