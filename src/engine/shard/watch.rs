//! What a shard keeps for clients of a watched tenant: the pairs that wait, by message, and the news. Must not add up shards.

use std::collections::BTreeMap;

use strum::VariantArray as _;

use crate::engine::observation::{MessageLook, News};
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::service::journey::{Effect, Journey, WaitCause};
use crate::rules::service::message::{Message, MessageKind};
use crate::rules::timeline::history::INPUTS_MAX;

/// Dismissals that are kept until the news is taken, which is four times a second: 400 kB.
const DISMISSALS_MAX: usize = 16_384;

/// The state that a shard keeps for clients.
#[derive(Debug, Default)]
pub(super) struct ShardWatch {
    waiting: BTreeMap<MessageIx, [u64; WaitCause::VARIANTS.len()]>,
    /// The pairs of messages to single devices, the latest [`INPUTS_MAX`] of them: there may be very many, and clients ask only for
    /// those that the history still has.
    singles: BTreeMap<MessageIx, Single>,
    news: News,
}

/// The only pair of a message.
#[derive(Clone, Copy, Debug, Default)]
struct Single {
    /// Where it settled, if it has.
    settled: Option<Journey>,
    is_dismissed: bool,
    is_exposed: bool,
}

impl ShardWatch {
    /// Records an effect on a pair.
    pub(super) fn record(&mut self, message: &Message, device: DeviceIx, effect: &Effect) {
        match *effect {
            Effect::Moved { from, to, .. } => self.moved(message, from, to),
            Effect::Dismissed { at, .. } => self.dismissed(message, device, at),
            Effect::Exposed { .. } => self.single(message, |single| single.is_exposed = true),
            Effect::Started { .. } | Effect::Touched { .. } => {}
        }
    }

    /// Records that a pair moved.
    pub(super) fn moved(&mut self, message: &Message, from: Option<Journey>, to: Journey) {
        if to.is_settled() {
            self.single(message, |single| single.settled = Some(to));
            if message.is_over(to) {
                self.over(message);
            }
        }
        let message = message.ix;
        let waiting = self.waiting.entry(message).or_default();
        if let Some(Journey::Waiting(cause)) = from {
            waiting[cause as usize] -= 1;
        }
        if let Journey::Waiting(cause) = to {
            waiting[cause as usize] += 1;
        } else if waiting.iter().all(|pairs| *pairs == 0) {
            self.waiting.remove(&message);
            self.news.stirred.insert(message);
        }
    }

    /// Changes the only pair of a message, if the message is to a single device.
    fn single(&mut self, message: &Message, change: impl FnOnce(&mut Single)) {
        if message.kind == MessageKind::Device {
            change(self.singles.entry(message.ix).or_default());
            if self.singles.len() > INPUTS_MAX {
                self.singles.pop_first();
            }
        }
    }

    /// Reports that the only pair of a message is over, if the message is to a single device.
    fn over(&mut self, message: &Message) {
        if message.kind == MessageKind::Device {
            self.news.over.push(message.ix);
        }
    }

    fn dismissed(&mut self, message: &Message, device: DeviceIx, at: SimTime) {
        self.single(message, |single| single.is_dismissed = true);
        self.over(message);
        let message = message.ix;
        if self.news.dismissed.len() < DISMISSALS_MAX {
            self.news.dismissed.push((message, device, at));
        } else {
            self.news.missed += 1;
        }
    }

    /// Adds to `look` what the counts of a message do not tell.
    pub(super) fn complete(&self, message: MessageIx, look: &mut MessageLook) {
        if let Some(waiting) = self.waiting.get(&message) {
            look.waiting = *waiting;
        }
        if let Some(Single { settled, is_dismissed, is_exposed }) = self.singles.get(&message) {
            look.settled.extend(settled.map(|journey| (journey, 1)));
            (look.dismissed, look.exposed) = ((*is_dismissed).into(), (*is_exposed).into());
        }
    }

    /// Takes the news.
    pub(super) fn take_news(&mut self) -> News {
        std::mem::take(&mut self.news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::base::ids::{Key, SendIx};
    use crate::rules::service::journey::{Form, SkipCause};

    fn message(kind: MessageKind) -> Message {
        Message {
            ix: MessageIx(4),
            send: SendIx(0),
            occurrence: 0,
            key: Key(0),
            kind,
            accepted_at: SimTime::ZERO,
            expiry_ms: [0; 2],
            catch_up_until: None,
        }
    }

    #[test]
    fn a_message_is_news_when_none_of_its_pairs_waits_any_more() {
        let (mut watch, message) = (ShardWatch::default(), message(MessageKind::Group));
        let (waits, ends) = (Journey::Waiting(WaitCause::VARIANTS[0]), Journey::Skipped(SkipCause::AppMissing));
        watch.moved(&message, None, waits);
        watch.moved(&message, None, waits);
        watch.moved(&message, Some(waits), ends);
        assert_eq!(watch.take_news(), News::default());
        let mut look = MessageLook::default();
        watch.complete(message.ix, &mut look);
        assert_eq!((look.waiting[0], look.settled.len()), (1, 0));
        watch.moved(&message, Some(waits), ends);
        assert_eq!(watch.take_news().stirred.into_iter().collect::<Vec<_>>(), [message.ix]);
        assert_eq!(watch.take_news(), News::default(), "news is taken once");
    }

    #[test]
    fn the_pair_of_a_single_message_stays_known_and_dismissals_beyond_the_limit_are_counted() {
        let (mut watch, message) = (ShardWatch::default(), message(MessageKind::Device));
        watch.moved(&message, None, Journey::Skipped(SkipCause::AppMissing));
        for _ in 0..=DISMISSALS_MAX {
            watch.dismissed(&message, DeviceIx(9), SimTime(1));
        }
        let mut look = MessageLook::default();
        watch.complete(message.ix, &mut look);
        assert_eq!((look.settled[&Journey::Skipped(SkipCause::AppMissing)], look.dismissed, look.exposed), (1, 1, 0));
        let news = watch.take_news();
        assert_eq!((news.dismissed.len(), news.missed), (DISMISSALS_MAX, 1));
        assert!(news.over.iter().all(|over| *over == message.ix), "{:?}", news.over.first());
    }

    #[test]
    fn the_pair_of_a_single_message_is_over_when_it_has_ended_or_was_dismissed() {
        let shown = Journey::Shown(Form::Banner);
        for (kind, over) in [(MessageKind::Device, vec![MessageIx(4)]), (MessageKind::Group, vec![])] {
            let (mut watch, message) = (ShardWatch::default(), message(kind));
            watch.moved(&message, None, Journey::Waiting(WaitCause::VARIANTS[0]));
            watch.moved(&message, Some(Journey::Waiting(WaitCause::VARIANTS[0])), shown);
            assert_eq!(watch.take_news().over, [], "it is on a screen");
            watch.dismissed(&message, DeviceIx(9), SimTime(1));
            assert_eq!(watch.take_news().over, over);
            watch.moved(&message, None, Journey::Expired);
            assert_eq!(watch.take_news().over, over);
        }
    }
}
