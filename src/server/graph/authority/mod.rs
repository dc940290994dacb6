//! The authority: where programs and people sign in, in the words of Entra ID. Decisions are `identity`'s; this is HTTP and pages.
//! Keeps no secret, touches no file.

mod endpoint;
mod sign_in;
mod request;
mod reply;
mod page;

mod discovery;
mod proof;
mod issued;
mod token;
mod authorize;
mod device;
mod dispatch;
mod schemas;

pub(crate) use dispatch::answer;
pub(crate) use endpoint::{Address, read};
pub(crate) use request::Request;
pub(crate) use schemas::schemas;
pub use sign_in::SignIn;
