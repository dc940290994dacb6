//! Reads: devices in Intune's view, which lags behind; users, groups, members and devices in the directory's, which
//! does not (R36, R37). Must not change anything but the time of a requested check-in.

pub(crate) mod devices;
pub(crate) mod groups;
mod look;
pub(crate) mod managed;
pub(crate) mod organization;
pub(crate) mod users;
