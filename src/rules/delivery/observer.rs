//! Receives the reports of the state machines: effects, which are counted, and trace events, which explain them. Must
//! not influence a decision: no state machine reads an observer.

use super::phone::Handover;
use crate::rules::base::chance::Ratio;
use crate::rules::base::ids::{FaultIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::faults::fault::FaultSet;
use crate::rules::model::phone_by_hand::PhoneByHand;
use crate::rules::service::journey::Effect;

/// Receives the events of pairs.
pub trait Observer {
    /// Reports an effect on a pair.
    fn effect(&mut self, effect: Effect);

    /// Reports a decision with its draw and threshold. Only explanations need it.
    #[inline]
    fn note(&mut self, _message: MessageIx, _at: SimTime, _note: TraceEvent) {}
}

/// An observer of a device that also passes arrivals on to the portal.
pub trait Outbox: Observer {
    /// Passes something on to the portal, in order of time.
    fn hand_over(&mut self, handover: Handover);
}

/// The record of a turn of a device, for processing elsewhere.
#[derive(Clone, Debug, Default)]
pub struct TurnTrace {
    /// Effects, in order.
    pub effects: Vec<Effect>,
    /// Handovers to the portal, in order.
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

/// A decision about a pair: what was drawn and what it was compared with. Draws are uniform over 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceEvent {
    /// T4: its slot in the gateway's queue.
    Slot {
        /// When the copy leaves.
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
        /// The draw of the wait after it.
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
        /// The fault.
        fault: FaultIx,
        /// The draw.
        draw: u32,
        /// Its rate at that moment.
        rate: Ratio,
    },
    /// The gateway's own loss is read.
    GatewayLoss {
        /// The draw.
        draw: u32,
        /// The gateway's share.
        rate: Ratio,
    },
    /// A delay fault is read.
    Delay {
        /// The fault.
        fault: FaultIx,
        /// The draw.
        draw: u32,
        /// The additional time on the way, in ms.
        ms: u64,
    },
    /// The copy leaves for the phone.
    Latency {
        /// The draw.
        draw: u32,
        /// The time on the way, in ms, without delays.
        ms: u64,
        /// When it attempts the phone.
        attempts: SimTime,
    },
    /// A duplicate fault is read.
    Duplicate {
        /// The fault.
        fault: FaultIx,
        /// The draw.
        draw: u32,
        /// Its rate at that moment.
        rate: Ratio,
        /// When the second copy attempts the phone, if there is one.
        attempts: Option<SimTime>,
    },
    /// The phone is set by hand at the attempt.
    SetByHand {
        /// Since when.
        since: SimTime,
        /// What is set.
        set: PhoneByHand,
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
        /// The limit of the store.
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
    /// X26: the state of the phone at the display.
    Found {
        /// The draw.
        draw: u32,
        /// Whether the phone is locked.
        locked: bool,
        /// Whether the app is open.
        foreground: bool,
    },
    /// X27: when its user dismisses it.
    Attention {
        /// The draw.
        draw: u32,
        /// When it is dismissed; [`SimTime::NEVER`] for never.
        dismissed_at: SimTime,
    },
}
