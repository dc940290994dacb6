//! Module `metrics`, level 1: counts for Prometheus; every name is in [`Name`]. Must not be read back. Imports `rules`
//! only.

mod request;

mod label;

mod name;

mod process;

mod reference;

mod samples;
mod register;

mod standing;

mod lag_cause;
mod batch;
mod replay;

mod budget;
mod meters;
mod store_meter;
mod traffic;
mod openmetrics;
mod board;

pub use batch::{ActorKind, MetricsBatch};
pub use board::Board;
pub use budget::{BudgetLabel, BudgetMeter};
pub use label::{Label, Values};
pub use lag_cause::LagCause;
pub use meters::{EngineGauges, Meters};
pub use name::{MetricKind, Name};
pub use reference::reference;
pub use request::{RouteLabel, SignInOutcome, Status};
pub use samples::Samples;
pub use store_meter::StoreMeter;
