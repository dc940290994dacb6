//! The authority: HTTP and pages for signing in programs and people, in the words of Entra ID. Must leave decisions to
//! `identity`, keep no secret and touch no file.

mod endpoint;
mod slow_checks;
mod sign_in;
mod request;
mod attempt;
mod reply;
mod page;

mod discovery;
mod proof;
mod issued;
mod token;
mod authorize;
mod device;
mod record;
mod dispatch;
mod schemas;

pub(crate) use dispatch::{answer, takes_form};
pub(crate) use endpoint::{Address, read};
pub(crate) use request::Request;
pub(crate) use schemas::schemas;
pub use sign_in::SignIn;
