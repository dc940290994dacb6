//! Module `http`, level 2: the transport of every API: listeners, TLS, web configurations, limits, bodies, links and
//! the proxy. Must not know any route or tenant, and must not touch files.

mod limits;
mod deadlines;
mod budget;
mod peers;
mod work;
mod budgets;

mod named_clients;
mod tls_settings;
mod tls;
mod origin;
mod host_names;
mod exchange;
mod timed_stream;
mod accept;
mod connection;
mod drain;
mod listener;

mod web_config;
mod basic_auth;
mod web_access;

mod coding;
mod body;
mod answer_body;
mod query;

mod relay;
mod proxy;

pub(crate) use answer_body::{hold, hold_in_any_case};
pub(crate) use basic_auth::Unadmitted;
pub(crate) use body::{BodyError, BodyLimits, read, read_off};
pub(crate) use budget::{Budget, BudgetShare, Exhausted, RETRY_AFTER_SECONDS};
pub use budgets::{BudgetLimits, Budgets};
pub(crate) use coding::ACCEPTED as ACCEPTED_CODINGS;
pub use host_names::HostNames;
pub use listener::{ListenError, ListenerOptions, ListenerUse, Server};
pub use origin::{Forwarded, LinkOrigins, PublicUrl, Scheme};
pub use proxy::{Others, Proxy};
pub(crate) use query::{NotUtf8, pairs, utf8};
pub use tls::Tls;
pub use tls_settings::{ClientCertificates, TlsError, TlsPart, TlsSettings, TlsVersions};
pub use web_access::{TlsSwitch, WebAccess};
pub use web_config::{PemSource, TlsSection, WebConfig, WebConfigError, WebConfigUse};
pub(crate) use work::{Cancelled, WorkError};
