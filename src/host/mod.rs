//! Module `host`, level 4: a hosted tenant: its event loop, revisions, message log, events, replay; texts that a phone may
//! still show, encrypted. Must not print, depend on HTTP, or hold a text in the clear.

mod advance;
mod command;
mod driver;
mod error;
mod failure;
mod host_options;
mod host_state;
mod store_feed;
pub(crate) mod events;
pub(crate) mod hosted_tenant;
pub(crate) mod message_log;
mod past;
mod preview;
pub(crate) mod recall;
mod recovery;
pub(crate) mod request_id;
mod restart;
pub(crate) mod revisions;
mod sealed_text;
mod stations;
mod stored;
mod stored_inputs;
mod stored_texts;
pub(crate) mod written;
mod text_upkeep;
mod text_vault;

pub use advance::{ClockJump, SETTLE_MS_MAX};
pub use error::HostError;
pub use events::{Event, EventMark, Events, HAPPENINGS_MAX, Noted};
pub use host_options::HostOptions;
pub use hosted_tenant::{HostedTenant, PostingVerdict};
pub use message_log::{MessageLog, Posted};
pub use past::Past;
pub use preview::{DeviceSlots, Previewer};
pub use recall::{JourneyLine, Recall};
pub use request_id::RequestId;
pub use restart::{Again, KeptPart};
pub use revisions::SwitchError;
pub use stations::stations;
pub use store_feed::KeptTenant;
pub(crate) use stored::stored_input;
pub use stored_inputs::StoredInputs;
pub use text_upkeep::TEXTS_READ_MAX;
