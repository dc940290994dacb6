//! What is printed where, and how the program exits. Must not read a file.

pub(crate) mod exit;
pub(crate) mod log;
pub(crate) mod watch;
pub(crate) mod writer;
