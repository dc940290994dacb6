//! Room `forecast`, level 2. Door sign: folds the same `rules` as the actors over devices, one whole life after another, in
//! parallel. No actor, no clock, no queue of events; nothing here may depend on threads or on how devices are cut.

mod books;
mod chunks;
mod contrast;
mod ends;
mod error;
mod life;
mod plan;
mod progress;
mod seats;
mod story;
mod sweep;

pub use books::Books;
pub use chunks::DEVICES_AT_ONCE_MAX;
pub use contrast::{Contrast, Side, contrast};
pub use ends::Outlet;
pub use error::ForecastError;
pub use plan::Plan;
pub use progress::Progress;
pub use story::{Event, Happening, Story, fates, story};
pub use sweep::{Options, sweep};
