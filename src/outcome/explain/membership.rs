//! The directory's view of one device and its user over time: the scenario's changes of both, through the directory's
//! own rules. Must not cover other devices or users.

use crate::rules::base::ids::{DeviceIx, GroupIx, UserIx};
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::FaultSet;
use crate::rules::model::change::{ChangeKind, Subject};
use crate::rules::model::world::World;
use crate::rules::sending::directory::{Directory, Fact};
use crate::rules::sending::nesting::Nesting;
use crate::rules::sending::tenant::directory_lag;

/// The directory's facts about one device.
#[derive(Debug)]
pub(crate) struct Membership<'a> {
    world: &'a World,
    pub(super) user: Option<UserIx>,
    /// In the order of time.
    pub(crate) changes: Vec<DirectoryChange>,
}

/// A change of membership or enrolment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DirectoryChange {
    pub(crate) at: SimTime,
    /// Its index in the scenario.
    file: usize,
    pub(crate) fact: Fact,
    pub(crate) holds: bool,
    /// When the sender sees it.
    pub(super) visible_at: SimTime,
    /// Faults that delayed this.
    pub(crate) slowed_by: FaultSet,
}

impl<'a> Membership<'a> {
    pub(crate) fn new(world: &'a World, device: DeviceIx) -> Self {
        let user = world.fleet.user_of(device);
        let mut changes = Vec::new();
        for (file, change) in world.changes.iter().enumerate() {
            for (at, subject) in &change.steps {
                let its_user = matches!(subject, Subject::User(whose) if Some(*whose) == user);
                let itself = its_user || *subject == Subject::Device(device);
                let (fact, holds) = match (change.kind, user) {
                    (ChangeKind::Join(group), Some(user)) if its_user => (Fact::Membership(group, user), true),
                    (ChangeKind::Leave(group), Some(user)) if its_user => (Fact::Membership(group, user), false),
                    (ChangeKind::Enroll, _) if itself => (Fact::Enrolment(device), true),
                    (ChangeKind::Unenroll, _) if itself => (Fact::Enrolment(device), false),
                    _ => continue,
                };
                let (lag_ms, slowed_by) = directory_lag(world, change, fact, *at);
                let (at, visible_at) = (*at, *at + lag_ms);
                changes.push(DirectoryChange { at, file, fact, holds, visible_at, slowed_by });
            }
        }
        changes.retain(|change| change.at < world.horizon);
        changes.sort_by_key(|change| (change.at, change.file));
        Self { world, user, changes }
    }

    /// Those of these groups that the user is in as the sender sees it at `now`, nesting included.
    pub(crate) fn visible_in(&self, groups: &[GroupIx], now: SimTime) -> Vec<GroupIx> {
        let Some(user) = self.user else { return Vec::new() };
        let mut directory = self.directory();
        for change in self.changes.iter().filter(|change| change.at <= now) {
            directory.change(change.fact, change.holds, change.at, change.visible_at.since(change.at));
        }
        directory.reveal(now);
        let is_in = |group: &GroupIx| directory.visibly_in(user, &directory.nesting().reach(&[*group]));
        groups.iter().copied().filter(is_in).collect()
    }

    /// The changes up to `now` that affect a message to these groups.
    pub(super) fn bearing_on(&self, groups: &[GroupIx], now: SimTime) -> Vec<DirectoryChange> {
        let reach = Nesting::new(&self.world.groups).reach(groups);
        let bears = |change: &&DirectoryChange| match change.fact {
            Fact::Membership(group, _) => reach.contains(group),
            Fact::Enrolment(_) => true,
        };
        self.changes.iter().filter(|change| change.at <= now).filter(bears).copied().collect()
    }

    /// The directory at the start, without enrolments, which are not needed here.
    fn directory(&self) -> Directory {
        Directory::new(&self.world.groups, self.world.fleet.users(), roaring::RoaringBitmap::new())
    }
}

impl DirectoryChange {
    /// The scenario's name of the change.
    pub(crate) fn name<'w>(&self, world: &'w World) -> &'w str {
        &world.changes[self.file].name
    }
}
