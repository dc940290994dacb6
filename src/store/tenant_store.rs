//! One tenant of an open store: where its inputs go. Must not wait for the disk.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::clock_mark::ClockMark;
use super::database::StoreShared;
use super::error::StoreError;
use super::stored_input::StoredInput;
use super::stored_tenant::StoredTenant;
use super::stored_text::TextChanges;
use super::tenant_identity::TenantIdentity;
use super::writer::StoreWork;

/// Inputs that may wait for the disk, in all: about a second of what one tenant takes.
pub const WAITING_INPUTS_MAX: usize = 65_536;

/// A tenant of an open store; clones are the same tenant.
#[derive(Clone, Debug)]
pub struct TenantStore {
    pub(super) shared: Arc<StoreShared>,
    pub(super) number: i64,
    pub(super) identity: Arc<TenantIdentity>,
}

impl TenantStore {
    /// Writes inputs behind those before, with the changes of texts and where the clock is; `done` is called when that is on disk, or
    /// never will be.
    pub fn append(
        &self,
        inputs: Vec<StoredInput>,
        texts: TextChanges,
        clock: ClockMark,
        done: impl FnOnce(Result<(), StoreError>) + Send + 'static,
    ) {
        self.give(StoreWork { tenant: self.number, begins: None, inputs, texts, clock, done: Box::new(done) });
    }

    /// The same for a tenant that begins anew, in another era, with these inputs and texts: those before are dropped with the
    /// same commit.
    pub fn begin_again(
        &self,
        era: u64,
        inputs: Vec<StoredInput>,
        texts: TextChanges,
        clock: ClockMark,
        done: impl FnOnce(Result<(), StoreError>) + Send + 'static,
    ) {
        self.give(StoreWork { tenant: self.number, begins: Some(era), inputs, texts, clock, done: Box::new(done) });
    }

    fn give(&self, work: StoreWork) {
        self.shared.state.waiting.fetch_add(work.inputs.len(), Ordering::Relaxed);
        self.shared.give(work);
    }

    /// Whether so much waits for the disk that no more should be taken.
    pub fn is_full(&self) -> bool {
        self.shared.state.waiting.load(Ordering::Relaxed) >= WAITING_INPUTS_MAX
    }

    /// Why the store has failed, if it has.
    pub fn failure(&self) -> Option<StoreError> {
        self.shared.state.failure()
    }

    /// What is stored of it, read from the start.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and [`StoreError::Io`].
    pub fn stored(&self) -> Result<StoredTenant, StoreError> {
        StoredTenant::open(&self.shared.path, (self.number, TenantIdentity::clone(&self.identity)))
    }
}
