//! Where the ends of pairs go while actors work: into a map, out in batches as soon as nothing can change them any more, or
//! nowhere. Decides no end.

use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::Arc;

use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::delivery::fate::{Fates, PairEnd, PairFate};
use crate::rules::service::journey::Effect;
use crate::rules::service::message::Message;

/// Pairs in a batch that goes out: enough that handing over costs nothing, and 200 kB at most.
const BATCH_PAIRS: usize = 4_096;

/// Whoever takes a batch of ends.
type Taker = dyn Fn(&[PairEnd]) + Send + Sync;

/// Takes the ends of pairs as they become certain: batches from several threads, in no order.
#[derive(Clone)]
pub struct LiveFateSink(pub Arc<Taker>);

impl fmt::Debug for LiveFateSink {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Outlet")
    }
}

/// What a shard does with ends.
#[derive(Debug)]
pub(super) struct LiveFates {
    kept: Option<Fates>,
    out: Option<Out>,
}

#[derive(Debug)]
struct Out {
    outlet: LiveFateSink,
    /// Pairs that may still change.
    open: Fates,
    batch: Vec<PairEnd>,
}

impl LiveFates {
    pub(super) fn new(keep: bool, outlet: Option<LiveFateSink>) -> Self {
        let out = outlet.map(|outlet| Out { outlet, open: Fates::new(), batch: Vec::new() });
        Self { kept: keep.then(Fates::new), out }
    }

    /// Does anybody want to know?
    pub(super) fn are_wanted(&self) -> bool {
        self.kept.is_some() || self.out.is_some()
    }

    /// Something happened to a pair.
    pub(super) fn happened(&mut self, message: &Message, device: DeviceIx, effect: &Effect) {
        match *effect {
            Effect::Moved { at, to, .. } => {
                self.moved(message, device, PairFate { journey: to, at, dismissed_at: None });
            }
            Effect::Dismissed { at, .. } => self.dismissed(message, device, at),
            Effect::Started { .. } | Effect::Touched { .. } | Effect::Exposed { .. } => {}
        }
    }

    /// A pair is somewhere else, or skipped.
    pub(super) fn moved(&mut self, message: &Message, device: DeviceIx, fate: PairFate) {
        let pair = (message.ix, device);
        if let Some(kept) = &mut self.kept {
            kept.insert(pair, fate);
        }
        if let Some(out) = &mut self.out {
            if message.is_over(fate.journey) {
                out.open.remove(&pair);
                out.push(PairEnd::new(message, device, fate));
            } else {
                out.open.insert(pair, fate);
            }
        }
    }

    fn dismissed(&mut self, message: &Message, device: DeviceIx, at: SimTime) {
        let pair = (message.ix, device);
        if let Some(fate) = self.kept.as_mut().and_then(|kept| kept.get_mut(&pair)) {
            fate.dismissed_at = Some(at);
        }
        if let Some(out) = &mut self.out
            && let Entry::Occupied(shown) = out.open.entry(pair)
        {
            let fate = PairFate { dismissed_at: Some(at), ..shown.remove() };
            out.push(PairEnd::new(message, device, fate));
        }
    }

    /// All is over: hands out what was still open, and returns what was kept.
    pub(super) fn finish<'a>(&mut self, message: impl Fn(MessageIx) -> &'a Message) -> Option<Fates> {
        if let Some(mut out) = self.out.take() {
            for ((ix, device), fate) in std::mem::take(&mut out.open) {
                out.push(PairEnd::new(message(ix), device, fate));
            }
            out.hand_out();
        }
        self.kept.take()
    }
}

impl Out {
    fn push(&mut self, end: PairEnd) {
        self.batch.push(end);
        if self.batch.len() == BATCH_PAIRS {
            self.hand_out();
        }
    }

    fn hand_out(&mut self) {
        if !self.batch.is_empty() {
            (self.outlet.0)(&self.batch);
            self.batch.clear();
        }
    }
}
