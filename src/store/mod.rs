//! Module `store`, level 2: the inputs of hosted tenants on disk, in `SQLite`: written in order, synced before they are
//! answered, checked when they are read. Beside them encrypted texts, whose keys are in a file of their own. The only module that knows the
//! database. Must not know what an input means, or open a text.

mod check;
mod clock_mark;
mod database;
mod error;
mod folder;
mod head;
mod key_file;
mod key_slots;
mod opened;
mod position;
mod schema;
mod stored_input;
mod stored_tenant;
mod stored_text;
mod tenant_identity;
mod tenant_store;
mod text_key;
mod text_losses;
mod texts;
mod writer;

pub use check::{CheckedTenant, StoreCheck};
pub use clock_mark::ClockMark;
pub use database::Store;
pub use error::StoreError;
pub use stored_input::StoredInput;
pub use stored_tenant::StoredTenant;
pub use stored_text::{StoredText, TextChanges};
pub use tenant_identity::TenantIdentity;
pub use tenant_store::{TenantStore, WAITING_INPUTS_MAX};
pub use text_key::{TEXT_KEY_BYTES, TextKey};
pub use text_losses::{TextLoss, TextLosses};
