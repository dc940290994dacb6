//! The directory: memberships of groups and enrolments of devices, as they are and as the sender sees them, which lags
//! behind (R36, R37, T7, X11). Must not depend on messages.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use roaring::{MultiOps, RoaringBitmap};

use super::memberships::Memberships;
use super::nesting::{NestedGroups, Nesting};
use crate::rules::base::ids::{DeviceIx, GroupIx, UserIx};
use crate::rules::base::time::SimTime;
use crate::rules::model::group::{Group, Members};

/// Groups that are searched for a user one after the other; for more nested groups the user's own groups are looked up
/// instead.
const SEARCHED_MAX: u64 = 64;

/// A fact that changes at once and becomes visible later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// A user's direct membership.
    Membership(GroupIx, UserIx),
    /// A device's enrolment.
    Enrolment(DeviceIx),
}

/// Groups and enrolments, twice: actual and visible.
#[derive(Clone, Debug)]
pub struct Directory {
    truth: View,
    visible: View,
    nesting: Nesting,
    /// By user, the groups that may have it as a direct member, visibly; built on the first query of many groups.
    memberships: OnceLock<Memberships>,
    /// The highest sequence of a change that became visible, for facts that ever changed.
    seen: BTreeMap<Fact, u64>,
    /// Changes on their way to be visible, by moment and sequence.
    pending: BTreeMap<(SimTime, u64), (Fact, bool)>,
    next_sequence: u64,
}

#[derive(Clone, Debug)]
struct View {
    members: Vec<RoaringBitmap>,
    enrolled: RoaringBitmap,
}

impl View {
    fn set(&mut self, fact: Fact, holds: bool) {
        let (set, at) = match fact {
            Fact::Membership(group, user) => (&mut self.members[group.at()], user.0),
            Fact::Enrolment(device) => (&mut self.enrolled, device.0),
        };
        if holds {
            set.insert(at);
        } else {
            set.remove(at);
        }
    }

    /// The users of these groups, each direct membership visited once.
    fn users(&self, reach: &NestedGroups) -> RoaringBitmap {
        reach.groups().map(|group| &self.members[group.at()]).union()
    }
}

impl Directory {
    /// The directory at the start, with everything visible.
    pub fn new(groups: &[Group], users: u32, enrolled: RoaringBitmap) -> Self {
        let mut everyone = RoaringBitmap::new();
        everyone.insert_range(0..users);
        // A range takes a few bytes then, however many groups have it.
        everyone.optimize();
        let members = groups
            .iter()
            .map(|group| match &group.users {
                Members::All => everyone.clone(),
                Members::These(users) => users.clone(),
            })
            .collect();
        let view = View { members, enrolled };
        Self {
            truth: view.clone(),
            visible: view,
            nesting: Nesting::new(groups),
            memberships: OnceLock::new(),
            seen: BTreeMap::new(),
            pending: BTreeMap::new(),
            next_sequence: 0,
        }
    }

    /// Changes a fact at `now`; the change becomes visible `lag_ms` later.
    pub fn change(&mut self, fact: Fact, holds: bool, now: SimTime, lag_ms: u64) {
        self.truth.set(fact, holds);
        self.pending.insert((now + lag_ms, self.next_sequence), (fact, holds));
        self.next_sequence += 1;
    }

    /// When the next change becomes visible.
    pub fn next_visible(&self) -> Option<SimTime> {
        self.pending.keys().next().map(|(at, _)| *at)
    }

    /// Makes all changes visible that are due at `now`, in sequence; returns their facts. A change is skipped if a
    /// later one of the same fact has become visible before it (T7).
    pub fn reveal(&mut self, now: SimTime) -> Vec<Fact> {
        let later = self.pending.split_off(&(now + 1, 0));
        let due = std::mem::replace(&mut self.pending, later);
        due.into_iter()
            .map(|((_, sequence), (fact, holds))| {
                let newest = self.seen.entry(fact).or_insert(sequence);
                if *newest <= sequence {
                    *newest = sequence;
                    self.show(fact, holds);
                }
                fact
            })
            .collect()
    }

    fn show(&mut self, fact: Fact, holds: bool) {
        self.visible.set(fact, holds);
        if let (Fact::Membership(group, user), true, Some(memberships)) = (fact, holds, self.memberships.get_mut()) {
            memberships.joined(group, user);
        }
    }

    /// The visible users of these groups (R22).
    pub fn visible_users(&self, reach: &NestedGroups) -> RoaringBitmap {
        self.visible.users(reach)
    }

    /// The actual users of these groups.
    pub fn true_users(&self, reach: &NestedGroups) -> RoaringBitmap {
        self.truth.users(reach)
    }

    /// Whether the user is visibly in one of these groups.
    pub fn visibly_in(&self, user: UserIx, reach: &NestedGroups) -> bool {
        let is_member = |group: GroupIx| self.visible.members[group.at()].contains(user.0);
        if reach.len() <= SEARCHED_MAX {
            return reach.groups().any(is_member);
        }
        let memberships = self.memberships.get_or_init(|| Memberships::of(&self.visible.members));
        memberships.of_user(user).any(|group| reach.contains(group) && is_member(group))
    }

    /// Whether the device is visibly enrolled.
    pub fn visibly_enrolled(&self, device: DeviceIx) -> bool {
        self.visible.enrolled.contains(device.0)
    }

    /// All devices that are visibly enrolled.
    pub fn all_visibly_enrolled(&self) -> &RoaringBitmap {
        &self.visible.enrolled
    }

