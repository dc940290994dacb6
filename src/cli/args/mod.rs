//! The definition of the command line. Must not do anything.

pub(crate) mod budget_flags;
pub(crate) mod completion;
pub(crate) mod definition;
pub(crate) mod explain_args;
pub(crate) mod forecast_args;
mod help;
pub(crate) mod listen;
pub(crate) mod replay;
pub(crate) mod serve_args;
pub(crate) mod seed_span;
pub(crate) mod store_args;
