//! The program as a process: command line, signals, files for running it.

pub(crate) mod cli;
pub(crate) mod intercept;
mod ready;
pub(crate) mod service;
pub(crate) mod stops;
