//! Module `http`, level 2: the transport of every API: listeners, TLS, limits, bodies, links and the proxy. Must not
//! know any route or tenant, and must not touch files.

mod limits;
mod tls;
mod connection;
mod drain;
mod listener;

mod coding;
mod body;
mod query;
mod origin;

mod relay;
mod proxy;

pub(crate) use body::{BodyError, read, read_off};
pub(crate) use coding::ACCEPTED as ACCEPTED_CODINGS;
pub use listener::{ListenError, Server};
pub use origin::{Forwarded, LinkOrigins, PublicUrl, Scheme};
pub use proxy::{Others, Proxy};
pub(crate) use query::{NotUtf8, pairs, utf8};
pub use tls::{Tls, TlsError};
