//! A web configuration: TLS, client certificates and passwords of a listener, in the form that Prometheus and its
//! exporters read. Must not touch files.

mod error;
mod yaml;
mod tls_section;
mod config;

pub use config::{WebConfig, WebConfigUse};
pub use error::WebConfigError;
pub use tls_section::{PemSource, TlsSection};
