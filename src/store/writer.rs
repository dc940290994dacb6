//! The thread that writes: takes what waits, commits it with one sync, and only then lets it be answered. An error ends
//! it for good: what the system has failed to write once is not tried again. Must not know what an input means.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvError};
use std::sync::{Arc, OnceLock};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use tokio::sync::watch;

use crate::clock::Stopwatch;
use crate::metrics::StoreMeter;

use super::clock_mark::ClockMark;
use super::error::StoreError;
use super::folder::StoreFolder;
use super::head::Head;
use super::position::Position;
use super::schema::database_error;
use super::stored_input::{Chain, StoredInput};

/// Inputs that one transaction takes, unless the first piece of work alone has more.
const INPUTS_A_COMMIT: usize = 1_024;
/// Commits, and inputs, after which the log is copied into the database.
const COMMITS_A_CHECKPOINT: u64 = 256;
const INPUTS_A_CHECKPOINT: usize = 16_384;

/// What is called when a piece of work is on disk, or never will be.
pub(super) type Done = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// A piece of work.
pub(super) struct StoreWork {
    pub(super) tenant: i64,
    /// The era, if the tenant begins anew: the inputs before these are dropped.
    pub(super) begins: Option<u64>,
    pub(super) inputs: Vec<StoredInput>,
    pub(super) clock: ClockMark,
    pub(super) done: Done,
}

/// What the thread shares with those that give it work.
#[derive(Debug)]
pub(super) struct WriterState {
    /// Inputs that wait.
    pub(super) waiting: AtomicUsize,
    /// Why it has failed.
    failure: OnceLock<StoreError>,
    failed: watch::Sender<bool>,
}

impl Default for WriterState {
    fn default() -> Self {
        Self { waiting: AtomicUsize::new(0), failure: OnceLock::new(), failed: watch::Sender::new(false) }
    }
}

impl WriterState {
    /// Why the store has failed.
    pub(super) fn failure(&self) -> Option<StoreError> {
        self.failure.get().cloned()
    }

    /// Becomes true when it has failed.
    pub(super) fn follow(&self) -> watch::Receiver<bool> {
        self.failed.subscribe()
    }

    fn fail(&self, error: StoreError) {
        tracing::error!(%error, "the store has failed");
        let _ = self.failure.set(error);
        self.failed.send_replace(true);
    }
}

/// The thread's own.
pub(super) struct StoreWriter {
    pub(super) path: PathBuf,
    pub(super) connection: Connection,
    pub(super) head: Head,
    /// The number of the last commit.
    pub(super) commit: u64,
    pub(super) positions: BTreeMap<i64, Position>,
    pub(super) state: Arc<WriterState>,
    pub(super) meter: Option<StoreMeter>,
    /// Whether something has been written since the store was opened.
    pub(super) has_begun: bool,
    /// Kept, so that no other process takes the folder.
    pub(super) folder: StoreFolder,
}

impl StoreWriter {
    /// Writes until there is no more work to come; then the database is one whole file.
    pub(super) fn run(mut self, works: &Receiver<StoreWork>) {
        let (mut commits, mut inputs) = (0, 0);
        loop {
            let (batch, taken) = match next_batch(works) {
                Ok(next) => next,
                Err(RecvError) => break,
            };
            let watch = Stopwatch::start();
            let written = self.state.failure().map_or_else(|| self.write(&batch), Err);
            if let Err(error) = &written {
                self.fail(error.clone());
            }
            let waiting = self.state.waiting.fetch_sub(taken, Ordering::Relaxed) - taken;
            if let Some(meter) = &self.meter {
                if written.is_ok() {
                    meter.committed(taken as u64, watch.us());
                }
                meter.waiting(waiting as u64);
            }
            for work in batch {
                (work.done)(written.clone());
            }
            commits += 1;
            inputs += taken;
            if written.is_ok() && (commits >= COMMITS_A_CHECKPOINT || inputs >= INPUTS_A_CHECKPOINT) {
                (commits, inputs) = (0, 0);
                if let Err(error) = self.checkpoint("PASSIVE") {
                    self.fail(error);
                }
                self.tell_bytes();
            }
        }
        // A store that was opened and not written, because something in it is damaged, stays as it is.
        if self.state.failure().is_none()
            && self.has_begun
            && let Err(error) = self.checkpoint("TRUNCATE")
        {
            self.fail(error);
        }
        let Self { connection, folder, .. } = self;
        // The lock goes last.
        drop(connection);
        drop(folder);
    }

    /// Takes no more work; the first error is the cause of the others.
    fn fail(&self, error: StoreError) {
        if self.state.failure().is_none() {
            self.state.fail(error);
        }
        if let Some(meter) = &self.meter {
            meter.failed();
        }
    }

    /// Counts the bytes of the database and of its log.
    pub(super) fn tell_bytes(&self) {
        let Some(meter) = &self.meter else { return };
        let log = self.path.with_extension("db-wal");
        let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |about| about.len());
        meter.bytes(bytes(&self.path) + bytes(&log));
    }

    /// Commits a batch, and then tells the head file.
    fn write(&mut self, batch: &[StoreWork]) -> Result<(), StoreError> {
        if !std::mem::replace(&mut self.has_begun, true) {
            // What was found in the log may never have been synced: a server that ended at an error of the disk leaves such.
            self.checkpoint("TRUNCATE")?;
        }
        let commit = self.commit + 1;
        let path = &self.path;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let written = transaction.and_then(|transaction| {
            for work in batch {
                let position = self.positions.entry(work.tenant).or_default();
                put(work, position, &transaction)?;
                position.commit = commit;
            }
            for tenant in batch.iter().map(|work| work.tenant).collect::<BTreeSet<_>>() {
                self.positions[&tenant].write(tenant, &transaction)?;
            }
            transaction.commit()
        });
        written.map_err(|error| database_error(path, "the database", &error))?;
        self.commit = commit;
        self.head.write(commit)
    }

    /// Copies the log into the database, as far as no reader needs it.
    fn checkpoint(&self, how: &str) -> Result<(), StoreError> {
        let done = self.connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(()));
        done.map_err(|error| database_error(&self.path, "the database", &error))
    }
}

/// Waits for work, and takes what waits behind it; returns also how many inputs it has.
fn next_batch(works: &Receiver<StoreWork>) -> Result<(Vec<StoreWork>, usize), RecvError> {
    let first = works.recv()?;
    let mut taken = first.inputs.len();
    let mut batch = vec![first];
    while taken < INPUTS_A_COMMIT
        && let Ok(next) = works.try_recv()
    {
        taken += next.inputs.len();
        batch.push(next);
    }
    Ok((batch, taken))
}

/// Writes a piece of work behind a position, and moves it.
fn put(work: &StoreWork, position: &mut Position, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    if let Some(era) = work.begins {
        transaction.prepare_cached("DELETE FROM inputs WHERE tenant = ?1")?.execute([work.tenant])?;
        *position = Position { era, inputs: 0, chain: Chain::default(), ..*position };
    }
    let mut statement = transaction.prepare_cached("INSERT INTO inputs VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for input in &work.inputs {
        position.inputs += 1;
        position.chain = input.chain(&position.chain, position.inputs);
        let (sequence, at_ms) = (position.inputs.cast_signed(), input.at_ms.cast_signed());
        statement.execute(params![work.tenant, sequence, at_ms, input.kind, input.body, position.chain])?;
    }
    position.clock = work.clock;
    Ok(())
}
