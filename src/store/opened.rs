//! A database that has been opened and checked: its pages, its tenants and positions, and that it has all that was
//! answered. Must not read an input, or change anything.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::error::StoreError;
use super::folder::StoreFolder;
use super::head::Head;
use super::position::Position;
use super::schema::{self, damaged};
use super::stored_tenant::{TenantRow, all};
use super::texts;

/// An open database, with what stands in it besides inputs.
#[derive(Debug)]
pub(super) struct OpenedDatabase {
    pub(super) folder: StoreFolder,
    pub(super) path: PathBuf,
    pub(super) connection: Connection,
    /// The number of the last commit.
    pub(super) commit: u64,
    /// Every tenant, with its position.
    pub(super) found: Vec<(TenantRow, Position)>,
}

impl OpenedDatabase {
    /// That of a store which no server has open.
    ///
    /// # Errors
    /// Any but those of an input.
    pub(super) fn existing(folder: &Path) -> Result<Self, StoreError> {
        let path = folder;
        let folder = StoreFolder::take(path, false)?;
        if !folder.has_database() {
            return Err(StoreError::Absent(path.to_owned()));
        }
        let connection = schema::open(&folder.database())?;
        Self::checked(folder, connection)
    }

    /// The same, which is made if there is none.
    ///
    /// # Errors
    /// As [`OpenedDatabase::existing`].
    pub(super) fn or_new(folder: &Path) -> Result<Self, StoreError> {
        let folder = StoreFolder::take(folder, true)?;
        let path = folder.database();
        if !folder.has_database() {
            folder.make_database()?;
        }
        let mut connection = schema::open(&path)?;
        // A server may have been ended before it came to the tables.
        if schema::is_empty(&connection, &path)? {
            schema::make(&mut connection, &path)?;
        }
        Self::checked(folder, connection)
    }

    fn checked(folder: StoreFolder, connection: Connection) -> Result<Self, StoreError> {
        let path = folder.database();
        schema::check(&connection, &path)?;
        let (commit, found) = all(&connection, &path)?;
        texts::check(&connection, &path)?;
        check_head(&folder, commit)?;
        Ok(Self { folder, path, connection, commit, found })
    }
}

/// Checks that the database has all that was answered.
///
/// # Errors
/// [`StoreError::Damaged`].
fn check_head(folder: &StoreFolder, commit: u64) -> Result<(), StoreError> {
    let (head, path) = (folder.head(), folder.database());
    match Head::last(&head)? {
        Some(last) if last > commit => {
            let what = format!(
                "it was answered and is not there, the last one that is there is {commit}: the log (store.db-wal) was damaged or lost; \
                 to go on without what is lost, remove {}",
                head.display()
            );
            Err(damaged(&path, &format!("commit {last}"), &what))
        }
        _ => Ok(()),
    }
}
