//! Module `console`, level 7: the console in a browser: send, watch and look into a phone, by the functions that the Graph API and
//! the control API use. Must not hold rules of the service, keep a text, or load anything from elsewhere.

mod language;
mod phrase;
mod words;
mod parts;

mod session;
mod state;
mod form;
mod visit;
mod assets;
mod frame;
mod live;
mod gate;
mod sign_in;

mod overview;
mod messages;
mod devices;
mod device;
mod phone;
mod send;
mod forecast;
mod steps;
mod fault_form;
mod faults;
mod scenario;

mod router;

pub use router::service;
pub use state::Console;
