//! Reference page, JSON Schema and list of metrics, from the grammar; template and first scenario. Must not check anything.

pub(crate) mod asked;
mod limit_table;
pub(crate) mod metric_list;
pub(crate) mod reference;
pub(crate) mod schema;
