//! Expectations and the verdict. Must not change a record.

pub(crate) mod alarm;
pub(crate) mod expectations;
pub(crate) mod observed;
pub(crate) mod verdict;
mod windows;
