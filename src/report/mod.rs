//! Module `report`, level 4: renders an [`Outcome`](crate::outcome::Outcome), or a pair's record, as text. Must not
//! touch the engine or the disk, and must not add anything to the record.

mod document;
mod render;

mod batch_record;
mod format;
mod schema;

pub use batch_record::{BatchFormat, BatchRecord};
pub use document::causes::PLAIN_CAUSES;
pub use document::setting::Setting;
pub use format::{Format, FormatError, ReportContent};
pub use render::console::{ReportLength, console};
pub use render::explain::explain;
pub use render::github::annotations;
pub use render::html::html;
pub use render::ink::Ink;
pub use render::json::{ReadError, json, read_json};
pub use render::junit::junit;
pub use render::markdown::markdown;
pub use render::ndjson::ndjson;
pub use render::openmetrics::openmetrics;
pub use render::plan::plan;
pub use render::screen::Screen;
pub use schema::{explanation_schema, ranges_schema, schema, variation_schema};
