//! The nesting of groups (R22): direct nesting, and traversals over it. Must not depend on users or time.

use roaring::RoaringBitmap;

use crate::rules::base::ids::GroupIx;
use crate::rules::model::group::Group;

/// The direct nesting of all groups, in one list: memory is proportional to the number of nestings.
#[derive(Clone, Debug)]
pub struct Nesting {
    /// Directly nested groups, group after group.
    inner: Vec<GroupIx>,
    /// The start of each group's part of the list; one more entry ends the last.
    starts: Vec<usize>,
}

/// Some groups and everything that is nested in them, at any depth.
///
/// Computed on demand: the nested groups of all groups together would take memory quadratic in the depth of a chain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NestedGroups(RoaringBitmap);

impl Nesting {
    /// The nesting of these groups.
    pub fn new(groups: &[Group]) -> Self {
        let mut nesting = Self {
            inner: Vec::with_capacity(groups.iter().map(|group| group.groups.len()).sum()),
            starts: Vec::with_capacity(groups.len() + 1),
        };
        for group in groups {
            nesting.starts.push(nesting.inner.len());
            nesting.inner.extend_from_slice(&group.groups);
        }
        nesting.starts.push(nesting.inner.len());
        nesting
    }

    /// The groups that are nested in a group directly.
    pub fn directly(&self, group: GroupIx) -> &[GroupIx] {
        &self.inner[self.starts[group.at()]..self.starts[group.at() + 1]]
    }

    /// These groups and all groups nested in them. Each group and each nesting is visited once, so cycles end.
    pub fn reach(&self, groups: &[GroupIx]) -> NestedGroups {
        let mut found = RoaringBitmap::new();
        let mut open: Vec<GroupIx> = groups.iter().copied().filter(|group| found.insert(group.0)).collect();
        while let Some(group) = open.pop() {
            open.extend(self.directly(group).iter().copied().filter(|inner| found.insert(inner.0)));
        }
        NestedGroups(found)
    }
}

impl NestedGroups {
    /// Whether this group is one of them.
    pub fn contains(&self, group: GroupIx) -> bool {
        self.0.contains(group.0)
    }

    /// The groups, ascending.
    pub fn groups(&self) -> impl Iterator<Item = GroupIx> {
        self.0.iter().map(GroupIx)
    }

    /// The number of groups.
    pub fn len(&self) -> u64 {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::model::group::Members;

    /// Groups without members, each with these nested in it.
    fn nesting(inner: &[&[u32]]) -> Nesting {
        let group = |inner: &&[u32]| Group {
            name: String::new(),
            users: Members::These(RoaringBitmap::new()),
            groups: inner.iter().copied().map(GroupIx).collect(),
            devices: Vec::new(),
        };
        Nesting::new(&inner.iter().map(group).collect::<Vec<_>>())
    }

    fn reached(nesting: &Nesting, groups: &[u32]) -> Vec<u32> {
        let groups: Vec<GroupIx> = groups.iter().copied().map(GroupIx).collect();
        nesting.reach(&groups).groups().map(|group| group.0).collect()
    }

    #[test]
    fn a_reach_ends_in_cycles_and_meets_shared_groups_once() {
        // 0 contains itself; 1, 2 and 3 are a ring; 4 and 5 share 6.
        let nesting = nesting(&[&[0], &[2], &[3], &[1, 6], &[6, 5], &[6, 6], &[]]);
        assert_eq!(reached(&nesting, &[0]), [0]);
        for ring in 1..=3 {
            assert_eq!(reached(&nesting, &[ring]), [1, 2, 3, 6]);
        }
        assert_eq!(reached(&nesting, &[4]), [4, 5, 6]);
        assert_eq!(reached(&nesting, &[6, 0, 6]), [0, 6]);
        assert!(nesting.reach(&[]).is_empty());
        assert_eq!(nesting.directly(GroupIx(5)), [GroupIx(6), GroupIx(6)]);
    }

    #[test]
    fn a_ring_of_a_hundred_thousand_groups_is_one_reach() {
        let groups = 100_000;
        let inner: Vec<[u32; 1]> = (0..groups).map(|group| [(group + 1) % groups]).collect();
        let nesting = nesting(&inner.iter().map(<[u32; 1]>::as_slice).collect::<Vec<_>>());
        assert_eq!(nesting.reach(&[GroupIx(7)]).len(), u64::from(groups));
    }
}
