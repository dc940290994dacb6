//! The models of the discrete-event simulation, in the style of `NeXosim`'s documentation: inputs are methods, outputs
//! are ports, and a model schedules its own later events. They draw from the road, and decide nothing else.

use std::sync::Arc;
use std::time::Duration;

use nexosim::model::{BuildContext, Context, Model, ProtoModel, SchedulableId, schedulable};
use nexosim::ports::Output;
use reveille::rules::base::ids::Key;
use serde::{Deserialize, Serialize};

use super::road::Road;

/// The interval of messages: 25 an hour.
const BETWEEN: Duration = Duration::from_secs(144);

/// The ends of pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) sent: u64,
    pub(crate) lost: u64,
    pub(crate) stored: u64,
    pub(crate) shown: u64,
    pub(crate) dismissed: u64,
}

impl Counts {
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            sent: self.sent + other.sent,
            lost: self.lost + other.lost,
            stored: self.stored + other.stored,
            shown: self.shown + other.shown,
            dismissed: self.dismissed + other.dismissed,
        }
    }
}

/// A model with the road that it draws from, which is not part of its state.
pub(crate) struct With<M>(pub(crate) M, pub(crate) Arc<Road>);

impl<M: Model<Env = Arc<Road>>> ProtoModel for With<M> {
    type Model = M;

    fn build(self, _: &mut BuildContext<'_, Self>) -> (M, Arc<Road>) {
        (self.0, self.1)
    }
}

/// Schedules an event of the model itself for this message, in a millisecond at the earliest, since `NeXosim` accepts
/// no event for the present.
fn later<M: Model>(context: &Context<M>, ms: u64, input: SchedulableId<M, Key>, message: Key) {
    let scheduled = context.schedule_event(Duration::from_millis(ms.max(1)), &input, message);
    scheduled.expect("a millisecond from now is in the future");
}

/// Sends every message at its time.
#[derive(Serialize, Deserialize)]
pub(crate) struct Tenant {
    messages: Vec<Key>,
    pub(crate) to_gateways: Output<Key>,
}

#[Model]
impl Tenant {
    pub(crate) fn new(messages: Vec<Key>) -> Self {
        Self { messages, to_gateways: Output::new() }
    }

    #[nexosim(init)]
    #[expect(clippy::unused_async, reason = "an initialisation is asynchronous in `NeXosim`")]
    async fn init(&mut self, context: &Context<Self>) {
        for (message, nth) in self.messages.drain(..).zip(1..) {
            let scheduled = context.schedule_event(BETWEEN * nth, schedulable!(Self::send), message);
            scheduled.expect("the first message is later than the start");
        }
    }

    #[nexosim(schedulable)]
    async fn send(&mut self, message: Key) {
        self.to_gateways.send(message).await;
    }
}

/// Fans a message out.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Gateway {
    pub(crate) to_devices: Output<Key>,
}

#[Model]
impl Gateway {
    pub(crate) async fn carry(&mut self, message: Key) {
        self.to_devices.send(message).await;
    }
}

/// The cloud side of a phone: a copy is lost, or travels, and is stored while the phone is offline.
#[derive(Serialize, Deserialize)]
pub(crate) struct Device {
    key: Key,
    counts: Counts,
    pub(crate) to_portal: Output<Key>,
}

#[Model(type Env = Arc<Road>)]
impl Device {
    pub(crate) fn new(key: Key) -> Self {
        Self { key, counts: Counts::default(), to_portal: Output::new() }
    }

    pub(crate) fn travel(&mut self, message: Key, context: &Context<Self>, road: &mut Arc<Road>) {
        self.counts.sent += 1;
        match road.trip_ms(self.key, message) {
            None => self.counts.lost += 1,
            Some(ms) => later(context, ms, *schedulable!(Self::arrive), message),
        }
    }

    #[nexosim(schedulable)]
    async fn arrive(&mut self, message: Key, context: &Context<Self>, road: &mut Arc<Road>) {
        match road.stored_ms(self.key, message) {
            None => self.to_portal.send(message).await,
            Some(ms) => {
                self.counts.stored += 1;
                later(context, ms, *schedulable!(Self::release), message);
            }
        }
    }

    #[nexosim(schedulable)]
    async fn release(&mut self, message: Key) {
        self.to_portal.send(message).await;
    }

    #[expect(clippy::unused_async, reason = "what answers a query is asynchronous in `NeXosim`")]
    pub(crate) async fn counts(&mut self) -> Counts {
        self.counts
    }
}

/// The phone's side: shows what arrives, until it is dismissed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Portal {
    key: Key,
    counts: Counts,
}

#[Model(type Env = Arc<Road>)]
impl Portal {
    pub(crate) fn new(key: Key) -> Self {
        Self { key, counts: Counts::default() }
    }

    pub(crate) fn display(&mut self, message: Key, context: &Context<Self>, road: &mut Arc<Road>) {
        self.counts.shown += 1;
        if let Some(ms) = road.attended_ms(self.key, message) {
            later(context, ms, *schedulable!(Self::dismiss), message);
        }
    }

    #[nexosim(schedulable)]
    fn dismiss(&mut self, _message: Key) {
        self.counts.dismissed += 1;
    }

    #[expect(clippy::unused_async, reason = "what answers a query is asynchronous in `NeXosim`")]
    pub(crate) async fn counts(&mut self) -> Counts {
        self.counts
    }
}
