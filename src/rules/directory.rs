//! The directory: who is in which group and which devices are enrolled, in truth and in the sender's view, which lags behind
//! (R36, R37, T7, X11). Knows no message.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::ids::{DeviceIx, GroupIx, UserIx};
use super::time::SimTime;
use super::world::{Group, Members};

/// Something that is true, and becomes visible later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// A user's direct membership.
    Membership(GroupIx, UserIx),
    /// A device's enrolment.
    Enrolment(DeviceIx),
}

/// Groups and enrolments, twice: in truth and as visible.
#[derive(Clone, Debug)]
pub struct Directory {
    truth: View,
    visible: View,
    /// For each group itself and everything nested in it.
    nested: Vec<Vec<GroupIx>>,
    /// For each group what is nested in it directly.
    inside: Vec<Vec<GroupIx>>,
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
}

impl Directory {
    /// The directory at the start, where all is visible.
    pub fn new(groups: &[Group], users: u32, enrolled: RoaringBitmap) -> Self {
        let members = groups
            .iter()
            .map(|group| match &group.users {
                Members::All => RoaringBitmap::from_sorted_iter(0..users).expect("a range ascends"),
                Members::These(users) => users.iter().map(|user| user.0).collect(),
            })
            .collect();
        let view = View { members, enrolled };
        Self {
            truth: view.clone(),
            visible: view,
            nested: (0..groups.len()).map(|group| closure(groups, GroupIx(group as u32))).collect(),
            inside: groups.iter().map(|group| group.groups.clone()).collect(),
            seen: BTreeMap::new(),
            pending: BTreeMap::new(),
            next_sequence: 0,
        }
    }

    /// A fact changes at `now` and becomes visible `lag_ms` later.
    pub fn change(&mut self, fact: Fact, holds: bool, now: SimTime, lag_ms: u64) {
        self.truth.set(fact, holds);
        self.pending.insert((now + lag_ms, self.next_sequence), (fact, holds));
        self.next_sequence += 1;
    }

    /// When the next change becomes visible.
    pub fn next_visible(&self) -> Option<SimTime> {
        self.pending.keys().next().map(|(at, _)| *at)
    }

    /// Makes everything visible that is due at `now`, in sequence; returns the facts that were due. A change is passed over
    /// if a later one of the same fact has become visible before it (T7).
    pub fn reveal(&mut self, now: SimTime) -> Vec<Fact> {
        let later = self.pending.split_off(&(now + 1, 0));
        let due = std::mem::replace(&mut self.pending, later);
        due.into_iter()
            .map(|((_, sequence), (fact, holds))| {
                let newest = self.seen.entry(fact).or_insert(sequence);
                if *newest <= sequence {
                    *newest = sequence;
                    self.visible.set(fact, holds);
                }
                fact
            })
            .collect()
    }

    /// The visible users of these groups, nesting included (R22).
    pub fn visible_users(&self, groups: &[GroupIx]) -> RoaringBitmap {
        self.users(&self.visible, groups)
    }

    /// The users of these groups in truth, nesting included.
    pub fn true_users(&self, groups: &[GroupIx]) -> RoaringBitmap {
        self.users(&self.truth, groups)
    }

    fn users(&self, view: &View, groups: &[GroupIx]) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        for group in groups.iter().flat_map(|group| &self.nested[group.at()]) {
            all |= &view.members[group.at()];
        }
        all
    }

    /// Is the user visibly in one of these groups, nesting included?
    pub fn visibly_in(&self, user: UserIx, groups: &[GroupIx]) -> bool {
        groups
            .iter()
            .flat_map(|group| &self.nested[group.at()])
            .any(|group| self.visible.members[group.at()].contains(user.0))
    }

    /// Is `inner` this group or nested in it?
    pub fn contains_group(&self, outer: GroupIx, inner: GroupIx) -> bool {
        self.nested[outer.at()].binary_search(&inner).is_ok()
    }

    /// Is the device visibly enrolled?
    pub fn visibly_enrolled(&self, device: DeviceIx) -> bool {
        self.visible.enrolled.contains(device.0)
    }

    /// All devices that are visibly enrolled.
    pub fn all_visibly_enrolled(&self) -> &RoaringBitmap {
        &self.visible.enrolled
    }

    /// The groups that are nested in a group directly.
    pub fn nested_directly(&self, group: GroupIx) -> &[GroupIx] {
        &self.inside[group.at()]
    }

    /// The users that are direct members of a group in truth.
    pub fn true_members(&self, group: GroupIx) -> &RoaringBitmap {
        &self.truth.members[group.at()]
    }

    /// The devices that are visibly enrolled and in truth are not (R36).
    pub fn stale_devices(&self) -> RoaringBitmap {
        &self.visible.enrolled - &self.truth.enrolled
    }

    /// Is the device stale?
    pub fn is_stale(&self, device: DeviceIx) -> bool {
        self.visible.enrolled.contains(device.0) && !self.truth.enrolled.contains(device.0)
    }
}

/// A group and everything nested in it, ascending; a cycle ends where it began.
fn closure(groups: &[Group], from: GroupIx) -> Vec<GroupIx> {
    let (mut found, mut open) = (vec![from], vec![from]);
    while let Some(group) = open.pop() {
        for inner in &groups[group.at()].groups {
            if !found.contains(inner) {
                found.push(*inner);
                open.push(*inner);
            }
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_visible_value_is_the_highest_change_whose_lag_has_passed_t7() {
        let group = Group { name: "g".into(), users: Members::These(vec![]), groups: vec![] };
        let mut directory = Directory::new(&[group], 1, RoaringBitmap::new());
        let fact = Fact::Membership(GroupIx(0), UserIx(0));
        directory.change(fact, true, SimTime(0), 100);
        directory.change(fact, false, SimTime(10), 20);
        assert_eq!(directory.reveal(SimTime(30)), [fact]);
        assert!(!directory.visibly_in(UserIx(0), &[GroupIx(0)]));
        assert_eq!(directory.reveal(SimTime(100)), [fact]);
        assert!(!directory.visibly_in(UserIx(0), &[GroupIx(0)]), "the older change came later and counts for nothing");
    }
}
