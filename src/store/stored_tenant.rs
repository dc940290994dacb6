//! A tenant as it is stored: its row, and its inputs, which are checked as they are read. Must not change anything.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::clock_mark::ClockMark;
use super::error::StoreError;
use super::folder::StoreFolder;
use super::opened::OpenedDatabase;
use super::position::Position;
use super::schema::{damaged, database_error, open};
use super::stored_input::{Chain, StoredInput, shortened};
use super::stored_text::StoredText;
use super::tenant_identity::TenantIdentity;
use super::text_losses::TextLosses;
use super::texts;

/// Inputs that are read at once.
const INPUTS_A_PIECE: i64 = 8_192;

/// A tenant, to be read from the first input to the last.
#[derive(Debug)]
pub struct StoredTenant {
    path: PathBuf,
    connection: Connection,
    number: i64,
    identity: TenantIdentity,
    position: Position,
    read: u64,
    chain: Chain,
    /// Of one that no server has open.
    _folder: Option<StoreFolder>,
}

/// A row of `tenants`.
pub(super) type TenantRow = (i64, TenantIdentity);

/// The tenants of a database, by number.
pub(super) fn tenants(connection: &Connection, path: &Path) -> Result<Vec<TenantRow>, StoreError> {
    let read = |row: &Row| {
        let [id, name, scenario_hash, scenario, seed] =
            [1, 2, 3, 4, 5].map(|column: usize| row.get::<_, String>(column));
        let row_of = (row.get::<_, i64>(0)?, [id?, name?, scenario_hash?, scenario?, seed?], row.get::<_, i64>(6)?);
        Ok((row_of, row.get::<_, Chain>(7)?))
    };
    let rows = connection
        .prepare("SELECT * FROM tenants ORDER BY number")
        .and_then(|mut statement| statement.query_map([], read)?.collect::<rusqlite::Result<Vec<_>>>())
        .map_err(|error| database_error(path, "the table `tenants`", &error))?;
    let identity = |(row, checksum): ((i64, [String; 5], i64), Chain)| {
        let (number, [id, name, scenario_hash, scenario, seed], model) = row;
        let (id, seed, model_version) = (Uuid::try_parse(&id).ok()?, seed.parse().ok()?, u32::try_from(model).ok()?);
        let identity = TenantIdentity { id, name, scenario_hash, scenario, seed, model_version };
        (identity.checksum(number) == checksum).then_some((number, identity))
    };
    let whole = rows.into_iter().enumerate().map(|(at, row)| {
        identity(row)
            .ok_or_else(|| damaged(path, &format!("row {at} of the table `tenants`"), "its checksum does not fit"))
    });
    whole.collect()
}

/// Writes the row of a new tenant, and returns its number.
pub(super) fn add(identity: &TenantIdentity, connection: &Connection) -> rusqlite::Result<i64> {
    let number = connection.query_row("SELECT coalesce(max(number), 0) + 1 FROM tenants", [], |row| row.get(0))?;
    let TenantIdentity { id, name, scenario_hash, scenario, seed, model_version } = identity;
    connection.execute(
        "INSERT INTO tenants VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            number,
            id.to_string(),
            name,
            scenario_hash,
            scenario,
            seed.to_string(),
            model_version,
            identity.checksum(number)
        ],
    )?;
    Ok(number)
}

/// The position of a tenant.
pub(super) fn position(
    (number, identity): &TenantRow,
    connection: &Connection,
    path: &Path,
) -> Result<Position, StoreError> {
    let place = format!("the position of `{}`", identity.name);
    match Position::read(*number, connection).map_err(|error| database_error(path, &place, &error))? {
        Some((position, true)) => Ok(position),
        Some((_, false)) => Err(damaged(path, &place, "its checksum does not fit")),
        None => Err(damaged(path, &place, "it is not there")),
    }
}

impl TenantIdentity {
    fn checksum(&self, number: i64) -> Chain {
        let mut hash = Sha256::new();
        hash.update(number.to_le_bytes());
        hash.update(self.id.as_bytes());
        hash.update(self.seed.to_le_bytes());
        hash.update(self.model_version.to_le_bytes());
        for text in [&self.name, &self.scenario_hash, &self.scenario] {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
        shortened(hash)
    }
}

impl StoredTenant {
    /// The tenant of this name, or the only one, of a store that no server has open.
    ///
    /// # Errors
    /// Any but those of an input.
    pub fn of(folder: &Path, name: Option<&str>) -> Result<Self, StoreError> {
        let OpenedDatabase { folder, path, found, .. } = OpenedDatabase::existing(folder)?;
        let names: Vec<&str> = found.iter().map(|((_, identity), _)| identity.name.as_str()).collect();
        let at = match (name, names.as_slice()) {
            (None, [_]) => Some(0),
            (None, _) => None,
            (Some(name), names) => names.iter().position(|known| *known == name),
        };
        let Some((row, _)) = at.and_then(|at| found.get(at)) else {
            return Err(StoreError::NoTenant { path, names: names.join(", ") });
        };
        let stored = Self::open(&path, row.clone())?;
        Ok(Self { _folder: Some(folder), ..stored })
    }

