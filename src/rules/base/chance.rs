//! Chance as a pure function: the same seed, purpose and keys give the same draw, in any order of calls. No state, no
//! stream.
//!
//! The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC'11),
//! a counter-based generator that passes `BigCrush`; its published known answers are a test below.

use super::ids::Key;

/// What a draw decides. Each purpose has its own generator key, so that no two decisions share a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// Permanent traits of a device, several to a block.
    Traits,
    /// The lengths of a day's gaps in a device's presence.
    Presence,
    /// What is drawn once for a pair, one block: see [`crate::rules::population::draws::Draws`].
    Pair,
    /// The latency of any later trip, and of duplicates.
    Latency,
    /// Whether a loss fault takes a copy.
    FaultLoss,
    /// How much longer a delay fault makes a copy travel.
    FaultDelay,
    /// Whether a duplicate fault doubles a copy.
    FaultDuplicate,
    /// Whether a fault's `pick` contains a device.
    FaultPick,
    /// How long after a hold's end a copy leaves.
    Retry,
    /// How long a directory change takes to be visible.
    DirectoryLag,
    /// Whether a user grants the permission when an app asks.
    Permission,
    /// When a dozing phone's maintenance windows are.
    Doze,
    /// How a fleet is built: devices per user, cohorts.
    Fleet,
    /// Samples and arrivals of a scenario, through [`Stream`].
    Plan,
    /// The digest of fates.
    Digest,
    /// Whether an actor fault hits an actor, and when in its turn. No fate depends on it.
    Strike,
}

const PURPOSES: usize = Purpose::Strike as usize + 1;

/// The generator of one seed.
#[derive(Clone, Debug)]
pub struct Chance {
    seed: u64,
    keys: [[u32; 2]; PURPOSES],
}

impl Chance {
    /// The generator of a scenario's seed.
    pub fn new(seed: u64) -> Self {
        let mut keys = [[0; 2]; PURPOSES];
        for (purpose, key) in keys.iter_mut().enumerate() {
            let block = philox([purpose as u32, 0, 0, 0], split(seed));
            *key = [block[0], block[1]];
        }
        Self { seed, keys }
    }

    /// The seed it was made from.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Two words of this seed that are part of no draw, for hashes of fates.
    pub const fn salt(&self) -> [u64; 2] {
        let [a, b] = self.keys[Purpose::Digest as usize];
        [(a as u64) << 32 | b as u64, (b as u64) << 32 | (a ^ self.seed as u32) as u64]
    }

    /// Four independent draws, uniform over `u32`, for one purpose and two keys.
    pub fn block(&self, purpose: Purpose, first: Key, second: Key) -> [u32; 4] {
        let ([a, b], [c, d]) = (split(first.0), split(second.0));
        philox([a, b, c, d], self.keys[purpose as usize])
    }

    /// The blocks of one key with each of several others, in a fraction of the time of single blocks: four draws each,
    /// word by word.
    pub fn blocks<const N: usize>(&self, purpose: Purpose, first: Key, seconds: [Key; N]) -> [[u32; N]; 4] {
        let [a, b] = split(first.0);
        let counter = [[a; N], [b; N], seconds.map(|key| split(key.0)[0]), seconds.map(|key| split(key.0)[1])];
        philox_lanes(counter, self.keys[purpose as usize])
    }

    /// One draw, uniform over `u32`.
    pub fn draw(&self, purpose: Purpose, first: Key, second: Key) -> u32 {
        self.block(purpose, first, second)[0]
    }

    /// A stream of draws for building plans with `rand`; its key names what is built.
    pub fn stream(&self, purpose: Purpose, key: Key) -> Stream {
        Stream { chance: self.clone(), purpose, key, next: 0 }
    }
}

/// A keyed stream of draws, as `rand` wants it. For fleets and arrivals only: fates use [`Chance::draw`].
#[derive(Clone, Debug)]
pub struct Stream {
    chance: Chance,
    purpose: Purpose,
    key: Key,
    next: u64,
}

impl rand::TryRng for Stream {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let lanes = self.chance.block(self.purpose, self.key, Key(self.next / 4));
        let lane = lanes[(self.next % 4) as usize];
        self.next += 1;
        Ok(lane)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let low = self.try_next_u32()?;
        Ok(u64::from(self.try_next_u32()?) << 32 | u64::from(low))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in bytes.chunks_mut(4) {
            let drawn = self.try_next_u32()?.to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
        Ok(())
    }
}

/// A probability as an integer ratio: billionths, from 0 to 1,000,000,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ratio(u32);

impl Ratio {
    /// Never.
    pub const NEVER: Self = Self(0);
    /// Always.
    pub const ALWAYS: Self = Self(1_000_000_000);

    /// From billionths.
    ///
    /// # Panics
    /// If there are more than a billion of them.
    pub const fn from_billionths(billionths: u32) -> Self {
        assert!(billionths <= 1_000_000_000, "a ratio is at most 1");
        Self(billionths)
    }

    /// From whole percents, for defaults.
    pub const fn percent(percent: u32) -> Self {
        Self::from_billionths(percent * 10_000_000)
    }

    /// In billionths.
    pub const fn billionths(self) -> u32 {
        self.0
    }

