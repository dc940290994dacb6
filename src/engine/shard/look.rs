//! What is seen of a tenant between two messages of its actors: phones and messages as they are now. Changes nothing but the
//! list of news, which is taken out.

use std::collections::{BTreeMap, BTreeSet};

use super::inbox::Inbox;
use super::state::ShardState;
use crate::engine::EngineError;
use crate::engine::client::Tenancy;
use crate::engine::messages::{Feed, ShardCommand, TenantMessage};
use crate::rules::base::ids::{DeviceIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::counting::counts::Minute;
use crate::rules::delivery::device::{Device, DeviceInput};
use crate::rules::delivery::portal::{Notification, Portal};
use crate::rules::service::journey::{Effect, Journey, WaitCause};
use crate::rules::service::message::{Message, MessageKind};
use crate::rules::timeline::history::INPUTS_MAX;

/// A phone as its actors have left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneLook {
    /// What is on it, in order of display.
    pub notifications: Vec<Notification>,
    /// Messages that wait on their way to it.
    pub open: Vec<(MessageIx, WaitCause)>,
}

/// What has become of a message so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageLook {
    /// Pairs that the tenant has sent out.
    pub sent: u64,
    /// Pairs whose journey is over.
    pub settled: BTreeMap<Journey, u64>,
    /// Pairs that wait, by cause in the order of [`WaitCause::ALL`]; what a shard has not handed out yet is in none.
    pub waiting: [u64; WaitCause::ALL.len()],
    /// Notifications dismissed.
    pub dismissed: u64,
    /// Notifications that another app could read (R64).
    pub exposed: u64,
}

impl MessageLook {
    /// Does no pair wait? One that joins within the catch-up window may yet set out.
    pub fn is_settled(&self) -> bool {
        self.settled.values().sum::<u64>() == self.sent
    }

    fn add(&mut self, other: Self) {
        for (journey, pairs) in other.settled {
            *self.settled.entry(journey).or_default() += pairs;
        }
        self.waiting.iter_mut().zip(other.waiting).for_each(|(mine, theirs)| *mine += theirs);
        self.dismissed += other.dismissed;
        self.exposed += other.exposed;
    }
}

/// What has happened since the news was taken out last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Messages of which no pair waits any more in some shard.
    pub stirred: BTreeSet<MessageIx>,
    /// Notifications dismissed, shard by shard in order.
    pub dismissed: Vec<(MessageIx, DeviceIx, SimTime)>,
    /// Dismissals that there was no room for.
    pub missed: u64,
}

/// Everything counted so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Pairs by where they are, and dismissals, as of one long minute.
    pub pairs: Minute,
    /// By fault: pairs, directory changes and actors that it has touched.
    pub touched: Vec<u64>,
}

/// A shard's notes for those who watch a tenant.
#[derive(Debug, Default)]
pub(crate) struct ShardWatch {
    waiting: BTreeMap<MessageIx, [u64; WaitCause::ALL.len()]>,
    /// What became of messages to single devices, the latest [`INPUTS_MAX`] of them: there may be very many, and nobody asks for
    /// one that no history has any more.
    singles: BTreeMap<MessageIx, Single>,
    news: News,
}

/// What became of the only pair of a message.
#[derive(Clone, Copy, Debug, Default)]
struct Single {
    /// Where it settled, if it has.
    settled: Option<Journey>,
    dismissed: bool,
    exposed: bool,
}

/// Dismissals that are kept until the news is taken out, four times a second: 400 kB.
const DISMISSALS_MAX: usize = 16_384;

impl ShardWatch {
    /// Something happened to a pair.
    pub(crate) fn happened(&mut self, message: &Message, device: DeviceIx, effect: &Effect) {
        match *effect {
            Effect::Moved { from, to, .. } => self.moved(message, from, to),
            Effect::Dismissed { at, .. } => self.dismissed(message, device, at),
            Effect::Exposed { .. } => self.single(message, |single| single.exposed = true),
            Effect::Started { .. } | Effect::Touched { .. } => {}
        }
    }

