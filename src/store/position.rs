//! How far the inputs of one tenant have come: what the next one follows, and where the clock is. Must not hold an input.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sha2::{Digest as _, Sha256};

use super::clock_mark::ClockMark;
use super::stored_input::{Chain, shortened};

/// The end of a tenant's inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// The commit that wrote it; one number for all tenants.
    pub(super) commit: u64,
    /// How often the tenant was reset.
    pub(super) era: u64,
    /// The number of its inputs since the last reset.
    pub(super) inputs: u64,
    /// The checksum of the last input.
    pub(super) chain: Chain,
    /// Where its clock is.
    pub(super) clock: ClockMark,
}

impl Position {
    /// Its fields as numbers, in the order of the columns.
    const fn numbers(&self) -> [u64; 8] {
        let ClockMark { now_ms, times, times_at_start, wall_ms, last_event } = self.clock;
        [self.commit, self.era, self.inputs, now_ms, times, times_at_start, wall_ms, last_event]
    }

    fn checksum(&self, tenant: i64) -> Chain {
        let mut hash = Sha256::new();
        hash.update(tenant.to_le_bytes());
        for number in self.numbers() {
            hash.update(number.to_le_bytes());
        }
        hash.update(self.chain);
        shortened(hash)
    }

    /// Writes it over the one before.
    pub(super) fn write(&self, tenant: i64, connection: &Connection) -> rusqlite::Result<()> {
        let [commit, era, inputs, now, times, at_start, wall, event] = self.numbers().map(u64::cast_signed);
        let mut statement = connection
            .prepare_cached("INSERT OR REPLACE INTO positions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?;
        let checksum = self.checksum(tenant);
        statement
            .execute(params![tenant, commit, era, inputs, now, times, at_start, wall, event, self.chain, checksum])
            .map(drop)
    }

    /// That of a tenant, and whether its checksum fits; `None` if there is none.
    pub(super) fn read(tenant: i64, connection: &Connection) -> rusqlite::Result<Option<(Self, bool)>> {
        let mut statement = connection.prepare_cached("SELECT * FROM positions WHERE tenant = ?1")?;
        let read = |row: &Row| {
            let number = |column: usize| row.get::<_, i64>(column).map(i64::cast_unsigned);
            let clock = ClockMark {
                now_ms: number(4)?,
                times: number(5)?,
                times_at_start: number(6)?,
                wall_ms: number(7)?,
                last_event: number(8)?,
            };
            let position = Self { commit: number(1)?, era: number(2)?, inputs: number(3)?, chain: row.get(9)?, clock };
            let fits = row.get::<_, Chain>(10)? == position.checksum(tenant);
            Ok((position, fits))
        };
        statement.query_row([tenant], read).optional()
    }
}
