//! The inputs of a shard that wait, in the order in which the tenant fed them. Must not reorder them.

use std::collections::VecDeque;
use std::sync::Arc;

use super::messages::Feed;
use crate::rules::base::time::SimTime;
use crate::rules::sending::crowd::FanOut;

/// Inputs in order.
#[derive(Debug, Default)]
pub(super) struct FeedQueue(VecDeque<Feed>);

/// What may follow a fan-out without an input between them.
pub(super) enum Following {
    /// A further fan-out.
    FanOut(Arc<FanOut>),
    /// A later watermark.
    Closed(SimTime),
}

impl FeedQueue {
    /// Appends an input. A watermark directly behind another replaces it, so the queue of a late shard does not grow with time.
    pub(super) fn push(&mut self, feed: Feed) {
        match (self.0.back_mut(), feed) {
            (Some(Feed::Closed(known)), Feed::Closed(at)) => *known = at.max(*known),
            (_, feed) => self.0.push_back(feed),
        }
    }

    /// Takes the first input.
    pub(super) fn pop(&mut self) -> Option<Feed> {
        self.0.pop_front()
    }

    /// Takes the first input, if it may be handed out together with a fan-out before it.
    pub(super) fn pop_following(&mut self) -> Option<Following> {
        match self.0.pop_front()? {
            Feed::FanOut(fan_out) => Some(Following::FanOut(fan_out)),
            Feed::Closed(at) => Some(Following::Closed(at)),
            input @ Feed::Input { .. } => {
                self.0.push_front(input);
                None
            }
        }
    }

    /// Removes all inputs, and returns the fan-outs among them.
    pub(super) fn drain_fan_outs(&mut self) -> impl Iterator<Item = Arc<FanOut>> {
        self.0.drain(..).filter_map(|feed| if let Feed::FanOut(fan_out) = feed { Some(fan_out) } else { None })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::base::ids::{DeviceIx, MessageIx};
    use crate::rules::delivery::device::DeviceInput;

    fn input(at: SimTime) -> Feed {
        Feed::Input { device: DeviceIx(0), at, input: Box::new(DeviceInput::Dismiss(MessageIx(0))) }
    }

    #[test]
    fn the_queue_grows_with_inputs_and_not_with_time() {
        let mut feeds = FeedQueue::default();
        for at in (1..=9_000).map(SimTime) {
            if at.ms().is_multiple_of(3_000) {
                feeds.push(input(at));
            }
            feeds.push(Feed::Closed(at));
        }
        let waits: Vec<_> = feeds.0.iter().map(|feed| if let Feed::Closed(at) = feed { at.ms() } else { 0 }).collect();
        assert_eq!(waits, [2_999, 0, 5_999, 0, 8_999, 0, 9_000]);
    }

    #[test]
    fn an_input_ends_the_run_of_fan_outs_and_stays_first() {
        let mut feeds = FeedQueue::default();
        feeds.push(Feed::Closed(SimTime(4)));
        feeds.push(input(SimTime(5)));
        assert!(matches!(feeds.pop_following(), Some(Following::Closed(SimTime(4)))));
        assert!(feeds.pop_following().is_none());
        assert!(matches!(feeds.pop(), Some(Feed::Input { at: SimTime(5), .. })));
        assert!(feeds.is_empty() && feeds.pop_following().is_none());
    }
}
