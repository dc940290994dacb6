//! The fate of every pair, one record a pair, for callers that need more than sums. Must not contain a title or a body
//! (R6).

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::selection::cause_of;
use crate::rules::base::time::SimTime;
use crate::rules::delivery::fate::PairEnd;
use crate::rules::model::world::World;
use crate::rules::service::journey::Journey;

/// A pair of an accepted message and a targeted device, at the end of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairLine<'a> {
    /// The send's name.
    pub send: &'a str,
    /// Which occurrence, from 0.
    pub occurrence: u32,
    /// The device's id.
    pub device: &'a str,
    /// Where the pair is.
    pub station: &'a str,
    /// Why; null where the station says it all.
    pub cause: Option<&'a str>,
    /// How it was shown; null if it was not.
    pub form: Option<&'a str>,
    /// When its message was accepted, in ms since the scenario's start.
    pub accepted_at_ms: u64,
    /// When it was shown; null if it was not.
    pub shown_at_ms: Option<u64>,
    /// When it was dismissed; null if it was not.
    pub dismissed_at_ms: Option<u64>,
}

/// Takes pairs as they come: batches from several threads, in arbitrary order.
#[derive(Clone, Copy)]
pub struct PairOutlet<'a>(pub &'a (dyn Fn(&PairBatch<'_>) + Sync));

/// The same for actors, which outlive the caller that started them.
#[derive(Clone)]
pub struct LivePairOutlet(pub Arc<dyn Fn(&PairBatch<'_>) + Send + Sync>);

impl fmt::Debug for PairOutlet<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("PairOutlet")
    }
}

impl fmt::Debug for LivePairOutlet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("LivePairOutlet")
    }
}

/// Some pairs of a world.
#[derive(Clone, Copy, Debug)]
pub struct PairBatch<'a> {
    pub(crate) world: &'a World,
    pub(crate) ends: &'a [PairEnd],
}

impl PairBatch<'_> {
    /// The number of pairs.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Passes each pair's record to `take`; those of one device are consecutive.
    pub fn each(&self, mut take: impl FnMut(&PairLine<'_>)) {
        let world = self.world;
        for life in self.ends.chunk_by(|one, other| one.device == other.device) {
            let device = world.fleet.device_name(life[0].device);
            for &PairEnd { send, occurrence, accepted_at, fate, .. } in life {
                let form = if let Journey::Shown(form) = fate.journey { Some(form.name()) } else { None };
                take(&PairLine {
                    send: &world.sends[send.at()].name,
                    occurrence,
                    device: &device,
                    station: fate.journey.station().name(),
                    cause: cause_of(world, fate.journey),
                    form,
                    accepted_at_ms: accepted_at.ms(),
                    shown_at_ms: form.map(|_| fate.at.ms()),
                    dismissed_at_ms: fate.dismissed_at.map(SimTime::ms),
                });
            }
        }
    }
}
