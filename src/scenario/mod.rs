//! Module `scenario`, level 2: text to a valid scenario, or to all its diagnostics with line, column and caret. The
//! only module that depends on TOML. Must not run anything, and must not use files, the environment or a clock: the
//! caller passes a reader for included files.

mod diagnostics;
mod grammar;
mod text;
mod import;
mod build;
mod expectation;
mod sweep;
mod manual;

mod by_hand;
mod load;
mod outline;
pub mod shipped;
mod world;

pub use by_hand::fault_by_hand;
pub use diagnostics::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
pub(crate) use diagnostics::diagnostic::{listed, nearest, shown};
pub use diagnostics::limits;
pub use diagnostics::render::{MachineDiagnostic, Paint, annotations};
pub use diagnostics::source::{Quoting, Source, SourceSpan};
pub use diagnostics::workflow::Annotation;
pub use grammar::values::parse_ratio;
pub(crate) use grammar::values::{duration_ms, time_of_day_ms};
pub(crate) use import::users::UserAttribute;
pub use load::{load, load_unless_stopped};
pub use manual::asked::{INIT_QUESTIONS, InitAnswers};
pub use manual::metric_list::{MetricLine, metrics, metrics_text};
pub use manual::reference::reference;
pub use manual::schema::{fault_schema, json_schema, template};
pub(crate) use outline::names as names_in;
pub use sweep::axis::Axis;
pub use text::loaded::{Loaded, Overrides};
pub use text::origins::{Origin, Origins};
