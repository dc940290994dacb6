//! Module `graph`, level 4: the Graph API of hosted tenants over HTTP, in the words of Microsoft Graph. Must not hold
//! rules of the service or touch files.

mod route;
mod address;
mod error;
mod answer;
mod call;
mod call_entry;
mod record;

mod ids;
mod scene;
mod entities;
mod writer;
mod places;
mod list;
mod listing;

mod authorize;
mod texts;
mod send;
mod bulk;
mod read;
mod batch;
mod authority;

mod schemas;
mod document_paths;
mod dispatch;
mod document;
mod tenant;
mod tenants;
mod hosts;
mod cors;
mod router;

pub use authority::SignIn;
pub use document::document;
pub use entities::reference;
pub(crate) use error::GraphError;
pub use hosts::MICROSOFT_HOSTS;
pub use ids::GraphIds;
pub use router::service;
pub(crate) use send::{posting_of, send_as};
pub use tenant::{GraphTenant, GraphTenantOptions, Throttling};
pub use tenants::{Tenants, TenantsError};
