//! Room `report`, level 4. Door sign: an [`Outcome`](crate::run::Outcome), or a pair's record, to text; touches neither engine
//! nor disk, and knows nothing that the record does not say.

mod format;
mod ink;
mod plain;
mod table;

mod batch;
mod console;
mod contrast;
mod explain;
mod figures;
mod frames;
mod grid;
mod html;
mod json;
mod junit;
mod markdown;
mod ndjson;
mod openmetrics;
mod plan;
mod ranges;
mod schema;
mod setting;
mod sections;
mod slots;
mod variation;

pub use console::console;
pub use explain::explain;
pub use format::{Form, Format, FormatError};
pub use html::html;
pub use ink::Ink;
pub use json::{ReadError, json, ranges_json, read_json, variation_json};
pub use junit::junit;
pub use markdown::markdown;
pub use ndjson::ndjson;
pub use openmetrics::openmetrics;
pub use plan::plan;
pub use ranges::ranges;
pub use schema::{explanation_schema, ranges_schema, schema, variation_schema};
pub use setting::Setting;
pub use variation::variation;
