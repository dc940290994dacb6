//! Module `control`, level 5: the control API, by which a test or an operator acts on a hosted tenant and observes it,
//! over HTTP with a token of its own. Must not hold rules of the service or tell the text of a message
//! but as a phone shows it.

mod problem;
mod extract;
mod access;
mod tenant_handle;

mod health;
mod messages;
mod devices;
mod phones;
mod journeys;
mod faults;
mod time;
mod state;
mod tenants;
mod reload;
mod events;

mod router;

pub use reload::{ReloadRequest, ReloadRequests, Reloaded};
pub use router::{document, service};
pub(crate) use state::StateFile;
pub use tenant_handle::Control;
