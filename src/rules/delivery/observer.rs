//! Who is told what the machines do: effects, which are counted, and notes, which only say why. Decides nothing, and no
//! machine ever asks a witness for anything.

use super::phone::Handover;
use crate::rules::base::chance::Ratio;
use crate::rules::base::ids::{FaultIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::FaultSet;
use crate::rules::service::journey::Effect;

/// Somebody who is told what happens to pairs.
pub trait Observer {
    /// Something happened to a pair.
    fn effect(&mut self, effect: Effect);

    /// What decided it, with the draw and the threshold; only those who explain listen.
    #[inline]
    fn note(&mut self, _message: MessageIx, _at: SimTime, _note: TraceEvent) {}
}

/// A witness of a device, who also takes to the portal what arrives.
pub trait Outbox: Observer {
    /// Something goes to the portal, in order of time.
    fn hand_over(&mut self, handover: Handover);
}

/// What a turn of a device did, for those who take it elsewhere.
#[derive(Clone, Debug, Default)]
pub struct TurnTrace {
    /// What happened to pairs, in order.
    pub effects: Vec<Effect>,
    /// What goes to the portal, in order.
    pub handovers: Vec<Handover>,
}

impl Observer for TurnTrace {
    fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }
}

impl Outbox for TurnTrace {
    fn hand_over(&mut self, handover: Handover) {
        self.handovers.push(handover);
    }
}

impl Observer for Vec<Effect> {
    fn effect(&mut self, effect: Effect) {
        self.push(effect);
    }
}

/// Why a pair went the way it did: one decision, with what was drawn and what it was compared with. Draws are uniform over
/// 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceEvent {
    /// T4: its slot in the gateway's queue.
    Slot {
        /// When the slot comes.
        leaves: SimTime,
        /// Throttles that it waits under.
        throttles: FaultSet,
    },
    /// X20: an outage holds it.
    Held {
        /// The end of the united outages.
        ends: SimTime,
        /// The outages.
        faults: FaultSet,
        /// What was drawn for the wait after it.
        draw: u32,
        /// The wait after it, in ms.
        retry_ms: u64,
    },
    /// X19: an outage refuses it.
    Refused {
        /// The outages.
        faults: FaultSet,
    },
    /// A loss fault is read.
    FaultLoss {
        /// Which.
        fault: FaultIx,
        /// What was drawn.
        draw: u32,
        /// Its rate at that moment.
        rate: Ratio,
    },
    /// The gateway's own loss is read.
    GatewayLoss {
        /// What was drawn.
        draw: u32,
        /// The gateway's share.
        rate: Ratio,
    },
    /// A delay fault is read.
    Delay {
        /// Which.
        fault: FaultIx,
        /// What was drawn.
        draw: u32,
        /// How much longer it travels, in ms.
        ms: u64,
    },
    /// It sets out for the phone.
    Latency {
        /// What was drawn.
        draw: u32,
        /// How long it travels, in ms, delays not counted.
        ms: u64,
        /// When it attempts the phone.
        attempts: SimTime,
    },
    /// A duplicate fault is read.
    Duplicate {
        /// Which.
        fault: FaultIx,
        /// What was drawn.
        draw: u32,
        /// Its rate at that moment.
        rate: Ratio,
        /// When the second copy attempts the phone, if there is one.
        attempts: Option<SimTime>,
    },
    /// X22: the phone is offline at the attempt.
    Offline {
        /// When it is online again; [`SimTime::NEVER`] if that is not before the horizon.
        until: SimTime,
        /// Faults that keep it offline.
        faults: FaultSet,
    },
    /// The gateway stores it.
    Stored {
        /// Messages in the store, itself included.
        stored: u32,
        /// How many it may hold.
        limit: u32,
    },
    /// X24: the store has another copy of it already.
    StoredAlready,
    /// The phone is online again.
    Released,
    /// R55: the phone dozes.
    Dozing {
        /// The next maintenance window.
        until: SimTime,
    },
    /// A fault keeps the phone from taking or showing it.
    Hindered {
        /// The faults.
        faults: FaultSet,
    },
    /// X26: what the display finds.
    Found {
        /// What was drawn.
        draw: u32,
        /// Is the phone locked?
        locked: bool,
        /// Is the app open?
        foreground: bool,
    },
    /// X27: when its user attends to it.
    Attention {
        /// What was drawn.
        draw: u32,
        /// When it is dismissed; [`SimTime::NEVER`] for never.
        dismissed_at: SimTime,
    },
}
