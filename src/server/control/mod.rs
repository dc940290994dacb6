//! Room `control`, level 5. Door sign: what a test or an operator does to a hosted tenant and learns of it, over HTTP with a token
//! of its own; holds no rule of the service, and reads no text of a message.

mod problem;
mod extract;
mod tenant_handle;

mod health;
mod messages;
mod devices;
mod journeys;
mod faults;
mod time;
mod written;
mod state;
mod events;

mod router;

pub use router::{document, service};
pub use tenant_handle::Control;
