//! The devices of each generated user: ranges of the fleet, one user after the other. Must not depend on traits or
//! names.

use super::cohort::weighted;
use crate::rules::base::chance::{Chance, Purpose, Ratio};
use crate::rules::base::ids::Key;

/// The devices of generated users: the first user has the first ones, and so on.
#[derive(Clone, Debug)]
pub(super) enum DeviceRanges {
    /// All users have the same number, so nothing is kept per user: a fleet of 100,000,000 users takes no memory here.
    Even {
        /// Devices of each user.
        each: u32,
        /// Devices of all users.
        devices: u32,
    },
    /// The first device of each user; one more entry ends the last.
    Drawn(Vec<u32>),
}

impl DeviceRanges {
    /// The ranges of `users` users with these weights of numbers of devices.
    ///
    /// # Panics
    /// If there are more than 4,294,967,295 devices; the limit of `scenario` is far lower.
    pub(crate) fn new(users: u32, weights: &[(u32, Ratio)], chance: &Chance) -> Self {
        if let Some(each) = even(weights) {
            let devices = users.checked_mul(each).expect("a fleet has at most 100,000,000 devices");
            return Self::Even { each, devices };
        }
        let mut first = Vec::with_capacity(users as usize + 1);
        first.push(0);
        let mut end = 0_u32;
        first.extend(drawn(users, weights, chance).map(|count| {
            end = end.checked_add(count).expect("a fleet has at most 100,000,000 devices");
            end
        }));
        Self::Drawn(first)
    }

    /// The number of devices, computed without building the ranges.
    pub(crate) fn count(users: u32, weights: &[(u32, Ratio)], chance: &Chance) -> u64 {
        match even(weights) {
            Some(each) => u64::from(users) * u64::from(each),
            None => drawn(users, weights, chance).map(u64::from).sum(),
        }
    }

    /// The number of devices of all users.
    pub(crate) fn devices(&self) -> u32 {
        match self {
            Self::Even { devices, .. } => *devices,
            Self::Drawn(first) => first.last().copied().unwrap_or(0),
        }
    }

    /// The first device of a user; for the number of users, the end of the last range.
    #[inline]
    pub(crate) fn first(&self, user: u32) -> u32 {
        match self {
            Self::Even { each, .. } => user * each,
            Self::Drawn(first) => first[user as usize],
        }
    }

    /// The user of one of these devices.
    #[inline]
    pub(crate) fn user_of(&self, device: u32) -> u32 {
        match self {
            Self::Even { each, .. } => device / each,
            Self::Drawn(first) => first.partition_point(|first| *first <= device) as u32 - 1,
        }
    }
}

/// The number of devices of each user, if it is not drawn.
fn even(weights: &[(u32, Ratio)]) -> Option<u32> {
    let mut possible = weights.iter().filter(|(_, weight)| *weight > Ratio::NEVER);
    match (possible.next(), possible.next()) {
        (None, _) => Some(1),
        (Some((each, _)), None) => Some(*each),
        (Some(_), Some(_)) => None,
    }
}

/// The number of devices of each user, in order.
fn drawn(users: u32, weights: &[(u32, Ratio)], chance: &Chance) -> impl Iterator<Item = u32> {
    let key = Key::of("devices per user", "");
    (0..users).map(move |user| {
        let draw = chance.draw(Purpose::Fleet, key, Key(u64::from(user)));
        weighted(weights, draw).copied().unwrap_or(1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same ranges as drawn user by user, for any weights.
    fn as_drawn(users: u32, weights: &[(u32, Ratio)], chance: &Chance) -> DeviceRanges {
        let mut first = vec![0];
        for count in drawn(users, weights, chance) {
            first.push(first[first.len() - 1] + count);
        }
        DeviceRanges::Drawn(first)
    }

    proptest! {
        #[test]
        fn ranges_that_are_computed_are_those_that_would_be_drawn(
            users in 0_u32..60,
            weights in prop::collection::vec((0_u32..5, prop::sample::select(vec![0_u32, 1, 400_000_000])), 0..3),
            seed in any::<u64>(),
        ) {
            let chance = Chance::new(seed);
            let weights: Vec<(u32, Ratio)> =
                weights.into_iter().map(|(count, share)| (count, Ratio::from_billionths(share))).collect();
            let (ranges, drawn) = (DeviceRanges::new(users, &weights, &chance), as_drawn(users, &weights, &chance));
            prop_assert_eq!(ranges.devices(), drawn.devices());
            prop_assert_eq!(DeviceRanges::count(users, &weights, &chance), u64::from(drawn.devices()));
            for user in 0..=users {
                prop_assert_eq!(ranges.first(user), drawn.first(user));
            }
            for device in 0..ranges.devices() {
                prop_assert_eq!(ranges.user_of(device), drawn.user_of(device));
            }
        }
    }
}
