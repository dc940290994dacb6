//! The thread that writes: takes what waits, commits it with one sync, and one before it if there are keys, and only then lets it be
//! answered. An error ends it for good: what the system has failed to write once is not tried again. Must not know what an input means.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, OnceLock};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use tokio::sync::watch;

use crate::clock::Stopwatch;
use crate::metrics::StoreMeter;

use super::clock_mark::ClockMark;
use super::error::StoreError;
use super::folder::StoreFolder;
use super::head::Head;
use super::key_file::KeyFile;
use super::key_slots::KeyOwner;
use super::position::Position;
use super::schema::{self, database_error};
use super::stored_input::{Chain, StoredInput};
use super::stored_text::TextChanges;
use super::text_key::TextKey;
use super::texts;

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
    pub(super) texts: TextChanges,
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
    /// The tenants that this process has.
    pub(super) served: BTreeSet<i64>,
    /// The file of keys, from the first write on.
    pub(super) keys: Option<KeyFile>,
    /// Kept, so that no other process takes the folder.
    pub(super) folder: StoreFolder,
}

impl StoreWriter {
    /// Writes until there is no more work to come; then the database is one whole file.
    pub(super) fn run(mut self, works: &Receiver<StoreWork>) {
        let (mut commits, mut inputs) = (0, 0);
        loop {
            let Some((batch, taken)) = self.next(works) else { break };
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
            && let Some(mut keys) = self.keys.take()
            && let Err(error) = keys.sync().and_then(|()| self.checkpoint("TRUNCATE"))
        {
            self.fail(error);
        }
        let Self { connection, folder, .. } = self;
        // The lock goes last.
        drop(connection);
        drop(folder);
    }

    /// Waits for work, and takes what waits behind it; `None` if no more comes. Syncs overwritten keys in time.
    fn next(&mut self, works: &Receiver<StoreWork>) -> Option<(Vec<StoreWork>, usize)> {
        loop {
            let first = match self.keys.as_ref().and_then(KeyFile::wait) {
                None => works.recv().ok()?,
                Some(wait) => match works.recv_timeout(wait) {
                    Ok(first) if !wait.is_zero() => first,
                    Err(RecvTimeoutError::Disconnected) => return None,
                    late => {
                        self.sync_keys();
                        match late {
                            Ok(first) => first,
                            Err(_) => continue,
                        }
                    }
                },
            };
            return Some(batch_behind(first, works));
        }
    }

    fn sync_keys(&mut self) {
        if let Some(keys) = &mut self.keys
            && let Err(error) = keys.sync()
        {
            self.fail(error);
        }
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

    /// Commits a batch, and then tells the head file. Keys are on disk before the commit, and go after it.
    fn write(&mut self, batch: &[StoreWork]) -> Result<(), StoreError> {
        let mut keys = match self.keys.take() {
            Some(keys) => keys,
            None => self.begin()?,
        };
        let slots = keys.keep(batch.iter().flat_map(StoreWork::keys))?;
        let over = self.commit(batch, slots)?;
        self.head.write(self.commit)?;
        keys.erase(over)?;
        self.keys = Some(keys);
        Ok(())
    }

    /// Before the first write.
    fn begin(&mut self) -> Result<KeyFile, StoreError> {
        // What was found in the log may never have been synced: a server that ended at an error of the disk leaves such. To empty the
        // log would wait for a tenant that still reads what it has.
        self.checkpoint("FULL")?;
        schema::upgrade(&mut self.connection, &self.path)?;
        texts::tidy(&mut self.connection, &self.folder, &self.served)
    }

    /// Commits a batch whose keys are in these slots; returns the slots of those that are needed no more.
    fn commit(&mut self, batch: &[StoreWork], slots: Vec<u32>) -> Result<Vec<u32>, StoreError> {
        let commit = self.commit + 1;
        let path = &self.path;
        let (mut slots, mut over) = (slots.into_iter(), Vec::new());
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let written = transaction.and_then(|transaction| {
            for work in batch {
                let position = self.positions.entry(work.tenant).or_default();
                put(work, position, &transaction)?;
                position.commit = commit;
                over.extend(put_texts(work, &mut slots, &transaction)?);
            }
            for tenant in batch.iter().map(|work| work.tenant).collect::<BTreeSet<_>>() {
                self.positions[&tenant].write(tenant, &transaction)?;
            }
            transaction.commit()
        });
        written.map_err(|error| database_error(path, "the database", &error))?;
        self.commit = commit;
        Ok(over)
    }

    /// Copies the log into the database, as far as no reader needs it.
    fn checkpoint(&self, how: &str) -> Result<(), StoreError> {
        let done = self.connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(()));
        done.map_err(|error| database_error(&self.path, "the database", &error))
    }
}

impl StoreWork {
    /// The keys of its texts.
    fn keys(&self) -> impl Iterator<Item = (KeyOwner, &TextKey)> {
        self.texts.kept.iter().map(|text| (KeyOwner { tenant: self.tenant, message: text.message }, &text.key))
    }
}

/// Takes what waits behind a piece of work; returns also how many inputs all have.
fn batch_behind(first: StoreWork, works: &Receiver<StoreWork>) -> (Vec<StoreWork>, usize) {
    let mut taken = first.inputs.len();
    let mut batch = vec![first];
    while taken < INPUTS_A_COMMIT
        && let Ok(next) = works.try_recv()
    {
        taken += next.inputs.len();
        batch.push(next);
    }
    (batch, taken)
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

/// Writes the changes of texts of a piece of work, whose keys are in the next slots; returns the slots of keys that are needed
/// no more.
fn put_texts(
    work: &StoreWork,
    slots: &mut impl Iterator<Item = u32>,
    transaction: &Transaction<'_>,
) -> rusqlite::Result<Vec<u32>> {
    let mut over = if work.begins.is_some() { texts::remove_all(work.tenant, transaction)? } else { Vec::new() };
    let owner = |message: u32| KeyOwner { tenant: work.tenant, message };
    for (text, slot) in work.texts.kept.iter().zip(slots) {
        texts::put(owner(text.message), slot, &text.sealed, transaction)?;
    }
    for message in &work.texts.over {
        over.extend(texts::remove(owner(*message), transaction)?);
    }
    Ok(over)
}
