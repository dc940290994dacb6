//! Module `host`, level 4: a hosted tenant: its event loop, revisions, message log, events, replay. Must not print or
//! depend on HTTP.

mod advance;
mod driver;
mod error;
mod failure;
mod host_state;
mod store_feed;
pub(crate) mod events;
pub(crate) mod hosted_tenant;
pub(crate) mod message_log;
pub(crate) mod recall;
mod recovery;
pub(crate) mod request_id;
mod restart;
pub(crate) mod revisions;
mod stations;
mod stored;
pub(crate) mod written;

pub use advance::{ClockJump, SETTLE_MS_MAX};
pub use error::HostError;
pub use events::{Event, EventMark, Events, HAPPENINGS_MAX, Noted};
pub use hosted_tenant::{HostOptions, HostedTenant, PostingVerdict};
pub use message_log::{MessageLog, Posted};
pub use recall::{JourneyLine, Recall};
pub use request_id::RequestId;
pub use restart::{Again, KeptPart};
pub use revisions::SwitchError;
pub use stations::stations;
pub use store_feed::{KeptTenant, read_inputs};
pub(crate) use stored::stored_input;
