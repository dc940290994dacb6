//! Groups of users at the start. Data only; the directory keeps later memberships.

use roaring::RoaringBitmap;

use crate::rules::base::ids::{DeviceIx, GroupIx};

/// A group of users. Devices in it are legal and ignored (R23): they are kept for display only, and no rule reads them.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Unique name.
    pub name: String,
    /// Direct members at the start.
    pub users: Members,
    /// Groups nested in it; cycles are harmless (R22).
    pub groups: Vec<GroupIx>,
    /// Devices that it lists, ascending; for display only.
    pub devices: Vec<DeviceIx>,
}

/// Direct members of a group at the start.
#[derive(Clone, Debug, PartialEq)]
pub enum Members {
    /// Every user of the fleet.
    All,
    /// These, by their indices.
    These(RoaringBitmap),
}
