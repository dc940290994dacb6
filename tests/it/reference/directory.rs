//! Group members and enrolment, at present and in the sender's view (R20–R26, X11, T7). Must not know any message.

use super::model::{ALL_USERS, Change, ChangeKind, FaultKind, Members, Ms, Scenario, Times};

/// One change of one user or device.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) at: Ms,
    /// When the sender sees it; immediately, for a change of a phone.
    pub(crate) visible: Ms,
    pub(crate) kind: ChangeKind,
    pub(crate) group: usize,
    pub(crate) user: Option<u32>,
    pub(crate) device: Option<u32>,
}

/// A view of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// The present state.
    Truth,
    /// The sender's view.
    Visible,
}

#[derive(Clone, Debug)]
pub(crate) struct Directory {
    /// In the order in which they happen (X2).
    pub(crate) items: Vec<Item>,
    /// For each fault, the changes that it delayed (X25).
    pub(crate) slowed: Vec<u64>,
}

fn is_of_directory(kind: ChangeKind) -> bool {
    matches!(kind, ChangeKind::Join | ChangeKind::Leave | ChangeKind::Enroll | ChangeKind::Unenroll)
}

impl Directory {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let mut items: Vec<Item> = scenario.changes.iter().flat_map(|change| items(scenario, change)).collect();
        items.sort_by_key(|item| item.at);
        let mut slowed = vec![0; scenario.faults.len()];
        for item in items.iter_mut().filter(|item| is_of_directory(item.kind)) {
            item.visible = item.at + scenario.lag;
            for (fault, slowed) in scenario.faults.iter().zip(&mut slowed) {
                if let FaultKind::DirectoryLag(delay) = fault.kind
                    && fault.is_in_force(item.at)
                {
                    item.visible += delay;
                    *slowed += u64::from(delay > 0);
                }
            }
        }
        Self { items, slowed }
    }

    /// The last of the changes that pass `test` and are known in `view` at `now`.
    fn last(&self, view: View, now: Ms, test: impl Fn(&Item) -> bool) -> Option<&Item> {
        let known = |item: &&Item| match view {
            View::Truth => item.at <= now,
            View::Visible => item.visible <= now,
        };
        self.items.iter().filter(|item| test(item)).rfind(known)
    }

    pub(crate) fn is_enrolled(&self, scenario: &Scenario, device: usize, view: View, now: Ms) -> bool {
        let device = &scenario.devices[device];
        let about = |item: &Item| {
            matches!(item.kind, ChangeKind::Enroll | ChangeKind::Unenroll) && item.device == Some(device.id)
        };
        self.last(view, now, about).map_or(device.enrolled, |item| item.kind == ChangeKind::Enroll)
    }

    fn is_direct_member(&self, scenario: &Scenario, group: usize, user: u32, view: View, now: Ms) -> bool {
        let about = |item: &Item| {
            matches!(item.kind, ChangeKind::Join | ChangeKind::Leave) && item.group == group && item.user == Some(user)
        };
        let at_first = match &scenario.groups[group].users {
            Members::All => true,
            Members::Of(users) => users.contains(&user),
        };
        self.last(view, now, about).map_or(at_first, |item| item.kind == ChangeKind::Join)
    }

    /// Whether a user is in a group or in one nested in it, at any depth (R22).
    pub(crate) fn is_member(&self, scenario: &Scenario, group: usize, user: u32, view: View, now: Ms) -> bool {
        let mut inside = vec![group];
        let mut next = 0;
        while next < inside.len() {
            let group = inside[next];
            next += 1;
            if group == ALL_USERS || self.is_direct_member(scenario, group, user, view, now) {
                return true;
            }
            for nested in &scenario.groups[group].groups {
                if !inside.contains(nested) {
                    inside.push(*nested);
                }
            }
        }
        false
    }

    /// Every moment at which a change becomes visible to the sender.
    pub(crate) fn visible_moments(&self) -> impl Iterator<Item = Ms> {
        self.items.iter().filter(|item| is_of_directory(item.kind)).map(|item| item.visible)
    }
}

/// Whether a group is another or nested in it, at any depth (X10).
pub(crate) fn is_within(scenario: &Scenario, group: usize, outer: usize) -> bool {
    let mut inside = vec![outer];
    let mut next = 0;
    while next < inside.len() {
        let at = inside[next];
        next += 1;
        if at == group {
            return true;
        }
        if at == ALL_USERS {
            continue;
        }
        for nested in &scenario.groups[at].groups {
            if !inside.contains(nested) {
                inside.push(*nested);
            }
        }
    }
    false
}

/// The changes of single users or devices that a change consists of, those that happen within the run.
fn items(scenario: &Scenario, change: &Change) -> Vec<Item> {
    let subjects = if change.devices.is_empty() { change.users.len() } else { change.devices.len() };
    let mut items = Vec::new();
    for at in 0..subjects {
        let moment = match change.times {
            Times::At(moment) => Some(moment),
            times @ Times::Every { .. } => times.nth(at as u64),
        };
        let Some(moment) = moment.filter(|moment| *moment < scenario.duration) else { continue };
        let item =
            |user, device| Item { at: moment, visible: moment, kind: change.kind, group: change.group, user, device };
        if let Some(device) = change.devices.get(at) {
            items.push(item(None, Some(*device)));
        } else if matches!(change.kind, ChangeKind::Join | ChangeKind::Leave) {
            items.push(item(Some(change.users[at]), None));
        } else {
            let owned = scenario.devices.iter().filter(|device| device.user == Some(change.users[at]));
            items.extend(owned.map(|device| item(None, Some(device.id))));
        }
    }
    items
}