    /// Certain when `yes`, impossible otherwise.
    pub const fn sure(yes: bool) -> Self {
        if yes { Self::ALWAYS } else { Self::NEVER }
    }

    /// Whether a uniform draw falls under this probability. Exact: `draw / 2³² < self`.
    pub const fn hits(self, draw: u32) -> bool {
        (draw as u64) * 1_000_000_000 < (self.0 as u64) << 32
    }

    /// The number of draws that fall under this probability: the first that does not, 0 to 2³².
    pub const fn threshold(self) -> u64 {
        ((self.0 as u64) << 32).div_ceil(1_000_000_000)
    }

    /// This ratio grown linearly: nothing at 0 of `whole`, itself from `whole` on.
    #[must_use]
    pub fn ramped(self, elapsed: u64, whole: u64) -> Self {
        if elapsed >= whole {
            return self;
        }
        let grown = u128::from(self.0) * u128::from(elapsed) / u128::from(whole);
        Self(u32::try_from(grown).expect("a part of a ratio is no larger than the ratio"))
    }

    /// What is left to 1.
    #[must_use]
    pub const fn complement(self) -> Self {
        Self(1_000_000_000 - self.0)
    }

    /// The sum of two ratios, at most 1.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        let sum = self.0 + other.0;
        Self(if sum > 1_000_000_000 { 1_000_000_000 } else { sum })
    }
}

const fn split(word: u64) -> [u32; 2] {
    [word as u32, (word >> 32) as u32]
}

/// Philox4x32-10.
pub(crate) const fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [[a], [b], [c], [d]] = philox_lanes([[counter[0]], [counter[1]], [counter[2]], [counter[3]]], key);
    [a, b, c, d]
}

/// Philox4x32-10 of several counters side by side, word by word. With 16 of them even the oldest vector unit takes less
/// than half the time; compilers vectorize loops as plain as these.
const fn philox_lanes<const N: usize>(mut words: [[u32; N]; 4], mut key: [u32; 2]) -> [[u32; N]; 4] {
    let mut round = 0;
    while round < 10 {
        let mut lane = 0;
        while lane < N {
            let left = words[0][lane] as u64 * 0xD251_1F53;
            let right = words[2][lane] as u64 * 0xCD9E_8D57;
            words[0][lane] = (right >> 32) as u32 ^ words[1][lane] ^ key[0];
            words[1][lane] = right as u32;
            words[2][lane] = (left >> 32) as u32 ^ words[3][lane] ^ key[1];
            words[3][lane] = left as u32;
            lane += 1;
        }
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
        round += 1;
    }
    words
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    #[test]
    fn blocks_side_by_side_are_those_one_after_another() {
        let (chance, first) = (Chance::new(7), Key(0x0123_4567_89AB_CDEF));
        let seconds: [Key; 5] = std::array::from_fn(|nth| Key((nth as u64 + 3).wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        let words = chance.blocks(Purpose::Pair, first, seconds);
        for (nth, second) in seconds.into_iter().enumerate() {
            assert_eq!(words.map(|word| word[nth]), chance.block(Purpose::Pair, first, second));
        }
    }

    #[test]
    fn philox_gives_the_published_known_answers() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn a_ratio_of_0_never_hits_and_of_1_always() {
        for draw in [0, 1, u32::MAX / 2, u32::MAX] {
            assert!(!Ratio::NEVER.hits(draw));
            assert!(Ratio::ALWAYS.hits(draw));
        }
    }

    #[test]
    fn ratios_add_up_to_1_at_most() {
        let sum = |one, other| Ratio::percent(one).plus(Ratio::percent(other));
        assert_eq!((sum(20, 30), sum(0, 0), sum(0, 100)), (Ratio::percent(50), Ratio::NEVER, Ratio::ALWAYS));
        assert_eq!((sum(40, 60), sum(70, 60), sum(100, 100)), (Ratio::ALWAYS, Ratio::ALWAYS, Ratio::ALWAYS));
    }

    #[test]
    fn each_bit_of_seed_and_keys_changes_a_draw() {
        let block = |seed, first, second| Chance::new(seed).block(Purpose::Pair, Key(first), Key(second));
        let plain = block(3, 5, 7);
        for bit in (0..64).map(|at| 1 << at) {
            for other in [block(3 ^ bit, 5, 7), block(3, 5 ^ bit, 7), block(3, 5, 7 ^ bit)] {
                assert_ne!(other, plain, "{bit:x}");
            }
            assert_ne!(Chance::new(3 ^ bit).salt(), Chance::new(3).salt(), "{bit:x}");
        }
    }

    #[test]
    fn a_stream_gives_the_same_draws_as_words_as_long_words_and_as_bytes() {
        let stream = || Chance::new(7).stream(Purpose::Plan, Key(1));
        let (mut words, mut long, mut bytes) = (stream(), stream(), stream());
        let drawn: [u32; 12] = std::array::from_fn(|_| words.next_u32());
        for pair in drawn.chunks(2) {
            assert_eq!(long.next_u64(), u64::from(pair[0]) + u64::from(pair[1]) * (1 << 32));
        }
        let mut taken = [0; 47];
        bytes.fill_bytes(&mut taken);
        assert_eq!(taken, drawn.map(u32::to_le_bytes).concat()[..47]);
    }
}
