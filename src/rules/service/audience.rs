//! Why a pair belongs to the audience of a message. Only words; the tenant decides.

/// Why a pair belongs to a message; the first that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub enum AudienceClass {
    /// Reached by catch-up.
    LateJoiner,
    /// No longer a member in truth at the send, still visible.
    StaleMember,
    /// Unenrolled in truth at the send, still visible.
    StaleDevice,
    /// Plainly a member, or the single target.
    Member,
}

impl AudienceClass {
    /// In the order of the first that fits.
    pub const ALL: [Self; 4] = [Self::LateJoiner, Self::StaleMember, Self::StaleDevice, Self::Member];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LateJoiner => "late_joiner",
            Self::StaleMember => "stale_member",
            Self::StaleDevice => "stale_device",
            Self::Member => "member",
        }
    }
}
