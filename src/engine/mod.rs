//! Room `engine`, level 2. Door sign: actors carry messages and ask `rules` for every decision; a domain `if` here is a fault.

mod tenancy;
mod options;
mod error;
mod messages;
mod turn;
mod tenant;
mod asked;
mod staff;
mod shard;
mod tray;
mod desk;
mod phone;
mod fan_out;
mod residency;
mod strikes;
mod peril;
mod gauges;
mod ends;
mod lag;
mod look;
mod device;
mod portal;
mod record;
mod wheel;
mod books;
mod progress;

pub use books::{Books, Fates, PairFate, Restarts};
pub use ends::Outlet;
pub use error::EngineError;
pub use lag::Lag;
pub use look::{MessageLook, News, PhoneLook, Totals};
pub use messages::{Answers, Verdicts};
pub use options::{ActorKind, Moment, Options, Sabotage};
pub use progress::Progress;
pub use record::RecordError;
pub use tenancy::{Engine, Tenancy};
