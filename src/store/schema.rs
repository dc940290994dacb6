//! The tables of the database, and how it is opened. Must not read a tenant.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction};

use super::error::StoreError;

/// Marks a database as a store: "RVLE".
const APPLICATION_ID: i64 = 0x5256_4C45;
/// The format of the tables and of what is in them.
const FORMAT: i64 = 2;
/// How long another program may hold the database before the store gives up.
const BUSY_WAIT_MAX: Duration = Duration::from_secs(30);

/// The tables: the format that brought it, the name, and how it is made. `positions` is apart from `tenants`, because it is
/// written with each commit.
const TABLES: [(i64, &str, &str); 4] = [
    (
        1,
        "tenants",
        "CREATE TABLE tenants(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, scenario_hash TEXT NOT NULL, \
         scenario TEXT NOT NULL, seed TEXT NOT NULL, model_version INTEGER NOT NULL, checksum BLOB NOT NULL) STRICT",
    ),
    (
        1,
        "positions",
        "CREATE TABLE positions(tenant INTEGER PRIMARY KEY, committed INTEGER NOT NULL, era INTEGER NOT NULL, inputs INTEGER NOT NULL, \
         now_ms INTEGER NOT NULL, times INTEGER NOT NULL, times_at_start INTEGER NOT NULL, wall_ms INTEGER NOT NULL, \
         last_event INTEGER NOT NULL, chain BLOB NOT NULL, checksum BLOB NOT NULL) STRICT",
    ),
    (
        1,
        "inputs",
        "CREATE TABLE inputs(tenant INTEGER NOT NULL, sequence INTEGER NOT NULL, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, \
         body BLOB NOT NULL, chain BLOB NOT NULL, PRIMARY KEY(tenant, sequence)) STRICT, WITHOUT ROWID",
    ),
    (
        2,
        "texts",
        "CREATE TABLE texts(tenant INTEGER NOT NULL, message INTEGER NOT NULL, slot INTEGER NOT NULL, sealed BLOB NOT NULL, \
         checksum BLOB NOT NULL, PRIMARY KEY(tenant, message)) STRICT, WITHOUT ROWID",
    ),
];

/// Opens a database, which must be there; it is not changed.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
        connection.busy_timeout(BUSY_WAIT_MAX)?;
        // A log that is damaged must be left as it is, also when this connection is closed.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        Ok(connection)
    });
    opened.map_err(|error| database_error(path, "the database", &error))
}

/// Has nothing been made in the database yet?
pub(super) fn is_empty(connection: &Connection, path: &Path) -> Result<bool, StoreError> {
    let tables = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0));
    Ok(tables.map_err(|error| database_error(path, "the database", &error))? == 0)
}

/// Makes the tables of a new database.
pub(super) fn make(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let mut made = || -> rusqlite::Result<()> {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        let transaction = connection.transaction()?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        add_tables(&transaction, 0)?;
        transaction.commit()
    };
    made().map_err(|error| database_error(path, "the database", &error))
}

/// Brings a database of an earlier format to this one.
pub(super) fn upgrade(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let mut upgraded = || -> rusqlite::Result<()> {
        let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if found == FORMAT {
            return Ok(());
        }
        let transaction = connection.transaction()?;
        add_tables(&transaction, found)?;
        transaction.commit()
    };
    upgraded().map_err(|error| database_error(path, "the database", &error))
}

/// Makes the tables that came after a format.
fn add_tables(transaction: &Transaction<'_>, after: i64) -> rusqlite::Result<()> {
    for (_, _, table) in TABLES.iter().filter(|(since, ..)| *since > after) {
        transaction.execute(table, [])?;
    }
    transaction.pragma_update(None, "user_version", FORMAT)
}

/// Whether the database has a table: one of an earlier format has fewer.
pub(super) fn has_table(connection: &Connection, table: &str, path: &Path) -> Result<bool, StoreError> {
    connection.table_exists(None, table).map_err(|error| database_error(path, "the database", &error))
}

/// Checks that a database is a store of this format, with its tables as they were made and its pages whole.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| database_error(path, "the database", &error);
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(failed);
    if number("application_id")? != APPLICATION_ID {
        return Err(StoreError::Foreign {
            path: path.to_owned(),
            what: "another program made the database".to_owned(),
        });
    }
    let found = number("user_version")?;
    if found > FORMAT {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: FORMAT });
    }
    for (_, name, table) in TABLES.iter().filter(|(since, ..)| *since <= found) {
        let made: rusqlite::Result<String> =
            connection.query_row("SELECT sql FROM sqlite_schema WHERE name = ?1", [name], |row| row.get(0));
        if made.map_err(failed)? != *table {
            return Err(damaged(path, &format!("the table `{name}`"), "it is not as it was made"));
        }
    }
    let whole: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0)).map_err(failed)?;
    if whole != "ok" {
        return Err(damaged(path, "its pages", &whole));
    }
    Ok(())
}

/// An error for something that is not what was committed.
pub(super) fn damaged(path: &Path, place: &str, what: &str) -> StoreError {
    StoreError::Damaged { path: path.to_owned(), place: place.to_owned(), what: what.to_owned() }
}

/// An error of `SQLite`.
pub(super) fn database_error(path: &Path, place: &str, error: &rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode;
    match error {
        rusqlite::Error::SqliteFailure(code, _) if code.code == ErrorCode::NotADatabase => StoreError::Foreign {
            path: path.to_owned(),
            what: "the file is no database, or its first bytes are damaged".to_owned(),
        },
        rusqlite::Error::SqliteFailure(code, _) if code.code != ErrorCode::DatabaseCorrupt => {
            StoreError::Io { path: path.to_owned(), cause: error.to_string() }
        }
        // A value of another type, a missing row or a page that makes no sense.
        other => damaged(path, place, &other.to_string()),
    }
}
