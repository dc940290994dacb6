//! The road of a journey in the baselines, taken from the scenario: the same gateways, the same attention, the same
//! draws. It has no state, so that a baseline's counts can be predicted.

use std::sync::Arc;

use reveille::rules::base::chance::{Chance, Purpose, Ratio};
use reveille::rules::base::distribution::Dist;
use reveille::rules::base::ids::{Key, ModelIx};
use reveille::rules::base::platform::GatewayName;
use reveille::rules::model::world::World;
use reveille::rules::population::traits::Attention;

/// The scenario's phones are offline for 15 % of 16 hours and for 60 % of the night's 8.
const OFFLINE: Ratio = Ratio::percent(30);
/// The mean length of an offline gap.
const GAP_MS: u64 = 3_600_000;

/// The road from one gateway to its phones.
#[derive(Debug)]
pub(crate) struct Road {
    chance: Chance,
    pub(crate) loss: Ratio,
    pub(crate) latency: Dist,
    pub(crate) offline: Ratio,
    gap: Dist,
    attention: Attention,
}

impl Road {
    pub(crate) fn new(world: &World, gateway: GatewayName) -> Arc<Self> {
        let numbers = world.gateway(gateway);
        Arc::new(Self {
            chance: world.chance.clone(),
            loss: numbers.loss,
            latency: numbers.latency.clone(),
            offline: OFFLINE,
            gap: Dist::exponential(GAP_MS),
            attention: world.fleet.model(ModelIx(0)).attention.clone(),
        })
    }

    /// A pair's block of random draws: its loss, its latency, whether the phone is offline, and how long.
    pub(crate) fn draws(&self, device: Key, message: Key) -> [u32; 4] {
        self.chance.block(Purpose::Pair, device, message)
    }

    /// How long a copy travels, in ms; `None` if it is lost.
    pub(crate) fn trip_ms(&self, device: Key, message: Key) -> Option<u64> {
        let [loss, latency, ..] = self.draws(device, message);
        (!self.loss.hits(loss)).then(|| self.latency.at(latency))
    }

    /// How long a copy is stored on arrival, in ms; `None` if the phone is online.
    pub(crate) fn stored_ms(&self, device: Key, message: Key) -> Option<u64> {
        let [.., offline, gap] = self.draws(device, message);
        self.offline.hits(offline).then(|| self.gap.at(gap))
    }

    /// How long a notification stays until it is dismissed, in ms; `None` if it never is.
    pub(crate) fn attended_ms(&self, device: Key, message: Key) -> Option<u64> {
        let [.., never, after] = self.chance.block(Purpose::Latency, device, message);
        (!self.attention.never.hits(never)).then(|| self.attention.after.at(after))
    }
}
