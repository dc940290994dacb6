//! The digest of a run: a sum over the fates of all pairs, the same in any order and division into parts. Must not
//! count.

use crate::rules::base::chance::Chance;
use crate::rules::base::ids::Key;
use crate::rules::base::time::SimTime;
use crate::rules::service::journey::Journey;

/// A digest under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Digest {
    sum: u128,
    salt: [u64; 2],
}

impl Digest {
    /// The digest of no fates.
    pub(crate) fn new(chance: &Chance) -> Self {
        Self { sum: 0, salt: chance.salt() }
    }

    /// Adds a pair in its last station.
    #[inline]
    pub(crate) fn ends(&mut self, device: Key, message: Key, journey: Journey, at: SimTime) {
        self.sum = self.sum.wrapping_add(fate(self.salt, device, message, journey, at));
    }

    /// Subtracts a pair that left its last station after all (X12).
    pub(super) fn take_back(&mut self, device: Key, message: Key, journey: Journey, at: SimTime) {
        self.sum = self.sum.wrapping_sub(fate(self.salt, device, message, journey, at));
    }

    /// Adds a dismissal.
    #[inline]
    pub(crate) fn dismissed(&mut self, device: Key, message: Key, at: SimTime) {
        let what = [u32::MAX, 0, at.0 as u32, (at.0 >> 32) as u32];
        self.sum = self.sum.wrapping_add(mixed(self.salt, device, message, what));
    }

    /// The wrapping sum.
    pub(crate) const fn sum(self) -> u128 {
        self.sum
    }
}

/// The contribution of a pair in its last station.
#[inline]
fn fate(salt: [u64; 2], device: Key, message: Key, journey: Journey, at: SimTime) -> u128 {
    mixed(salt, device, message, [journey.code() as u32, 1, at.0 as u32, (at.0 >> 32) as u32])
}

/// 128 bits that depend on every argument, by wide multiplications. Keys are hashes already, and a sum of fates need
/// not withstand chosen inputs.
#[inline]
fn mixed(salt: [u64; 2], device: Key, message: Key, what: [u32; 4]) -> u128 {
    let word = |half: usize| u64::from(what[2 * half + 1]) << 32 | u64::from(what[2 * half]);
    let pair = folded(device.0 ^ salt[0], message.0 ^ salt[1]);
    let (a, b) = (pair ^ word(0).wrapping_mul(ODD[0]), pair.rotate_left(32) ^ word(1).wrapping_mul(ODD[1]));
    u128::from(folded(a, b ^ ODD[2])) << 64 | u128::from(folded(a ^ ODD[3], b ^ device.0))
}

/// Odd numbers without a pattern: the first digits of the fractional parts of square roots.
const ODD: [u64; 4] = [0x6A09_E667_F3BC_C909, 0xBB67_AE85_84CA_A73B, 0x3C6E_F372_FE94_F82B, 0xA54F_F53A_5F1D_36F1];

/// Both halves of a product, combined by xor.
#[inline]
fn folded(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bit_of_a_moment_changes_a_fate_and_a_dismissal() {
        let (chance, device, message) = (Chance::new(7), Key::of("device", "d"), Key::of("message", "m"));
        let sum = |add: &dyn Fn(&mut Digest)| {
            let mut digest = Digest::new(&chance);
            add(&mut digest);
            digest.sum()
        };
        let ends = |at: u64| sum(&|digest| digest.ends(device, message, Journey::Expired, SimTime(at)));
        let dismissed = |at: u64| sum(&|digest| digest.dismissed(device, message, SimTime(at)));
        for bit in (0..64).map(|at| 1 << at) {
            assert!(ends(5 ^ bit) != ends(5) && dismissed(5 ^ bit) != dismissed(5), "{bit:x}");
        }
        assert_ne!(ends(5), dismissed(5));
        let taken_back = sum(&|digest| {
            digest.ends(device, message, Journey::Expired, SimTime(5));
            digest.dismissed(device, message, SimTime(6));
            digest.take_back(device, message, Journey::Expired, SimTime(5));
        });
        assert_eq!(taken_back, dismissed(6));
    }
}
