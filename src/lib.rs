//! Reveille: an actor-based push delivery engine that behaves like Microsoft Intune's custom notifications.

pub mod rules;
pub mod scenario;
