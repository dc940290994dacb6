//! Room `report`, level 4. Door sign: an [`Outcome`](crate::run::Outcome) to text; touches neither engine nor disk, and knows
//! nothing that the record does not say.

mod format;
mod ink;
mod table;

mod console;
mod explain;
mod json;
mod plan;
mod schema;
mod sections;

pub use console::console;
pub use explain::explain;
pub use format::{Format, FormatError};
pub use ink::Ink;
pub use json::json;
pub use plan::plan;
pub use schema::{explanation_schema, schema};
