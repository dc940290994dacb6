//! Parts of the generated fleet, cohorts and sites: their sizes, by weights and counts, and the index of a device among
//! them.

use crate::rules::base::chance::{Chance, Purpose, Ratio};
use crate::rules::base::ids::Key;

/// How large a part is: a cohort among devices, a site among users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartSize {
    /// A share of what no count claims; shares are weights.
    Share(Ratio),
    /// Exactly so many.
    Count(u32),
}

/// Picks by weight; `None` if there is nothing to pick.
pub(crate) fn weighted<T>(weights: &[(T, Ratio)], draw: u32) -> Option<&T> {
    let total: u64 = weights.iter().map(|(_, weight)| u64::from(weight.billionths())).sum();
    let wanted = ((u128::from(total) * u128::from(draw)) >> 32) as u64;
    let mut sum = 0;
    weights
        .iter()
        .find(|(_, weight)| {
            sum += u64::from(weight.billionths());
            wanted < sum
        })
        .map(|(value, _)| value)
}

/// Where each part ends, exactly: counts first, then shares of the rest by largest remainder (the earlier part wins a tie).
pub(crate) fn part_ends(sizes: &[PartSize], generated: u32) -> Vec<u32> {
    let counted: u32 = sizes.iter().map(|size| if let PartSize::Count(count) = size { *count } else { 0 }).sum();
    let rest = u64::from(generated.checked_sub(counted).expect("parts with a count claim no more than there is"));
    let weight = |size: &PartSize| if let PartSize::Share(share) = size { u64::from(share.billionths()) } else { 0 };
    let total: u64 = sizes.iter().map(weight).sum();
    assert!(rest == 0 || total > 0, "what no count claims needs a part with a share");
    let mut counts: Vec<u64> = sizes
        .iter()
        .map(|size| match size {
            PartSize::Count(count) => u64::from(*count),
            PartSize::Share(_) => rest * weight(size) / total,
        })
        .collect();
    let mut by_remainder: Vec<usize> = (0..sizes.len()).filter(|at| weight(&sizes[*at]) > 0).collect();
    by_remainder.sort_by_key(|at| std::cmp::Reverse(rest * weight(&sizes[*at]) % total));
    let missing = u64::from(generated) - counts.iter().sum::<u64>();
    for at in by_remainder.into_iter().take(missing as usize) {
        counts[at] += 1;
    }
    let mut end = 0;
    counts
        .into_iter()
        .map(|count| {
            end += u32::try_from(count).expect("a part is no larger than the whole");
            end
        })
        .collect()
}

/// A keyed permutation of `0..n` that needs no memory: a Feistel network over the next power of four, repeated until it
/// is below `n`.
pub(super) fn shuffled(chance: &Chance, keys: &[Key; 4], at: u32, n: u32) -> u32 {
    let half = (u32::BITS - (n - 1).leading_zeros()).div_ceil(2).max(1);
    let mask = (1_u64 << half) - 1;
    let mut value = u64::from(at);
    loop {
        let (mut left, mut right) = (value >> half, value & mask);
        for key in keys {
            let mixed = u64::from(chance.draw(Purpose::Fleet, *key, Key(right)));
            (left, right) = (right, left ^ (mixed & mask));
        }
        value = left << half | right;
        if value < u64::from(n) {
            return value as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shuffle_is_a_permutation() {
        let chance = Chance::new(7);
        let keys = std::array::from_fn(|round| Key(round as u64));
        for n in [1, 2, 3, 17, 1_000] {
            let mut seen: Vec<u32> = (0..n).map(|at| shuffled(&chance, &keys, at, n)).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..n).collect::<Vec<_>>());
        }
    }

    #[test]
    fn sizes_of_parts_are_exact() {
        let sizes = [
            PartSize::Share(Ratio::percent(30)),
            PartSize::Count(10),
            PartSize::Share(Ratio::percent(30)),
            PartSize::Share(Ratio::percent(40)),
        ];
        assert_eq!(part_ends(&sizes, 111), [30, 40, 70, 111]);
        // The larger remainder has the device that is left, even if it belongs to the smaller share.
        let sizes = [60, 40].map(|percent| PartSize::Share(Ratio::percent(percent)));
        assert_eq!((part_ends(&sizes, 4), part_ends(&sizes, 2)), (vec![2, 4], vec![1, 2]));
    }
}
