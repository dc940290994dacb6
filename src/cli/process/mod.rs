//! Signals, atomic files, the environment. Must not know a command.

pub(crate) mod atomic_file;
pub(crate) mod hangup;
pub(crate) mod setting;
pub(crate) mod stop;
