//! Module `host`, level 4: a hosted tenant: its event loop, revisions, message log, events, replay. Must not print or know HTTP.

mod driver;
pub(crate) mod events;
pub(crate) mod hosted_tenant;
pub(crate) mod message_log;
pub(crate) mod recall;
pub(crate) mod request_id;
pub(crate) mod revisions;

pub use events::{HAPPENINGS_MAX, Happening, Happenings, Noted};
pub use hosted_tenant::{Again, Host, HostError, HostOptions, PostingVerdict};
pub use message_log::{Book, Posted};
pub use recall::{JourneyLine, Recall};
pub use request_id::RequestId;
pub use revisions::SwitchError;
