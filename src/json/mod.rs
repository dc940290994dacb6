//! Room `json`, level 0. Door sign: JSON from outside to a type. An array never passes for an object, and an error names the member
//! that is wrong by its path; repeats no value, for it may be a secret.

mod error;
mod objects;

pub use error::{JsonError, from_slice, from_str, from_value};
