//! The table of encrypted texts: written and emptied with the inputs, read with the keys beside it. Must not write a key.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::{Connection, Row, Transaction, params};
use sha2::{Digest as _, Sha256};

use super::error::StoreError;
use super::folder::{StoreFolder, keys_beside};
use super::key_file::KeyFile;
use super::key_slots::{KeyOwner, KeySlots};
use super::schema::{self, damaged, database_error};
use super::stored_input::{Chain, shortened};
use super::stored_tenant::TenantRow;
use super::stored_text::StoredText;
use super::text_losses::TextLosses;

/// The table.
pub(super) const TABLE: &str = "texts";

fn checksum(owner: KeyOwner, slot: u32, sealed: &[u8]) -> Chain {
    let mut hash = Sha256::new();
    hash.update(owner.tenant.to_le_bytes());
    hash.update(owner.message.to_le_bytes());
    hash.update(slot.to_le_bytes());
    hash.update(sealed);
    shortened(hash)
}

/// Writes the row of a text whose key is in a slot.
pub(super) fn put(owner: KeyOwner, slot: u32, sealed: &[u8], transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare_cached("INSERT INTO texts VALUES (?1, ?2, ?3, ?4, ?5)")?;
    statement.execute(params![owner.tenant, owner.message, slot, sealed, checksum(owner, slot, sealed)]).map(drop)
}

/// Removes the row of a text, if there is one; returns the slot of its key.
pub(super) fn remove(owner: KeyOwner, transaction: &Transaction<'_>) -> rusqlite::Result<Vec<u32>> {
    let mut statement =
        transaction.prepare_cached("DELETE FROM texts WHERE tenant = ?1 AND message = ?2 RETURNING slot")?;
    statement.query_map(params![owner.tenant, owner.message], |row| row.get(0))?.collect()
}

/// Removes the rows of a tenant; returns the slots of their keys.
pub(super) fn remove_all(tenant: i64, transaction: &Transaction<'_>) -> rusqlite::Result<Vec<u32>> {
    let mut statement = transaction.prepare_cached("DELETE FROM texts WHERE tenant = ?1 RETURNING slot")?;
    statement.query_map([tenant], |row| row.get(0))?.collect()
}

/// The texts of a tenant that have their keys, by message, and how many have none.
///
/// # Errors
/// [`StoreError::Damaged`] for a row that is not what was written, and [`StoreError::Io`].
pub(super) fn of_tenant(
    (number, identity): &TenantRow,
    connection: &Connection,
    path: &Path,
) -> Result<(Vec<StoredText>, TextLosses), StoreError> {
    let (mut texts, mut losses) = (Vec::new(), TextLosses::default());
    if !schema::has_table(connection, TABLE, path)? {
        return Ok((texts, losses));
    }
    let slots = KeySlots::read(&keys_beside(path))?;
    let rows = rows(*number, connection)
        .map_err(|error| database_error(path, &format!("the texts of `{}`", identity.name), &error))?;
    for TextRow { message, slot, sealed, checksum: written } in rows {
        let owner = KeyOwner { tenant: *number, message };
        if written != checksum(owner, slot, &sealed) {
            let place = format!("the text of message {message} of `{}`", identity.name);
            return Err(damaged(path, &place, "its checksum does not fit"));
        }
        match slots.key(slot, owner) {
            Ok(key) => texts.push(StoredText { message, sealed: sealed.into_boxed_slice(), key }),
            Err(loss) => losses.add(loss),
        }
    }
    Ok((texts, losses))
}

/// A row of the table, without its tenant.
struct TextRow {
    message: u32,
    slot: u32,
    sealed: Vec<u8>,
    checksum: Chain,
}

/// The rows of a tenant, by message.
fn rows(tenant: i64, connection: &Connection) -> rusqlite::Result<Vec<TextRow>> {
    let mut statement = connection
        .prepare_cached("SELECT message, slot, sealed, checksum FROM texts WHERE tenant = ?1 ORDER BY message")?;
    let read =
        |row: &Row| Ok(TextRow { message: row.get(0)?, slot: row.get(1)?, sealed: row.get(2)?, checksum: row.get(3)? });
    statement.query_map([tenant], read)?.collect()
}

/// Checks that every text is of a tenant that is there.
///
/// # Errors
/// [`StoreError::Damaged`] and [`StoreError::Io`].
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    if !schema::has_table(connection, TABLE, path)? {
        return Ok(());
    }
    let strangers = "SELECT count(*) FROM texts WHERE tenant NOT IN (SELECT number FROM tenants)";
    let place = "the table `texts`";
    match connection.query_row(strangers, [], |row| row.get::<_, i64>(0)) {
        Ok(0) => Ok(()),
        Ok(_) => Err(damaged(path, place, "it has a text of a tenant that is not there")),
        Err(error) => Err(database_error(path, place, &error)),
    }
}

/// Before the first write: opens the file of keys, removes the rows of these tenants that have no key in it, and overwrites
/// the keys that no row has: an end of the program between two steps leaves such. Rows of other tenants wait until their loss is told.
///
/// # Errors
/// [`StoreError::Io`].
pub(super) fn tidy(
    connection: &mut Connection,
    folder: &StoreFolder,
    served: &BTreeSet<i64>,
) -> Result<KeyFile, StoreError> {
    let (path, of_keys) = (folder.database(), folder.keys());
    let slots = KeySlots::read(&of_keys)?;
    let mut claimed = BTreeSet::new();
    let mut tidied = || -> rusqlite::Result<()> {
        let transaction = connection.transaction()?;
        for (owner, slot) in owners(&transaction)? {
            if served.contains(&owner.tenant) && slots.key(slot, owner).is_err() {
                // The slot may be another text's.
                remove(owner, &transaction)?;
            } else {
                claimed.insert(slot);
            }
        }
        transaction.commit()
    };
    tidied().map_err(|error| database_error(&path, "the table `texts`", &error))?;
    let keys = KeyFile::open(&of_keys, &slots, &claimed)?;
    folder.sync()?;
    Ok(keys)
}

/// The slot of each text of every tenant.
fn owners(connection: &Connection) -> rusqlite::Result<Vec<(KeyOwner, u32)>> {
    let mut statement = connection.prepare("SELECT tenant, message, slot FROM texts")?;
    let read = |row: &Row| Ok((KeyOwner { tenant: row.get(0)?, message: row.get(1)? }, row.get(2)?));
    statement.query_map([], read)?.collect()
}
