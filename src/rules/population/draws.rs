//! What is drawn once for each pair, all from one block of the generator: the first way to the phone, and the state of
//! the phone at the display. Later trips and holds have their own draws.

use super::traits::{Attention, Model};
use crate::rules::base::chance::{Chance, Purpose, Ratio};
use crate::rules::base::ids::Key;
use crate::rules::base::time::{SimTime, Zone};

/// The draws of a pair, each uniform over 32 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Draws {
    /// Against the gateway's own loss.
    pub loss: u32,
    /// The latency of the first trip.
    pub latency: u32,
    /// Whether the display finds the phone locked and the app open.
    pub found: u32,
    /// When, if ever, the notification is dismissed.
    pub attention: u32,
}

impl Draws {
    /// The draws of a device and a message.
    pub fn of(chance: &Chance, device: Key, message: Key) -> Self {
        let [loss, latency, found, attention] = chance.block(Purpose::Pair, device, message);
        Self { loss, latency, found, attention }
    }

    /// The draws of one device and several messages, side by side.
    pub fn of_all<const N: usize>(chance: &Chance, device: Key, messages: [Key; N]) -> [Self; N] {
        let [losses, latencies, founds, attentions] = chance.blocks(Purpose::Pair, device, messages);
        let draws = |nth: usize| Self {
            loss: losses[nth],
            latency: latencies[nth],
            found: founds[nth],
            attention: attentions[nth],
        };
        std::array::from_fn(draws)
    }
}

/// A model's probabilities at the display, as thresholds of one draw: exact to 2⁻³², and fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Odds {
    /// Below this the app is open and the phone locked …
    both: u64,
    /// … below this the app is open …
    foreground: u64,
    /// … and from there to here the phone is locked.
    locked: u64,
    /// Below this a notification is never dismissed.
    never: u64,
    /// Scales the draws from `never` on to all draws, in 2⁻³².
    stretch: u64,
}

impl Odds {
    /// The odds of a model.
    pub fn new(model: &Model) -> Self {
        Self::of_ratios(model.locked, model.foreground, model.attention.never)
    }

    fn of_ratios(locked: Ratio, foreground: Ratio, never: Ratio) -> Self {
        let (foreground, locked, never) = (foreground.threshold(), locked.threshold(), never.threshold());
        let share_of = |part: u64| ((u128::from(part) * u128::from(locked)) >> 32) as u64;
        let attending = Ratio::ALWAYS.threshold() - never;
        Self {
            both: share_of(foreground),
            foreground,
            locked: foreground + share_of(Ratio::ALWAYS.threshold() - foreground),
            never,
            stretch: u64::try_from((1_u128 << 64) / u128::from(attending.max(1))).unwrap_or(u64::MAX),
        }
    }

    /// Whether the phone is found locked. Independent of the open app.
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "a draw is unpredictable: both comparisons cost less than a branch"
    )]
    pub const fn is_locked(&self, found: u32) -> bool {
        let found = found as u64;
        (found < self.both) | ((self.foreground <= found) & (found < self.locked))
    }

    /// Whether the app is found open.
    pub const fn is_foreground(&self, found: u32) -> bool {
        (found as u64) < self.foreground
    }

    /// When a notification shown at `now` is dismissed; [`SimTime::NEVER`] for never (X27). The draw is unpredictable
    /// for a processor, so both results are computed and one is selected without a branch.
    #[inline]
    pub fn dismissed_at(&self, attention: &Attention, zone: &Zone, draw: u32, now: SimTime) -> SimTime {
        let attending = u64::from(draw).saturating_sub(self.never);
        let after_ms = attention.after.at(((attending * self.stretch) >> 32) as u32);
        let dismissed_at = match attention.asleep {
            None => now + after_ms,
            Some(asleep) => asleep.awake_after(zone, now, after_ms),
        };
        if u64::from(draw) < self.never { SimTime::NEVER } else { dismissed_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::base::distribution::Dist;

    fn odds(locked: u32, foreground: u32, never: u32) -> Odds {
        let ratio = Ratio::from_billionths;
        Odds::of_ratios(ratio(locked), ratio(foreground), ratio(never))
    }

    #[test]
    fn locked_and_open_are_independent_and_as_likely_as_they_say() {
        let odds = odds(700_000_000, 10_000_000, 0);
        let (mut locked, mut open, mut both) = (0_u32, 0_u32, 0_u32);
        for draw in (0..=u32::MAX).step_by(4_099) {
            let (is_locked, is_open) = (odds.is_locked(draw), odds.is_foreground(draw));
            locked += u32::from(is_locked);
            open += u32::from(is_open);
            both += u32::from(is_locked && is_open);
        }
        let parts = [locked, open, both].map(|count| (u64::from(count) * 4_099 * 1_000 + (1 << 31)) >> 32);
        assert_eq!(parts, [700, 10, 7]);
    }

    #[test]
    fn ratios_of_0_and_1_are_certain() {
        for (locked, open) in [(true, true), (true, false), (false, true), (false, false)] {
            let odds = odds(u32::from(locked) * 1_000_000_000, u32::from(open) * 1_000_000_000, 0);
            for draw in [0, 1, 1 << 31, u32::MAX] {
                assert_eq!((odds.is_locked(draw), odds.is_foreground(draw)), (locked, open));
            }
        }
    }

    #[test]
    fn attention_keeps_its_distribution_beside_notifications_never_dismissed() {
        let attention = Attention { never: Ratio::percent(10), after: Dist::uniform(0, 1_000_000), asleep: None };
        let odds = odds(0, 0, 100_000_000);
        let after = |draw| {
            Some(odds.dismissed_at(&attention, &Zone::fixed(0), draw, SimTime::ZERO).ms()).filter(|ms| *ms < u64::MAX)
        };
        let at = |per_mille: u64| ((per_mille << 32) / 1_000) as u32;
        assert_eq!((after(at(50)), after(at(99))), (None, None));
        assert!(after(at(101)).is_some_and(|ms| ms < 2_000));
        assert!(after(at(550)).is_some_and(|ms| ms.abs_diff(500_000) < 1_000));
        assert!(after(u32::MAX).is_some_and(|ms| ms > 999_000));
        let never = self::odds(0, 0, 1_000_000_000);
        assert_eq!(never.dismissed_at(&attention, &Zone::fixed(0), u32::MAX, SimTime(7)), SimTime::NEVER);
    }
}
