//! Where the audit log of a server goes: a file of its own, the log, or nowhere. Must only wire.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::audit_file::AuditFile;
use crate::cli::args::serve_args::ServeArgs;
use crate::metrics::Board;
use crate::server::audit::AuditLog;

/// The record of a server, and its file.
#[derive(Debug)]
pub(super) struct AuditRecording {
    pub(super) log: AuditLog,
    file: Option<Arc<Mutex<AuditFile>>>,
}

impl AuditRecording {
    /// Opens what the command line names; lines that cannot be written are counted on the board.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn open(args: &ServeArgs, board: &Arc<Board>) -> anyhow::Result<Self> {
        match args.audit_log.as_deref() {
            None => Ok(Self { log: AuditLog::off(), file: None }),
            Some(path) if path == Path::new("-") => {
                let log = AuditLog::to(|line| {
                    tracing::info!(target: "reveille::audit", entry = line.trim_end(), "audit");
                    Ok(())
                });
                Ok(Self { log, file: None })
            }
            Some(path) => {
                let file = Arc::new(Mutex::new(AuditFile::open(path)?));
                let (into, board) = (Arc::clone(&file), Arc::clone(board));
                let log = AuditLog::to(move |line| {
                    let written = into.lock().unwrap_or_else(PoisonError::into_inner).append(line);
                    written.inspect_err(|_| board.audit_lost())
                });
                Ok(Self { log, file: Some(file) })
            }
        }
    }

    /// Opens its file anew.
    ///
    /// # Errors
    /// If it cannot be written; the old one is written on.
    pub(super) fn reopen(&self) -> anyhow::Result<()> {
        self.file.as_ref().map_or(Ok(()), |file| file.lock().unwrap_or_else(PoisonError::into_inner).reopen())
    }
}
