//! Reference page, JSON Schema, template and list of metrics, all from the grammar. Must not check anything.

pub(crate) mod metric_list;
pub(crate) mod reference;
pub(crate) mod schema;
