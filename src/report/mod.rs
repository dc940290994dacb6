//! Module `report`, level 4: renders an [`Outcome`](crate::outcome::Outcome), or a pair's record, as text. Must not
//! touch the engine or the disk, and must not add anything to the record.

mod document;
mod render;

mod format;
mod schema;

pub use document::setting::Setting;
pub use format::{Format, FormatError, ReportContent};
pub use render::console::console;
pub use render::explain::explain;
pub use render::html::html;
pub use render::ink::Ink;
pub use render::json::{ReadError, json, ranges_json, read_json, variation_json};
pub use render::junit::junit;
pub use render::markdown::markdown;
pub use render::ndjson::ndjson;
pub use render::openmetrics::openmetrics;
pub use render::plan::plan;
pub use render::ranges::ranges;
pub use render::variation::variation;
pub use schema::{explanation_schema, ranges_schema, schema, variation_schema};
