//! Where the clock of a tenant was when something was written. Data only.

/// The clock of a tenant at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockMark {
    /// Model time, in ms.
    pub now_ms: u64,
    /// Its speed, in thousandths of a model second per second.
    pub times: u64,
    /// The speed that the server was started with.
    pub times_at_start: u64,
    /// Wall time, in ms since 1970.
    pub wall_ms: u64,
    /// The number of the tenant's last event.
    pub last_event: u64,
}
