//! The inputs of a stored tenant, read and checked, piece by piece. Must not write to a store.

use std::sync::Arc;

use super::restart::Again;
use super::stored;
use super::written::InputReader;
use crate::rules::model::world::World;
use crate::store::{StoreError, StoredTenant, TenantStore};

/// The inputs of a stored tenant from one on, in order.
#[derive(Debug)]
pub struct StoredInputs {
    tenant: StoredTenant,
    reader: InputReader,
    read: u64,
}

impl StoredInputs {
    /// All inputs of a tenant of this world.
    pub fn of(tenant: StoredTenant, world: &Arc<World>) -> Self {
        Self { tenant, reader: InputReader::new(world.clone()), read: 0 }
    }

    /// Those after the `number`-th. What an input before them has switched is not known to a fault that names it.
    pub(super) fn after(store: &TenantStore, world: &Arc<World>, number: u64) -> Result<Self, StoreError> {
        let mut tenant = store.stored()?;
        tenant.skip(number)?;
        Ok(Self { read: number, ..Self::of(tenant, world) })
    }

    /// How many were read, or skipped.
    pub(super) const fn read(&self) -> u64 {
        self.read
    }

    /// Whose they are.
    pub(super) const fn tenant(&self) -> &StoredTenant {
        &self.tenant
    }

    /// The next inputs, with the ids of their requests; none after the last.
    ///
    /// # Errors
    /// What is damaged.
    pub(super) fn next_piece(&mut self) -> Result<Vec<Again>, StoreError> {
        let piece = self.tenant.next_inputs()?;
        let mut inputs = Vec::with_capacity(piece.len());
        for input in &piece {
            self.read += 1;
            let read = stored::stored_input(input).and_then(|(written, request)| {
                let (input, _) = self.reader.read(written)?;
                Ok(Again { input, request: request.unwrap_or_default() })
            });
            inputs.push(read.map_err(|what| self.tenant.damaged(self.read, &what))?);
        }
        Ok(inputs)
    }

    /// All that are left.
    ///
    /// # Errors
    /// What is damaged.
    pub fn all(mut self) -> Result<Vec<Again>, StoreError> {
        let mut inputs = Vec::with_capacity(usize::try_from(self.tenant.inputs() - self.read).unwrap_or(0));
        loop {
            let piece = self.next_piece()?;
            if piece.is_empty() {
                return Ok(inputs);
            }
            inputs.extend(piece);
        }
    }
}
