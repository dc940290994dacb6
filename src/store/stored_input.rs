//! An input as it is stored, and the checksums that chain the inputs of a tenant. Must not know what an input means.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

/// An input of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredInput {
    /// Model time, in ms.
    pub at_ms: u64,
    /// Its kind, for people that read the database.
    pub kind: Cow<'static, str>,
    /// All of it.
    pub body: Vec<u8>,
}

/// A checksum of an input and of all inputs before it.
pub(super) type Chain = [u8; 16];

impl StoredInput {
    /// The checksum of this input as the `sequence`-th of a tenant, from 1, behind inputs with the checksum `before`.
    pub(super) fn chain(&self, before: &Chain, sequence: u64) -> Chain {
        let mut hash = Sha256::new();
        hash.update(before);
        hash.update(sequence.to_le_bytes());
        hash.update(self.at_ms.to_le_bytes());
        hash.update((self.kind.len() as u64).to_le_bytes());
        hash.update(self.kind.as_bytes());
        hash.update(&self.body);
        shortened(hash)
    }
}

/// The first half of a hash: enough to find damage, which does not look for collisions.
pub(super) fn shortened(hash: Sha256) -> Chain {
    let whole: [u8; 32] = hash.finalize().into();
    let (half, _) = whole.split_at(size_of::<Chain>());
    half.try_into().expect("it has that length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_an_input_and_its_place_change_its_checksum() {
        let input = StoredInput { at_ms: 7, kind: "sent".into(), body: vec![1, 2] };
        let chain = input.chain(&Chain::default(), 1);
        assert_eq!(chain, input.chain(&Chain::default(), 1));
        let others = [
            StoredInput { at_ms: 8, ..input.clone() },
            StoredInput { kind: "sen".into(), body: vec![b't', 1, 2], ..input.clone() },
            StoredInput { body: vec![1, 3], ..input.clone() },
            StoredInput { body: vec![1, 2, 0], ..input.clone() },
        ];
        for other in others {
            assert_ne!(chain, other.chain(&Chain::default(), 1), "{other:?}");
        }
        assert_ne!(chain, input.chain(&Chain::default(), 2));
        assert_ne!(chain, input.chain(&[1; 16], 1));
    }
}
