//! Every step of one fate in words. Must not state anything that the record does not.

mod causes;
mod decisions;
pub(crate) mod explainer;
pub(crate) mod membership;
pub(crate) mod question;
pub(crate) mod steps;
