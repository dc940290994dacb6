//! What a process has to bear beside single requests: clients that do not read, do not write, are many, or are gone.

mod clients;

pub(crate) mod bodies;
pub(crate) mod budgets;
pub(crate) mod callers;
pub(crate) mod descriptors;
pub(crate) mod edges;
pub(crate) mod readers;
