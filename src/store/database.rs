//! An open store: its folder, its tenants, and the thread that writes. Must not read an input.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::watch;

use crate::metrics::StoreMeter;

use super::error::StoreError;
use super::head::{Head, io_error};
use super::key_file::shorten;
use super::opened::OpenedDatabase;
use super::position::Position;
use super::schema::database_error;
use super::stored_tenant::{TenantRow, add};
use super::tenant_identity::TenantIdentity;
use super::tenant_store::TenantStore;
use super::writer::{StoreWork, StoreWriter, WriterState};

/// An open store. Dropping it without [`Store::close`] leaves what waits to the thread, and does not wait for it.
#[derive(Debug)]
pub struct Store {
    shared: Arc<StoreShared>,
    thread: JoinHandle<()>,
}

/// What the store and its tenants share.
#[derive(Debug)]
pub(super) struct StoreShared {
    pub(super) path: PathBuf,
    pub(super) state: Arc<WriterState>,
    /// Where work goes, until the store is closed.
    works: Mutex<Option<Sender<StoreWork>>>,
}

impl StoreShared {
    /// Gives work to the thread; if there is none any more, the work learns why.
    pub(super) fn give(&self, work: StoreWork) {
        let works = self.works.lock().unwrap_or_else(PoisonError::into_inner);
        let left = match &*works {
            Some(sender) => sender.send(work).map_err(|unsent| unsent.0),
            None => Err(work),
        };
        drop(works);
        if let Err(work) = left {
            (work.done)(Err(self.state.failure().unwrap_or(StoreError::Closed)));
        }
    }
}

impl Store {
    /// Opens the store of a folder, or makes one in a new or empty folder, for these tenants; also returns theirs, in order. Counts
    /// in `meter`, if there is one.
    ///
    /// # Errors
    /// Any; then what is stored is as before.
    pub fn open(
        folder: &Path,
        identities: &[TenantIdentity],
        meter: Option<StoreMeter>,
    ) -> Result<(Self, Vec<TenantStore>), StoreError> {
        let opened = OpenedDatabase::or_new(folder)?;
        let OpenedDatabase { folder, path, mut connection, commit, found } = opened;
        let mut rows = Vec::with_capacity(identities.len());
        for identity in identities {
            rows.push(find(&found, identity, &path)?);
        }
        // From here on the store is changed.
        let mut positions: BTreeMap<i64, Position> =
            found.into_iter().map(|((number, _), position)| (number, position)).collect();
        let (commit, numbers) = complete(&mut connection, (identities, &rows), commit, &mut positions)
            .map_err(|error| database_error(&path, "the table `tenants`", &error))?;
        let head = Head::open(&folder.head(), commit)?;
        folder.sync()?;
        let state = Arc::<WriterState>::default();
        let (sender, works) = channel();
        if let Some(meter) = &meter {
            let served = numbers.iter().filter_map(|number| positions.get(number));
            meter.recovered(served.map(|position| position.inputs).sum());
        }
        let state_of_writer = Arc::clone(&state);
        let writer = StoreWriter {
            path: path.clone(),
            connection,
            head,
            commit,
            positions,
            state: state_of_writer,
            meter,
            served: numbers.iter().copied().collect(),
            keys: None,
            folder,
        };
        writer.tell_bytes();
        let thread = std::thread::Builder::new().name("store".to_owned()).spawn(move || writer.run(&works));
        let thread = thread.map_err(|error| io_error(&path, &error))?;
        let shared = Arc::new(StoreShared { path, state, works: Mutex::new(Some(sender)) });
        let tenants = identities.iter().zip(numbers).map(|(identity, number)| TenantStore {
            shared: Arc::clone(&shared),
            number,
            identity: Arc::new(identity.clone()),
        });
        let tenants = tenants.collect();
        Ok((Self { shared, thread }, tenants))
    }

    /// Gives the space of what was dropped back to the disk; no server may have the store open.
    ///
    /// # Errors
    /// Any; then what is stored is as before.
    pub fn vacuum(folder: &Path) -> Result<(), StoreError> {
        let OpenedDatabase { folder: locked, path, connection, .. } = OpenedDatabase::existing(folder)?;
        let done = connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
        done.map_err(|error| database_error(&path, "the database", &error))?;
        shorten(&locked.keys())
    }

    /// Becomes true when the store has failed.
    pub fn failures(&self) -> watch::Receiver<bool> {
        self.shared.state.follow()
    }

    /// Why it has failed, if it has.
    pub fn failure(&self) -> Option<StoreError> {
        self.shared.state.failure()
    }

    /// Takes no more, writes what waits, and closes the database.
    ///
    /// # Errors
    /// Why the store has failed.
    pub fn close(self) -> Result<(), StoreError> {
        let Self { shared, thread } = self;
        *shared.works.lock().unwrap_or_else(PoisonError::into_inner) = None;
        // A panic has been reported; what it left unanswered is not stored.
        let _ = thread.join();
        shared.state.failure().map_or(Ok(()), Err)
    }
}

/// The number of a tenant, if it is stored.
fn find(found: &[(TenantRow, Position)], identity: &TenantIdentity, path: &Path) -> Result<Option<i64>, StoreError> {
    let Some(((number, stored), _)) = found.iter().find(|((_, stored), _)| stored.id == identity.id) else {
        return Ok(None);
    };
    match stored.difference(identity) {
        None => Ok(Some(*number)),
        Some((what, difference)) => {
            let tenant = identity.name.clone();
            Err(StoreError::Differs { path: path.to_owned(), tenant, what, difference })
        }
    }
}

/// Adds the tenants that are not stored; returns the last commit, and all their numbers.
fn complete(
    connection: &mut Connection,
    (identities, rows): (&[TenantIdentity], &[Option<i64>]),
    commit: u64,
    positions: &mut BTreeMap<i64, Position>,
) -> rusqlite::Result<(u64, Vec<i64>)> {
    if let Some(all) = rows.iter().copied().collect::<Option<Vec<i64>>>() {
        return Ok((commit, all));
    }
    let commit = commit + 1;
    let transaction = connection.transaction()?;
    let mut numbers = Vec::with_capacity(rows.len());
    for (identity, row) in identities.iter().zip(rows) {
        let number = match row {
            Some(number) => *number,
            None => {
                let number = add(identity, &transaction)?;
                let position = Position { commit, ..Position::default() };
                position.write(number, &transaction)?;
                positions.insert(number, position);
                number
            }
        };
        numbers.push(number);
    }
    transaction.commit()?;
    Ok((commit, numbers))
}
