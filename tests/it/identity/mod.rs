//! Sign-in, tokens and certificates.

pub(crate) mod certificates;
pub(crate) mod sign_in;
pub(crate) mod tokens;
pub(crate) mod trust;
