//! Room `run`, level 3. Door sign: drives engine or forecast through a scenario to an outcome; prints nothing.

mod finished;
mod live;
mod progress;

pub use finished::Finished;
pub use live::{LiveOptions, RunError, live};
pub use progress::Progress;
