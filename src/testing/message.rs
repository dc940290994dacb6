//! A message as a test sees it. Only data.

use std::collections::BTreeMap;

/// What has become of one accepted message. Its text is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentMessage {
    /// Its number, in the order of acceptance, from 0.
    pub id: u32,
    /// The `client-request-id` of the request that it came with, or the `request-id` that the server gave.
    pub request_id: Option<String>,
    /// The account as which it was sent.
    pub account: String,
    /// When it was accepted, in ms of model time since the scenario's start.
    pub accepted_at_ms: u64,
    /// Devices of its audience.
    pub pairs: u64,
    /// Whether no pair waits any more.
    pub is_settled: bool,
    /// Pairs by station: `shown`, `waiting`, `skipped`, `blocked`, `lost`, `superseded`, `discarded`, `expired`.
    pub stations: BTreeMap<&'static str, u64>,
    /// Notifications that were dismissed.
    pub dismissed: u64,
    /// Notifications that another app on the phone could read (R64).
    pub exposed: u64,
}

impl SentMessage {
    /// Pairs at a station, 0 if there is none of this name.
    pub fn pairs_at(&self, station: &str) -> u64 {
        self.stations.get(station).copied().unwrap_or(0)
    }
}
