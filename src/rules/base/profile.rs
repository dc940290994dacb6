//! The two editions of the service that are emulated. Where a rule differs, its function takes the [`Profile`].

/// Which edition of the service is emulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
#[strum(const_into_str)]
pub enum Profile {
    /// The service as documented in September 2019.
    #[default]
    #[strum(serialize = "intune-2019")]
    Intune2019,
    /// The service as documented since October 2025.
    #[strum(serialize = "intune-2025")]
    Intune2025,
}

impl Profile {
    /// The name in scenarios, reports and metrics.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}
