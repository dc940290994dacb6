//! Room `metrics`, level 1. Door sign: counts, and is never read back. Imports `rules` only; every name is in [`Name`].

mod name;

mod samples;

mod batch;

mod http;

mod meters;

mod server;

pub use batch::{ActorKind, Batch};
pub use http::HttpRoute;
pub use meters::{Meters, Moment};
pub use name::{Kind, Name};
pub use samples::Samples;
pub use server::{ServeError, Server};
