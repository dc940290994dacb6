//! Module `control`, level 5: the control API, by which a test or an operator acts on a hosted tenant and observes it,
//! over HTTP with a token of its own. Must not hold rules of the service or tell the text of a message
//! but as a phone shows it.

mod problem;
mod extract;
pub(crate) mod access;
mod tenant_handle;

pub(crate) mod health;
pub(crate) mod messages;
pub(crate) mod devices;
pub(crate) mod phones;
mod journeys;
pub(crate) mod preview;
pub(crate) mod faults;
pub(crate) mod time;
pub(crate) mod state;
mod tenants;
mod reload;
mod events;

mod router;

pub(crate) use problem::Problem;
pub use reload::{ReloadRequest, ReloadRequests, Reloaded};
pub use router::{document, service};
pub(crate) use state::StateFile;
pub use tenant_handle::Control;
pub(crate) use tenant_handle::TenantHandle;