    /// The nesting of groups.
    pub fn nesting(&self) -> &Nesting {
        &self.nesting
    }

    /// The actual direct members of a group.
    pub fn true_members(&self, group: GroupIx) -> &RoaringBitmap {
        &self.truth.members[group.at()]
    }

    /// The devices that are visibly enrolled but actually not (R36).
    pub fn stale_devices(&self) -> RoaringBitmap {
        &self.visible.enrolled - &self.truth.enrolled
    }

    /// Whether the device is stale.
    pub fn is_stale(&self, device: DeviceIx) -> bool {
        self.visible.enrolled.contains(device.0) && !self.truth.enrolled.contains(device.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn group(users: &[u32], groups: &[u32]) -> Group {
        Group {
            name: String::new(),
            users: Members::These(users.iter().copied().collect()),
            groups: groups.iter().copied().map(GroupIx).collect(),
            devices: Vec::new(),
        }
    }

    #[test]
    fn the_visible_value_is_the_highest_change_whose_lag_has_passed_t7() {
        let mut directory = Directory::new(&[group(&[], &[])], 1, RoaringBitmap::new());
        let fact = Fact::Membership(GroupIx(0), UserIx(0));
        let reach = directory.nesting().reach(&[GroupIx(0)]);
        directory.change(fact, true, SimTime(0), 100);
        directory.change(fact, false, SimTime(10), 20);
        assert_eq!(directory.reveal(SimTime(30)), [fact]);
        assert!(!directory.visibly_in(UserIx(0), &reach));
        assert_eq!(directory.reveal(SimTime(100)), [fact]);
        assert!(!directory.visibly_in(UserIx(0), &reach), "the older change came later and counts for nothing");
    }

    /// Users and groups of the naive model: few, so that cycles and shared groups are common, but more groups than are
    /// searched one after the other.
    const USERS: u32 = 6;
    const GROUPS: u32 = 3 * SEARCHED_MAX as u32;

    /// The naive model: whether the user is in the group, or in a nested one that was not visited.
    fn is_in(groups: &[Group], members: &[Vec<u32>], user: u32, group: u32, met: &mut [bool]) -> bool {
        if std::mem::replace(&mut met[group as usize], true) {
            return false;
        }
        let mut inner = groups[group as usize].groups.iter();
        members[group as usize].contains(&user) || inner.any(|inner| is_in(groups, members, user, inner.0, met))
    }

    fn groups() -> impl Strategy<Value = Vec<Group>> {
        // Few members, so that different groups have different ones; enough nesting that reaches are often large.
        let users = prop_oneof![6 => Just(vec![]), 1 => prop::collection::vec(0..USERS, 1..3)];
        let some = |number: std::ops::Range<usize>| prop::collection::vec(0..GROUPS, number);
        let inner = prop_oneof![1 => Just(vec![]), 6 => some(1..2), 3 => some(2..4)];
        let one = (users, inner).prop_map(|(mut users, inner)| {
            users.sort_unstable();
            users.dedup();
            group(&users, &inner)
        });
        let few = prop::collection::vec(one.clone(), 8);
        // Few groups among themselves, or many.
        prop_oneof![
            few.prop_map(|mut groups| {
                groups.iter_mut().flat_map(|group| &mut group.groups).for_each(|inner| inner.0 %= 8);
                groups
            }),
            prop::collection::vec(one, GROUPS as usize),
        ]
    }

    proptest! {
        #[test]
        fn the_members_of_nested_groups_are_those_of_a_naive_model(
            groups in groups(),
            addressed in prop::collection::vec(0..GROUPS, 1..4),
            changes in prop::collection::vec((0..GROUPS, 0..USERS, any::<bool>()), 0..12),
        ) {
            let within = |group: u32| group % groups.len() as u32;
            let addressed: Vec<u32> = addressed.into_iter().map(within).collect();
            let mut members: Vec<Vec<u32>> = groups.iter().map(|group| match &group.users {
                Members::These(users) => users.iter().collect(),
                Members::All => unreachable!("the model has lists only"),
            }).collect();
            let met = vec![false; groups.len()];
            let mut directory = Directory::new(&groups, USERS, RoaringBitmap::new());
            let reach = directory.nesting().reach(&addressed.iter().copied().map(GroupIx).collect::<Vec<_>>());
            let changes = std::iter::once(None).chain(changes.into_iter().map(Some));
            for (now, change) in changes.enumerate() {
                if let Some((group, user, holds)) = change {
                    let group = within(group);
                    members[group as usize].retain(|known| *known != user);
                    if holds {
                        members[group as usize].push(user);
                    }
                    let now = SimTime(now as u64);
                    directory.change(Fact::Membership(GroupIx(group), UserIx(user)), holds, now, 0);
                    directory.reveal(now);
                }
                let naive: Vec<u32> = (0..USERS)
                    .filter(|user| addressed.iter().any(|group| is_in(&groups, &members, *user, *group, &mut met.clone())))
                    .collect();
                let one_by_one: Vec<u32> =
                    (0..USERS).filter(|user| directory.visibly_in(UserIx(*user), &reach)).collect();
                prop_assert_eq!(&directory.visible_users(&reach).iter().collect::<Vec<_>>(), &naive);
                prop_assert_eq!(&directory.true_users(&reach).iter().collect::<Vec<_>>(), &naive);
                prop_assert_eq!(&one_by_one, &naive);
            }
        }
    }
}
