//! Module `forecast`, level 2: folds the same `rules` as the actors over devices, one whole life after another, in
//! parallel. Must not have actors, a clock or a queue of events; must not depend on threads or on how devices are
//! divided.

mod totals;
mod chunks;
mod classes;
mod contrast;
mod ends;
mod error;
mod history_plan;
mod life;
mod life_recorder;
mod plan;
mod preview_plan;
mod preview;
mod progress;
mod crowd_entries;
mod story;
mod sweep;

pub use chunks::DEVICES_AT_ONCE_MAX;
pub use contrast::{Contrast, ContrastSide, contrast};
pub use ends::FateSink;
pub use error::ForecastError;
pub use history_plan::HistoryPlanner;
pub use plan::TenantPlan;
pub use preview::{PREVIEW_SEEDS, Preview, PreviewRange, PreviewScene};
pub use progress::ForecastProgress;
pub use story::{LifeEvent, LifeEventKind, Story, fates, story};
pub use sweep::{SweepOptions, sweep};
pub use totals::ForecastTotals;
