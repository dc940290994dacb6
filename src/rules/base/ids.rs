//! Indices and stable keys. An index finds a thing in this run; a key names it in every run and is the only input of
//! chance.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

macro_rules! index {
    ($(#[$doc:meta] $name:ident),* $(,)?) => {$(
        #[$doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub struct $name(pub u32);

        impl $name {
            /// As an index of a vector.
            pub const fn at(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

index! {
    /// A device's index in the fleet: generated ones, then imported, then named, each in file order.
    DeviceIx,
    /// A user's index: generated ones, then named.
    UserIx,
    /// A group's index in the scenario; 0 is the built-in "All users".
    GroupIx,
    /// An account's index in the scenario.
    AccountIx,
    /// An accepted message's index in the order of acceptance.
    MessageIx,
    /// A send's index in the scenario.
    SendIx,
    /// A fault's index in the scenario; less than [`super::limits::FAULTS_MAX`].
    FaultIx,
    /// A change's index in the scenario.
    ChangeIx,
    /// A stratum's index in the fleet: devices of one cohort, platform and set of labels.
    StratumIx,
    /// A phone model's index in the fleet: the distribution of the traits of a cohort or a named device.
    ModelIx,
}

/// The hash of a stable name: the input of chance. Must not be made from an index or a sequence number of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Key(pub u64);

impl Key {
    /// The key of a named thing; `kind` keeps a device and a user of one name apart.
    pub fn of(kind: &str, name: &str) -> Self {
        let mut hasher = SipHasher13::new();
        hasher.write(kind.as_bytes());
        hasher.write_u8(0xff);
        hasher.write(name.as_bytes());
        Self(hasher.finish())
    }

    /// The key of the `number`-th thing that belongs to this one (an occurrence of a send, a device of a user).
    #[must_use]
    pub fn nth(self, number: u64) -> Self {
        let mut hasher = SipHasher13::new_with_keys(self.0, 0);
        hasher.write_u64(number.to_le());
        Self(hasher.finish())
    }

    /// The counter of the `number`-th draw under this key, for draws that come again (trips, holds); 0 is the key itself.
    #[must_use]
    pub const fn again(self, number: u64) -> Self {
        Self(self.0.wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    /// The counter of a draw that belongs to two named things at once.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 ^ other.0.rotate_left(32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_for_two_things_differs_with_each_bit_of_either() {
        let (one, other) = (Key::of("device", "one"), Key::of("fault", "other"));
        for bit in (0..64).map(|at| 1 << at) {
            assert_ne!(Key(one.0 ^ bit).with(other), one.with(other), "{bit:x}");
            assert_ne!(one.with(Key(other.0 ^ bit)), one.with(other), "{bit:x}");
        }
        assert_ne!(one.with(other), other.with(one));
    }
}
