//! The two editions of the service that are emulated. Where a rule differs, its function takes the [`Profile`].

/// Which edition of the service is emulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// The service as documented in September 2019.
    #[default]
    Intune2019,
    /// The service as documented since October 2025.
    Intune2025,
}

impl Profile {
    /// The name in scenarios, reports and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Intune2019 => "intune-2019",
            Self::Intune2025 => "intune-2025",
        }
    }
}
