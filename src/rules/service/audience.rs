//! Why a pair belongs to the audience of a message. Only words; the tenant decides.

use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// Why a pair belongs to a message; the first that fits, in this order.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case", const_into_str)]
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
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}
