//! Reading: devices as Intune sees them, which lags behind; users, groups, members and devices as the directory has them, which does
//! not (R36, R37). Changes nothing but when a device was told to check in.

pub(crate) mod devices;
pub(crate) mod groups;
mod look;
pub(crate) mod managed;
pub(crate) mod organization;
pub(crate) mod users;
