//! The entry of a request that is under way. Whatever becomes of the request, it must be recorded once.

use super::audit_log::AuditLog;
use super::entry::{AuditEntry, AuditOutcome};

/// An entry that is written when the request is answered, or dropped because its client went.
#[derive(Debug)]
pub struct PendingEntry {
    log: AuditLog,
    entry: AuditEntry,
}

impl PendingEntry {
    /// Begins an entry.
    pub fn begin(log: &AuditLog, entry: AuditEntry) -> Self {
        Self { log: log.clone(), entry: AuditEntry { outcome: AuditOutcome::Abandoned, ..entry } }
    }

    /// The entry, to be completed.
    pub fn entry(&mut self) -> &mut AuditEntry {
        &mut self.entry
    }

    /// Sets what it came to.
    pub fn settle(&mut self, outcome: AuditOutcome) {
        self.entry.outcome = outcome;
    }
}

impl Drop for PendingEntry {
    fn drop(&mut self) {
        self.log.record(&self.entry);
    }
}
