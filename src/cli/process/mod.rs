//! Signals, atomic files, the environment, the service manager. Must not know a command.

pub(crate) mod atomic_file;
pub(crate) mod hangup;
pub(crate) mod memory;
pub(crate) mod service_manager;
pub(crate) mod setting;
pub(crate) mod stop;
