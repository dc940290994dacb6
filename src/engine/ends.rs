//! Collects the ends of pairs while the actors run: into a map, into batches for a sink, or not at all. Must not decide an end.

use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::Arc;

use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::delivery::fate::{Fates, PairEnd, PairFate};
use crate::rules::service::journey::Effect;
use crate::rules::service::message::Message;

/// Pairs in a batch: the cost of a call is negligible, and a batch takes 200 kB at most.
const BATCH_PAIRS: usize = 4_096;

/// A function that takes a batch of ends.
type Taker = dyn Fn(&[PairEnd]) + Send + Sync;

/// Takes the ends of pairs as they become certain: batches from several threads, in no order.
#[derive(Clone)]
pub struct LiveFateSink(pub Arc<Taker>);

impl fmt::Debug for LiveFateSink {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("LiveFateSink")
    }
}

/// The ends that a shard collects.
#[derive(Debug)]
pub(super) struct LiveFates {
    kept: Option<Fates>,
    out: Option<Out>,
}

#[derive(Debug)]
struct Out {
    sink: LiveFateSink,
    /// Pairs that may still change.
    open: Fates,
    batch: Vec<PairEnd>,
}

impl LiveFates {
    /// Collects into `kept` and `sink`, where they are given.
    pub(super) fn new(kept: Option<Fates>, sink: Option<LiveFateSink>) -> Self {
        let out = sink.map(|sink| Out { sink, open: Fates::new(), batch: Vec::new() });
        Self { kept, out }
    }

    /// Whether ends are collected at all.
    pub(super) fn are_wanted(&self) -> bool {
        self.kept.is_some() || self.out.is_some()
    }

    /// Records an effect on a pair.
    pub(super) fn record(&mut self, message: &Message, device: DeviceIx, effect: &Effect) {
        match *effect {
            Effect::Moved { at, to, .. } => {
                self.moved(message, device, PairFate { journey: to, at, dismissed_at: None });
            }
            Effect::Dismissed { at, .. } => self.dismissed(message, device, at),
            Effect::Started { .. } | Effect::Touched { .. } | Effect::Exposed { .. } => {}
        }
    }

    /// Records where a pair is now.
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

    /// Sends the pairs that are still open to the sink, and returns what was kept.
    pub(super) fn finish<'a>(&mut self, message: impl Fn(MessageIx) -> &'a Message) -> Option<Fates> {
        if let Some(mut out) = self.out.take() {
            for ((ix, device), fate) in std::mem::take(&mut out.open) {
                out.push(PairEnd::new(message(ix), device, fate));
            }
            out.flush();
        }
        self.kept.take()
    }
}

impl Out {
    fn push(&mut self, end: PairEnd) {
        self.batch.push(end);
        if self.batch.len() == BATCH_PAIRS {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if !self.batch.is_empty() {
            (self.sink.0)(&self.batch);
            self.batch.clear();
        }
    }
}
