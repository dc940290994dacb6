//! The data that entities are read from: a world at a moment, and the content of the tenant's directory then.

use std::sync::Arc;

use dashmap::DashMap;
use roaring::RoaringBitmap;

use super::ids::GraphIds;
use crate::rules::base::ids::{DeviceIx, GroupIx, UserIx};
use crate::rules::base::time::SimTime;
use crate::rules::model::world::World;
use crate::rules::sending::tenant::Tenant;

/// By device, the era and the time of its last requested check-in.
pub(crate) type Synced = Arc<DashMap<DeviceIx, (u64, SimTime)>>;

/// The data that entities are read from.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) world: Arc<World>,
    pub(crate) graph_ids: Arc<GraphIds>,
    pub(crate) now: SimTime,
    pub(crate) era: u64,
    pub(crate) synced: Synced,
    /// The content of the directory, if the query needs it.
    pub(crate) snapshot: Option<Arc<DirectorySnapshot>>,
}

/// The content of a tenant's directory at a moment.
#[derive(Clone, Debug)]
pub(crate) struct DirectorySnapshot {
    /// Devices that are enrolled, in Intune's view.
    enrolled: RoaringBitmap,
    /// The direct user members of each group, without the directory lag.
    members: Vec<RoaringBitmap>,
}

/// Which parts of the directory a query needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Which devices are enrolled.
    Enrolments,
    /// Also group members.
    Memberships,
}

impl DirectorySnapshot {
    /// Copies what a query needs.
    pub(crate) fn of(tenant: &Tenant, groups: u32, needs: Needs) -> Self {
        let directory = tenant.directory();
        let groups = if needs == Needs::Memberships { groups } else { 0 };
        Self {
            enrolled: directory.all_visibly_enrolled().clone(),
            members: (0..groups).map(|group| directory.true_members(GroupIx(group)).clone()).collect(),
        }
    }
}

impl Scene {
    /// The time of the device's last requested check-in, if any.
    pub(crate) fn synced_at(&self, device: DeviceIx) -> Option<SimTime> {
        let synced = self.synced.get(&device).filter(|synced| synced.0 == self.era)?;
        Some(synced.1)
    }

    /// Is the device enrolled, in Intune's view? Without a snapshot, the state at the start counts.
    pub(crate) fn is_enrolled(&self, device: DeviceIx) -> bool {
        match &self.snapshot {
            Some(snapshot) => snapshot.enrolled.contains(device.0),
            None => self.world.fleet.traits(device).enrolled,
        }
    }

    /// The groups that have a user as a direct member.
    pub(crate) fn groups_of_user(&self, user: UserIx) -> Vec<GroupIx> {
        let members = self.snapshot.as_ref().map_or(&[][..], |snapshot| &snapshot.members);
        let having = members.iter().enumerate().filter(|(_, members)| members.contains(user.0));
        having.map(|(group, _)| GroupIx(group as u32)).collect()
    }

    /// The groups that list a device.
    pub(crate) fn groups_of_device(&self, device: DeviceIx) -> Vec<GroupIx> {
        self.groups_where(|group| self.world.groups[group.at()].devices.contains(&device))
    }

    /// The groups that contain a group directly.
    pub(crate) fn groups_of_group(&self, inner: GroupIx) -> Vec<GroupIx> {
        self.groups_where(|group| self.world.groups[group.at()].groups.contains(&inner))
    }

    fn groups_where(&self, is_one: impl Fn(GroupIx) -> bool) -> Vec<GroupIx> {
        (0..self.world.groups.len() as u32).map(GroupIx).filter(|group| is_one(*group)).collect()
    }

    /// These groups and every group around them, in ascending order.
    pub(crate) fn above(&self, groups: Vec<GroupIx>) -> Vec<GroupIx> {
        closure(groups, |group| self.groups_of_group(group))
    }

    /// A group and every group nested in it, in ascending order.
    pub(crate) fn below(&self, group: GroupIx) -> Vec<GroupIx> {
        closure(vec![group], |group| self.world.groups[group.at()].groups.clone())
    }

    /// The direct user members of these groups, in ascending order.
    pub(crate) fn users_of(&self, groups: &[GroupIx]) -> Vec<u32> {
        let Some(snapshot) = &self.snapshot else { return Vec::new() };
        let mut users = RoaringBitmap::new();
        for members in groups.iter().filter_map(|group| snapshot.members.get(group.at())) {
            users |= members;
        }
        users.into_iter().collect()
    }

    /// The devices that these groups list, in ascending order.
    pub(crate) fn devices_in(&self, groups: &[GroupIx]) -> Vec<u32> {
        let listed = groups.iter().flat_map(|group| &self.world.groups[group.at()].devices);
        listed.map(|device| device.0).collect::<RoaringBitmap>().into_iter().collect()
    }
}

/// All reachable groups; each is visited once, so cycles end.
fn closure(begin: Vec<GroupIx>, next: impl Fn(GroupIx) -> Vec<GroupIx>) -> Vec<GroupIx> {
    let (mut found, mut open) = (RoaringBitmap::new(), begin);
    open.retain(|group| found.insert(group.0));
    while let Some(group) = open.pop() {
        open.extend(next(group).into_iter().filter(|group| found.insert(group.0)));
    }
    found.into_iter().map(GroupIx).collect()
}
