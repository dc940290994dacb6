//! Room `api`, level 4. Door sign: HTTP to the engine and back, in the words of Microsoft Graph; holds no rule of the service,
//! touches no file.

mod route;
mod address;
mod failure;
mod answer;
mod call;

mod roll;
mod handset;
mod managed_device;
mod user;
mod group;
mod shown;
mod list;
mod listing;

mod warrant;
mod texts;
mod send;
mod bulk;
mod read;
mod batch;
mod authority;

mod schemas;
mod document;
mod face;
mod tenants;
mod door;
mod server;
mod tls;

pub use authority::SignIn;
pub use document::document;
pub(crate) use door::read_off;
pub use face::{Face, FaceOptions, Throttling};
pub use roll::Roll;
pub use server::{ListenError, Server};
pub use tenants::{Tenants, TenantsError};
pub use tls::{Tls, TlsError};
