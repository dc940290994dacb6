//! The program as a process: command line, signals, files for running it.

pub(crate) mod cli;
pub(crate) mod intercept;
pub(crate) mod output;
pub(crate) mod ready;
pub(crate) mod service;
pub(crate) mod stops;
