//! `--vary`: a key and the values that it takes. Must not judge whether a scenario is valid.

pub(crate) mod axis;
mod between;
