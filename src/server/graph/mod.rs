//! Room `api`, level 4. Door sign: HTTP to the engine and back, in the words of Microsoft Graph; holds no rule of the service,
//! touches no file.

mod route;
mod address;
mod error;
mod answer;
mod call;

mod ids;
mod scene;
mod entities;
mod writer;
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
pub use hosts::MICROSOFT_HOSTS;
pub use ids::GraphIds;
pub use router::service;
pub use tenant::{GraphTenant, GraphTenantOptions, Throttling};
pub use tenants::{Tenants, TenantsError};
