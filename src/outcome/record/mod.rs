//! What a run found, as plain records. Must not judge.

pub(crate) mod baseline;
pub(crate) mod contrast;
pub(crate) mod deliveries;
pub(crate) mod distribution;
pub(crate) mod faults;
pub(crate) mod finished;
pub(crate) mod lag;
pub(crate) mod messages;
pub(crate) mod outcome;
pub(crate) mod pairs;
pub(crate) mod reach;
pub(crate) mod selection;
pub(crate) mod series;
pub mod words;
