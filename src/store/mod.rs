//! Module `store`, level 2: the inputs of hosted tenants on disk, in `SQLite`: written in order, synced before they are
//! answered, checked when they are read. The only module that knows the database. Must not know what an input means.

mod check;
mod clock_mark;
mod database;
mod error;
mod folder;
mod head;
mod opened;
mod position;
mod schema;
mod stored_input;
mod stored_tenant;
mod tenant_identity;
mod tenant_store;
mod writer;

pub use check::{CheckedTenant, StoreCheck};
pub use clock_mark::ClockMark;
pub use database::Store;
pub use error::StoreError;
pub use stored_input::StoredInput;
pub use stored_tenant::StoredTenant;
pub use tenant_identity::TenantIdentity;
pub use tenant_store::{TenantStore, WAITING_INPUTS_MAX};