    /// A pair moved.
    pub(crate) fn moved(&mut self, message: &Message, from: Option<Journey>, to: Journey) {
        if to.is_settled() {
            self.single(message, |single| single.settled = Some(to));
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

    /// Notes something of a message, if it is to a single device.
    fn single(&mut self, message: &Message, note: impl FnOnce(&mut Single)) {
        if message.kind == MessageKind::Device {
            note(self.singles.entry(message.ix).or_default());
            if self.singles.len() > INPUTS_MAX {
                self.singles.pop_first();
            }
        }
    }

    /// A notification left the screen.
    fn dismissed(&mut self, message: &Message, device: DeviceIx, at: SimTime) {
        self.single(message, |single| single.dismissed = true);
        let message = message.ix;
        if self.news.dismissed.len() < DISMISSALS_MAX {
            self.news.dismissed.push((message, device, at));
        } else {
            self.news.missed += 1;
        }
    }
}

impl ShardState {
    fn phone(&self, device: DeviceIx) -> Result<PhoneLook, EngineError> {
        let rest = self.phones.peek_rest(device);
        let (portal, machine): (Portal, Device) = (rest.portal.machine()?, rest.device.machine()?);
        let open = machine.open().map(|(message, _, cause, _)| (message, cause)).collect();
        Ok(PhoneLook { notifications: portal.shown().to_vec(), open })
    }

    fn message(&self, message: MessageIx) -> MessageLook {
        let mut look = MessageLook::default();
        let settled = |journey, pairs| *look.settled.entry(journey).or_default() += u64::from(pairs);
        (look.dismissed, look.exposed) = self.counter.so_far(message, settled);
        let Some(watch) = &self.watch else { return look };
        if let Some(waiting) = watch.waiting.get(&message) {
            look.waiting = *waiting;
        }
        if let Some(Single { settled, dismissed, exposed }) = watch.singles.get(&message) {
            look.settled.extend(settled.map(|journey| (journey, 1)));
            (look.dismissed, look.exposed) = ((*dismissed).into(), (*exposed).into());
        }
        look
    }
}

impl Tenancy {
    /// The phone of a device.
    ///
    /// # Errors
    /// [`EngineError::Gone`], or that its record cannot be read.
    pub async fn phone(&self, device: DeviceIx) -> Result<PhoneLook, EngineError> {
        let shard = &self.shards[(device.0 / self.share) as usize];
        look(shard, move |desk| desk.phone(device)).await?
    }

    /// What has become of messages that were accepted, in their order.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub async fn messages(&self, messages: Vec<MessageIx>) -> Result<Vec<MessageLook>, EngineError> {
        let wanted = messages.clone();
        let sent = self.look_at_state(move |state| {
            let sent = |message: &MessageIx| state.sent.get(message.at()).copied().unwrap_or_default();
            wanted.iter().map(sent).collect::<Vec<_>>()
        });
        let sent = sent.await?;
        let mut whole: Vec<MessageLook> =
            sent.into_iter().map(|sent| MessageLook { sent, ..MessageLook::default() }).collect();
        for shard in self.shards.iter() {
            let wanted = messages.clone();
            let seen = look(shard, move |desk| wanted.iter().map(|message| desk.message(*message)).collect::<Vec<_>>());
            whole.iter_mut().zip(seen.await?).for_each(|(whole, part)| whole.add(part));
        }
        Ok(whole)
    }

    /// Everything counted so far.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub async fn totals(&self) -> Result<Totals, EngineError> {
        let slowed = self.look_at_state(|state| state.tenant.changes_slowed().to_vec()).await?;
        let mut totals = Totals { pairs: Minute::default(), touched: slowed };
        for shard in self.shards.iter() {
            let of_shard = look(shard, |desk| {
                let (pairs, mut touched) = desk.counter.totals();
                touched.iter_mut().zip(&desk.struck).for_each(|(touched, struck)| *touched += struck);
                (pairs, touched)
            });
            let (pairs, touched) = of_shard.await?;
            totals.pairs.add(&pairs);
            totals.touched.iter_mut().zip(touched).for_each(|(mine, theirs)| *mine += theirs);
        }
        Ok(totals)
    }

    /// Takes out the news, if the tenant is watched.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub async fn news(&self) -> Result<News, EngineError> {
        let mut news = News::default();
        for shard in self.shards.iter() {
            let of_shard = look(shard, |desk| desk.watch.as_mut().map(|watch| std::mem::take(&mut watch.news)));
            if let Some(of_shard) = of_shard.await? {
                news.stirred.extend(of_shard.stirred);
                news.dismissed.extend(of_shard.dismissed);
                news.missed += of_shard.missed;
            }
        }
        Ok(news)
    }

    /// Waits until all has happened that is due now, and was asked before.
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub async fn caught_up(&self) -> Result<(), EngineError> {
        // What was asked before has gone from the tenant to its shards when it has had a look.
        self.look_at_state(|_| ()).await?;
        for shard in self.shards.iter() {
            let (reply, answer) = tokio::sync::oneshot::channel();
            shard.put(ShardCommand::CaughtUp(reply))?;
            answer.await.map_err(|_| EngineError::Gone)?;
        }
        Ok(())
    }

    /// Dismisses a notification by hand at a moment before which nothing more will be asked (T9).
    ///
    /// # Errors
    /// [`EngineError::Gone`].
    pub fn dismiss(&self, device: DeviceIx, message: MessageIx, at: SimTime) -> Result<(), EngineError> {
        let feed = Feed::Input { device, at, input: Box::new(DeviceInput::Dismiss(message)) };
        self.actor.cast(TenantMessage::Give(feed)).map_err(|_| EngineError::Gone)
    }
}

async fn look<T: Send + 'static>(
    shard: &Inbox,
    look: impl FnOnce(&mut ShardState) -> T + Send + 'static,
) -> Result<T, EngineError> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    // Who asked may have gone meanwhile.
    let look = Box::new(move |desk: &mut ShardState| drop(sender.send(look(desk))));
    shard.put(ShardCommand::Look(look))?;
    receiver.await.map_err(|_| EngineError::Gone)
}
