//! The scenario language: what is accepted, refused and explained.

pub(crate) mod beginners;
pub(crate) mod diagnostics;
pub(crate) mod directory;
pub(crate) mod expectations;
pub(crate) mod extremes;
pub(crate) mod extremes_limits;
pub(crate) mod imports;
pub(crate) mod mutations;
pub(crate) mod outside;
pub(crate) mod privacy;
pub(crate) mod schema;
pub(crate) mod shipped;
pub(crate) mod sites;
pub(crate) mod vocabulary;
