//! Where the pairs of a message stand now. Must not ask an actor.

use std::collections::BTreeMap;

use strum::VariantArray as _;

use crate::engine::MessageLook;
use crate::rules::service::journey::Station;

/// The pairs of a message by station, every station named. What a shard has not handed out yet waits.
pub fn stations(look: &MessageLook) -> BTreeMap<&'static str, u64> {
    let mut stations: BTreeMap<&'static str, u64> =
        Station::VARIANTS.iter().map(|station| (station.name(), 0)).collect();
    for (journey, pairs) in &look.settled {
        *stations.entry(journey.station().name()).or_default() += pairs;
    }
    let settled: u64 = look.settled.values().sum();
    *stations.entry(Station::Waiting.name()).or_default() += look.sent.saturating_sub(settled);
    stations
}
