//! Room `scenario`, level 2. Door sign: text to a valid scenario, or to all its diagnostics with line, column and caret; runs
//! nothing. No files, no environment, no clock: a reader for included files is handed in. The only room that knows TOML.

pub mod limits;

mod source;

mod diagnostic;
mod render;

mod document;
mod json;
mod include;
mod set;

mod import;

mod delivery_keys;
mod expect_keys;
mod fleet_keys;
mod grammar;
mod keys;
mod timeline_keys;

mod check;
mod values;
mod view;

mod build;
mod distribution;
mod names;
mod zone;

mod fleet;
mod named;
mod traits;

mod groups;
mod service;

mod changes;
mod schedule;
mod sends;

mod delivery;
mod faults;
mod by_hand;

mod condition;
mod divide;
mod during;
mod expect;
mod impossible;

mod axis;
mod between;
mod canonical;
mod load;
mod loaded;
mod metric_list;
mod origins;
mod reference;
mod schema;
pub mod shipped;
mod world;

pub use axis::Axis;
pub use by_hand::fault_by_hand;
pub use diagnostic::{Code, Diagnostic, Diagnostics, Severity};
pub(crate) use diagnostic::{listed, nearest, shown};
pub use load::{load, load_unless_stopped};
pub use loaded::{Loaded, Overrides};
pub use metric_list::{MetricLine, metrics, metrics_text};
pub use origins::{Origin, Origins};
pub use reference::reference;
pub use render::{MachineDiagnostic, Paint};
pub use schema::{fault_schema, json_schema, template};
pub use source::{Place, Quoting, Source};
pub(crate) use values::duration_ms;
pub use values::parse_ratio;
