//! What late turns wait for. Must contain names only.

/// What a turn waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Every cause, in the order of reports.
    pub const ALL: [Self; 5] = [Self::FanOut, Self::Timer, Self::Watermark, Self::Activation, Self::Turn];

    /// The name in reports and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FanOut => "fan_out",
            Self::Timer => "timer",
            Self::Watermark => "watermark",
            Self::Activation => "activation",
            Self::Turn => "turn",
        }
    }
}
