//! From text to one document: TOML, JSON, includes, `--set`, the first check. Must not build anything.

pub(crate) mod canonical;
pub(crate) mod check;
pub(crate) mod document;
mod hints;
pub(crate) mod include;
pub(crate) mod json;
pub(crate) mod loaded;
pub(crate) mod origins;
pub(crate) mod set;
pub(crate) mod view;
