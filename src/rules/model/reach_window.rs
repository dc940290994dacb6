//! Windows of reach: until when a shown pair counts, after the acceptance of its message. Data only; `counting` counts.

/// A window of reach, as reports name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachWindow {
    /// As written: `15m`, or `08:00`.
    pub name: String,
    /// Until when a pair counts.
    pub until: ReachLimit,
}

/// Until when a shown pair counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReachLimit {
    /// So many ms after the acceptance.
    After(u64),
    /// The first moment after the acceptance at which the device's local time is this, in ms after midnight.
    Local(u32),
}
