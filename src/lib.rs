//! Reveille: an actor-based push delivery engine that behaves like Microsoft Intune's custom notifications.

pub mod cli;
pub mod clock;
pub mod engine;
pub mod metrics;
pub mod report;
pub mod rules;
pub mod run;
pub mod scenario;
