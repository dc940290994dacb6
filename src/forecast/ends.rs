//! Where the ends of pairs go when the life of a device is over: into a map, out in batches, or nowhere. Must not
//! decide anything, and must not hold more than a batch of what goes out.

use std::fmt;

use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::delivery::fate::{Fates, PairEnd, PairFate};
use crate::rules::service::message::Message;

/// Pairs in a batch that goes out: enough to make the hand-over cheap, and 200 kB at most.
const BATCH_PAIRS: usize = 4_096;

/// Takes the ends of pairs as devices are done: batches from several threads, in arbitrary order.
#[derive(Clone, Copy)]
pub struct FateSink<'a>(pub &'a (dyn Fn(&[PairEnd]) + Sync));

impl fmt::Debug for FateSink<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Outlet")
    }
}

/// The ends that one thread keeps or hands out.
#[derive(Debug)]
pub(super) struct FateBuffer<'a> {
    messages: &'a [Message],
    kept: Option<Fates>,
    outlet: Option<FateSink<'a>>,
    batch: Vec<PairEnd>,
}

impl<'a> FateBuffer<'a> {
    pub(super) fn new(messages: &'a [Message], keep: bool, outlet: Option<FateSink<'a>>) -> Self {
        Self { messages, kept: keep.then(Fates::new), outlet, batch: Vec::new() }
    }

    /// Whether ends are kept or handed out. If not, the life of a device need not be remembered.
    pub(super) fn are_wanted(&self) -> bool {
        self.kept.is_some() || self.outlet.is_some()
    }

    /// Adds the pairs of a device that is done.
    pub(super) fn device_done(&mut self, device: DeviceIx, pairs: impl IntoIterator<Item = (MessageIx, PairFate)>) {
        for (message, fate) in pairs {
            if let Some(kept) = &mut self.kept {
                kept.insert((message, device), fate);
            }
            if self.outlet.is_some() {
                self.batch.push(PairEnd::new(&self.messages[message.at()], device, fate));
                if self.batch.len() == BATCH_PAIRS {
                    self.hand_out();
                }
            }
        }
    }

    /// Takes what was kept so far.
    pub(super) fn take(&mut self) -> Fates {
        self.kept.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Hands out the rest; returns what was kept.
    pub(super) fn finish(mut self) -> Option<Fates> {
        if !self.batch.is_empty() {
            self.hand_out();
        }
        self.kept
    }

    fn hand_out(&mut self) {
        if let Some(FateSink(take)) = self.outlet {
            take(&self.batch);
        }
        self.batch.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::rules::base::ids::{Key, SendIx};
    use crate::rules::base::time::SimTime;
    use crate::rules::service::journey::Journey;
    use crate::rules::service::message::MessageKind;

    fn message(ix: u32) -> Message {
        Message {
            ix: MessageIx(ix),
            send: SendIx(0),
            occurrence: ix,
            key: Key(u64::from(ix)),
            kind: MessageKind::Group,
            accepted_at: SimTime::ZERO,
            expiry_ms: [1; 2],
            catch_up_until: None,
        }
    }

    #[test]
    fn a_long_life_goes_out_in_batches_and_none_is_larger() {
        let seen = Mutex::new(Vec::new());
        let take = |ends: &[PairEnd]| seen.lock().expect("no thread panics").push(ends.len());
        let messages: Vec<Message> = (0..3_000).map(message).collect();
        let mut ends = FateBuffer::new(&messages, false, Some(FateSink(&take)));
        let fate = PairFate { journey: Journey::Expired, at: SimTime(7), dismissed_at: None };
        for device in 0..3 {
            ends.device_done(DeviceIx(device), (0..3_000).map(|message| (MessageIx(message), fate)));
        }
        assert_eq!(ends.finish(), None, "nothing was to be kept");
        assert_eq!(*seen.lock().expect("no thread panics"), [4_096, 4_096, 808]);
    }

    #[test]
    fn ends_are_wanted_only_if_kept_or_handed_out() {
        let take = |_: &[PairEnd]| ();
        assert!(!FateBuffer::new(&[], false, None).are_wanted());
        assert!(
            FateBuffer::new(&[], true, None).are_wanted()
                && FateBuffer::new(&[], false, Some(FateSink(&take))).are_wanted()
        );
    }
}
