//! What late turns wait for. Must contain names only.

/// What a turn waited for, in the order of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum LagCause {
    /// Its input, in the shard's inbox or in a fan-out that was not there yet.
    FanOut,
    /// Its timer, while the shard was busy with others.
    Timer,
    /// The watermark: the tenant's promise that no input comes before it.
    Watermark,
    /// The turn limiter, and a free slot for its actors.
    Activation,
    /// The actors' own work and mailboxes.
    Turn,
}

impl LagCause {
    /// The name in reports and metrics.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}
