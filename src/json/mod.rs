//! Module `json`, level 0: JSON from outside to a type. An array is not accepted for an object, and an error names the
//! path of the wrong member. Must not repeat values: a value may be a secret.

mod error;
mod objects;

pub use error::{JsonError, from_slice, from_str, from_value};
