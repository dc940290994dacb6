//! The entry of a call in the audit log, while the call is under way. Must not know what a call is.

use std::sync::{Mutex, OnceLock, PoisonError};

use crate::server::audit::{AuditEntry, AuditOutcome, PendingEntry};

/// The entry of a call, if it is one that is recorded. It is written when the call is dropped.
#[derive(Debug, Default)]
pub(crate) struct CallEntry(OnceLock<Mutex<PendingEntry>>);

/// A copy of a call has no entry: what is done for it is part of the call.
impl Clone for CallEntry {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl CallEntry {
    /// Begins the entry.
    pub(super) fn begin(&self, entry: PendingEntry) {
        // A call is begun once.
        let _ = self.0.set(Mutex::new(entry));
    }

    /// Changes the entry, if there is one.
    pub(super) fn note(&self, change: impl FnOnce(&mut AuditEntry)) {
        if let Some(entry) = self.0.get() {
            change(entry.lock().unwrap_or_else(PoisonError::into_inner).entry());
        }
    }

    /// Sets what the call came to.
    pub(super) fn settle(&self, outcome: AuditOutcome) {
        if let Some(entry) = self.0.get() {
            entry.lock().unwrap_or_else(PoisonError::into_inner).settle(outcome);
        }
    }
}
