//! Reads everything in a store and checks it. Must not change anything.

use std::path::Path;

use super::error::StoreError;
use super::opened::OpenedDatabase;
use super::stored_tenant::StoredTenant;
use super::text_losses::TextLosses;

/// A store whose every input and text was read and fits its checksum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreCheck {
    /// The number of its last commit.
    pub commits: u64,
    /// Its tenants.
    pub tenants: Vec<CheckedTenant>,
}

/// A tenant of a checked store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedTenant {
    /// Its name.
    pub name: String,
    /// The number of its inputs.
    pub inputs: u64,
    /// The number of its texts that have their keys.
    pub texts: u64,
    /// The texts that have none.
    pub text_losses: TextLosses,
    /// Model time, in ms.
    pub now_ms: u64,
}

impl StoreCheck {
    /// Checks the store of a folder, which no server may have open.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn of(folder: &Path) -> Result<Self, StoreError> {
        let OpenedDatabase { folder: _locked, path, commit, found, .. } = OpenedDatabase::existing(folder)?;
        let tenants = found.into_iter().map(|((number, identity), _)| {
            let name = identity.name.clone();
            let mut stored = StoredTenant::open(&path, (number, identity))?;
            while !stored.next_inputs()?.is_empty() {}
            let (texts, text_losses) = stored.texts()?;
            let (inputs, texts, now_ms) = (stored.inputs(), texts.len() as u64, stored.clock().now_ms);
            Ok(CheckedTenant { name, inputs, texts, text_losses, now_ms })
        });
        Ok(Self { commits: commit, tenants: tenants.collect::<Result<_, StoreError>>()? })
    }
}
