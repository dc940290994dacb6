//! `--vary`: a key and its values. Must not judge whether a scenario is valid.

pub(crate) mod axis;
mod between;
