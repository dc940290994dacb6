//! The actors of one phone and what a turn carries through them. Must not decide what the service does.

pub(crate) mod device;
mod portal;
pub(crate) mod crash;
pub(crate) mod incarnation;
pub(crate) mod record;
pub(crate) mod slot;
pub(crate) mod turn;
pub(crate) mod turn_faults;
pub(crate) mod turn_work;
