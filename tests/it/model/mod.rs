//! Fates: rules, draws, faults, and that both drivers and the independent models agree.

pub(crate) mod calm;
pub(crate) mod chance;
pub(crate) mod conservation;
pub(crate) mod crash;
pub(crate) mod determinism;
pub(crate) mod differential;
pub(crate) mod dismissals;
pub(crate) mod doze;
pub(crate) mod examples;
pub(crate) mod faults;
pub(crate) mod fleet;
pub(crate) mod halts;
pub(crate) mod invariance;
mod kept_texts;
pub(crate) mod parity;
pub(crate) mod postings;
pub(crate) mod quota_state;
pub(crate) mod recorded;
pub(crate) mod switches;
