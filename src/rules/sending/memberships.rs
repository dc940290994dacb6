//! Direct memberships by user, so that a user's groups are found without searching all groups. Keeps ended memberships
//! too: the directory decides which of them hold.

use std::collections::BTreeSet;

use roaring::RoaringBitmap;

use crate::rules::base::ids::{GroupIx, UserIx};

/// The groups that each user has ever been a direct member of, since this was built.
#[derive(Clone, Debug)]
pub(crate) struct Memberships {
    /// Groups with more than half of all users: listed once here instead of once a user.
    large: Vec<GroupIx>,
    /// The other groups, user after user.
    groups: Vec<GroupIx>,
    /// The start of each user's part of the list; one more entry ends the last.
    starts: Vec<usize>,
    /// Later memberships.
    joined: BTreeSet<(UserIx, GroupIx)>,
}

impl Memberships {
    /// The memberships of groups with these members.
    pub(crate) fn of(members: &[RoaringBitmap]) -> Self {
        let users = members.iter().filter_map(RoaringBitmap::max).max().map_or(0, |last| last as usize + 1);
        let is_large = |set: &RoaringBitmap| set.len() > users as u64 / 2;
        let groups = (0..).map(GroupIx).zip(members);
        let (large, small): (Vec<_>, Vec<_>) = groups.partition(|(_, set)| is_large(set));
        let mut starts = vec![0; users + 1];
        for user in small.iter().flat_map(|(_, set)| set.iter()) {
            starts[user as usize + 1] += 1;
        }
        for user in 0..users {
            starts[user + 1] += starts[user];
        }
        let mut groups = vec![GroupIx(0); starts[users]];
        let mut next = starts.clone();
        for (group, set) in small {
            for user in set {
                groups[next[user as usize]] = group;
                next[user as usize] += 1;
            }
        }
        Self { large: large.into_iter().map(|(group, _)| group).collect(), groups, starts, joined: BTreeSet::new() }
    }

    /// Records a new membership.
    pub(crate) fn joined(&mut self, group: GroupIx, user: UserIx) {
        self.joined.insert((user, group));
    }

    /// The groups that may have the user as a member; no other group has.
    pub(crate) fn of_user(&self, user: UserIx) -> impl Iterator<Item = GroupIx> {
        let at_start = match self.starts.get(user.at()..user.at() + 2) {
            Some(&[from, to]) => &self.groups[from..to],
            _ => &[],
        };
        let joined = self.joined.range((user, GroupIx(0))..=(user, GroupIx(u32::MAX))).map(|(_, group)| group);
        at_start.iter().chain(joined).chain(&self.large).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_of_a_user_is_found_and_a_large_one_is_listed_once() {
        let members: Vec<RoaringBitmap> =
            [&[0, 1, 2, 3][..], &[1], &[], &[3, 1]].iter().map(|users| users.iter().copied().collect()).collect();
        let mut memberships = Memberships::of(&members);
        let of_user = |memberships: &Memberships, user| {
            memberships.of_user(UserIx(user)).map(|group| group.0).collect::<Vec<u32>>()
        };
        assert_eq!(of_user(&memberships, 0), [0]);
        assert_eq!(of_user(&memberships, 1), [1, 3, 0]);
        assert_eq!(memberships.groups.len(), 3, "the large group takes one entry");
        memberships.joined(GroupIx(2), UserIx(9));
        memberships.joined(GroupIx(2), UserIx(9));
        assert_eq!(of_user(&memberships, 9), [2, 0]);
    }
}
