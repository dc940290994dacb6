//! Module `audit`, level 2: the record of who did what: sign-ins, sends, control actions. Must not touch a file, hold a
//! secret or the text of a message.

mod entry;
mod audit_log;
mod pending_entry;

pub use audit_log::AuditLog;
pub use entry::{AuditEntry, AuditEvent, AuditOutcome};
pub use pending_entry::PendingEntry;
