//! Reveille: an actor-based push delivery engine that behaves like Microsoft Intune's custom notifications.

pub mod rules;
pub mod clock;
pub mod metrics;
pub mod scenario;
pub mod engine;
pub mod forecast;
pub mod run;
pub mod report;
pub mod cli;
