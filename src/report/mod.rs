//! Room `report`, level 4. Door sign: an [`Outcome`](crate::run::Outcome), or a pair's record, to text; touches neither engine
//! nor disk, and knows nothing that the record does not say.

mod format;
mod ink;
mod table;

mod console;
mod json;
mod ndjson;
mod plan;
mod schema;
mod sections;

pub use console::console;
pub use format::{Form, Format, FormatError};
pub use ink::Ink;
pub use json::json;
pub use ndjson::ndjson;
pub use plan::plan;
pub use schema::schema;