    /// A tenant of a database, read as it is now.
    pub(super) fn open(path: &Path, row: TenantRow) -> Result<Self, StoreError> {
        let connection = open(path)?;
        // What a server writes meanwhile is not seen.
        let begun = connection.execute_batch("BEGIN");
        begun.map_err(|error| database_error(path, "the database", &error))?;
        let position = position(&row, &connection, path)?;
        let (path, (number, identity)) = (path.to_owned(), row);
        Ok(Self { path, connection, number, identity, position, read: 0, chain: Chain::default(), _folder: None })
    }

    /// What its inputs are inputs of.
    pub const fn identity(&self) -> &TenantIdentity {
        &self.identity
    }

    /// How often it was reset.
    pub const fn era(&self) -> u64 {
        self.position.era
    }

    /// Where its clock was when something was written last.
    pub const fn clock(&self) -> ClockMark {
        self.position.clock
    }

    /// The number of its inputs.
    pub const fn inputs(&self) -> u64 {
        self.position.inputs
    }

    /// Its encrypted texts that have their keys, by message, and how many have none.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and [`StoreError::Io`].
    pub fn texts(&self) -> Result<(Vec<StoredText>, TextLosses), StoreError> {
        texts::of_tenant(&(self.number, self.identity.clone()), &self.connection, &self.path)
    }

    /// The error for an input, by its number from 1, that cannot be what was stored.
    pub fn damaged(&self, input: u64, what: &str) -> StoreError {
        damaged(&self.path, &format!("input {input} of `{}`", self.identity.name), what)
    }

    /// Skips the first `inputs`, which are not checked.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the last of them is not there, and [`StoreError::Io`].
    pub fn skip(&mut self, inputs: u64) -> Result<(), StoreError> {
        (self.read, self.chain) = (0, Chain::default());
        if inputs > 0 {
            let place = format!("input {inputs} of `{}`", self.identity.name);
            let chain = self.connection.query_row(
                "SELECT chain FROM inputs WHERE tenant = ?1 AND sequence = ?2",
                params![self.number, inputs.cast_signed()],
                |row| row.get(0),
            );
            self.chain = chain.map_err(|error| database_error(&self.path, &place, &error))?;
            self.read = inputs;
        }
        Ok(())
    }

    /// The next inputs; none after the last.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and [`StoreError::Io`].
    pub fn next_inputs(&mut self) -> Result<Vec<StoredInput>, StoreError> {
        if self.read == self.position.inputs {
            return Ok(Vec::new());
        }
        let rows = self.rows().map_err(|error| {
            database_error(&self.path, &format!("an input of `{}` after {}", self.identity.name, self.read), &error)
        })?;
        let mut inputs = Vec::with_capacity(rows.len());
        for (sequence, input, chain) in rows {
            let place = format!("input {} of `{}`", self.read + 1, self.identity.name);
            if sequence.cast_unsigned() != self.read + 1 {
                return Err(damaged(&self.path, &place, "it is not there"));
            }
            self.read += 1;
            self.chain = input.chain(&self.chain, self.read);
            if self.chain != chain {
                return Err(damaged(&self.path, &place, "its checksum does not fit"));
            }
            inputs.push(input);
        }
        if self.read == self.position.inputs && self.chain != self.position.chain {
            let place = format!("input {} of `{}`", self.read, self.identity.name);
            return Err(damaged(&self.path, &place, "it is not the one that was written last"));
        }
        if inputs.is_empty() {
            let place = format!("input {} of `{}`", self.read + 1, self.identity.name);
            return Err(damaged(&self.path, &place, "it is not there"));
        }
        Ok(inputs)
    }

    /// The rows after those that were read.
    fn rows(&self) -> rusqlite::Result<Vec<(i64, StoredInput, Chain)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT sequence, at_ms, kind, body, chain FROM inputs WHERE tenant = ?1 AND sequence > ?2 AND sequence <= ?3 \
             ORDER BY sequence LIMIT ?4",
        )?;
        let read = |row: &Row| {
            let kind: String = row.get(2)?;
            let at_ms = row.get::<_, i64>(1)?.cast_unsigned();
            Ok((row.get(0)?, StoredInput { at_ms, kind: kind.into(), body: row.get(3)? }, row.get(4)?))
        };
        let (after, last) = (self.read.cast_signed(), self.position.inputs.cast_signed());
        statement.query_map([self.number, after, last, INPUTS_A_PIECE], read)?.collect()
    }
}

/// The number of the last commit of a database, with every tenant and its position.
pub(super) fn all(connection: &Connection, path: &Path) -> Result<(u64, Vec<(TenantRow, Position)>), StoreError> {
    let mut found = Vec::new();
    for row in tenants(connection, path)? {
        let position = position(&row, connection, path)?;
        found.push((row, position));
    }
    let last = found.iter().map(|(_, position)| position.commit).max().unwrap_or(0);
    let strangers = connection
        .query_row("SELECT count(*) FROM positions", [], |row| row.get::<_, i64>(0))
        .optional()
        .map_err(|error| database_error(path, "the table `positions`", &error))?;
    if strangers != i64::try_from(found.len()).ok() {
        return Err(damaged(path, "the table `tenants`", "it has not one row for each position"));
    }
    Ok((last, found))
}
