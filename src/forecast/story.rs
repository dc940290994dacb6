//! The story of one pair: runs the whole life of its device as the forecast does and keeps all events of one message.
//! Must only observe: it cannot change a fate, and has no texts.

use std::collections::{BTreeMap, BTreeSet};

use crate::rules::base::ids::{DeviceIx, Key, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::counting::recorder::Counted;
use crate::rules::delivery::fate::PairFate;
use crate::rules::delivery::observer::{Observer, TraceEvent};
use crate::rules::model::change::PhoneChange;
use crate::rules::model::world::World;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::{Effect, Journey, SkipCause, WaitCause};
use crate::rules::service::message::Message;

use super::crowd_entries::Seats;
use super::life::Lives;
use super::life_recorder::{Life, LifeRecorder, keep, keep_skipped};
use super::plan::TenantPlan;

/// What happened to one message on one device.
#[derive(Clone, Debug)]
pub struct Story {
    /// The message.
    pub message: Message,
    /// The events in order of time; empty if the device is not in the audience.
    pub events: Vec<LifeEvent>,
    /// The fate of the pair; `None` if there is no pair.
    pub fate: Option<PairFate>,
}

/// An event in the life of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifeEvent {
    /// Model time.
    pub at: SimTime,
    /// Its kind.
    pub what: LifeEventKind,
}

/// The kinds of [`LifeEvent`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifeEventKind {
    /// The journey starts; the pair belongs to the message for this reason.
    Started(AudienceClass),
    /// There is no journey, though the pair belongs to the message for this reason.
    Skipped(AudienceClass, SkipCause),
    /// A skipped pair sets out after all (X12).
    Reopened,
    /// A decision, with its draw.
    Noted(TraceEvent),
    /// The pair moved; the message is the one that caused it, if one did.
    Moved(Journey, Option<MessageIx>),
    /// Another app could read the notification (R64).
    Exposed,
    /// The notification left the screen.
    Dismissed,
    /// The phone changed; the key is the change's.
    Changed(PhoneChange, Key),
    /// It still waits at the end.
    StillWaiting(WaitCause),
}

/// The story of an accepted message on a device.
pub fn story(world: &World, plan: &TenantPlan, device: DeviceIx, message: MessageIx) -> Story {
    let Listener { mut events, life, .. } = listened(world, plan, device, message);
    // A dismissal is reported late, with its own time.
    events.sort_by_key(|event| event.at);
    let is_pair = |event: &LifeEvent| !matches!(event.what, LifeEventKind::Changed(..));
    if !events.iter().any(is_pair) {
        events.clear();
    }
    Story { message: *plan.message(message).expect("it was accepted"), events, fate: life.get(&message).copied() }
}

fn listened(world: &World, plan: &TenantPlan, device: DeviceIx, message: MessageIx) -> Listener {
    let (mut entries, mut pairs) = (Seats::default(), Vec::new());
    entries.fill(&plan.crowds, &(device.0..device.0 + 1), &mut pairs);
    let alone = plan.alone.get(&device).map_or(&[][..], Vec::as_slice);
    let mut lives = Lives::recorded_by(world, plan, Listener::new(message, plan.until));
    lives.live(device, entries.row(0), &entries.first_ranks, alone);
    lives.into_recorder()
}

/// The fates of all pairs of a device, up to the end of the plan.
pub fn fates(world: &World, plan: &TenantPlan, device: DeviceIx) -> BTreeMap<MessageIx, PairFate> {
    // The life has all pairs of the device, whatever message the listener is for.
    listened(world, plan, device, MessageIx(0)).life
}

/// Keeps the events of one message.
#[derive(Debug)]
struct Listener {
    message: MessageIx,
    until: SimTime,
    events: Vec<LifeEvent>,
    /// The fate of every pair of the device, kept as the forecast keeps it.
    life: Life,
    /// Set when the journey starts; its time comes with the next event.
    class: Option<AudienceClass>,
    /// Messages in the gateway's store.
    stored: BTreeSet<MessageIx>,
    newcomer: Option<MessageIx>,
}

impl Listener {
    fn new(message: MessageIx, until: SimTime) -> Self {
        Self {
            message,
            until,
            events: Vec::new(),
            life: Life::new(),
            class: None,
            stored: BTreeSet::new(),
            newcomer: None,
        }
    }

    fn tell(&mut self, at: SimTime, what: LifeEventKind) {
        if let Some(class) = self.class.take() {
            self.events.push(LifeEvent { at, what: LifeEventKind::Started(class) });
        }
        self.events.push(LifeEvent { at, what });
    }

    /// The message that pushed this one out of the store: the newcomer, or the newest there if this one is the
    /// newcomer.
    fn rival(&self, to: Journey) -> Option<MessageIx> {
        match to {
            Journey::Superseded if self.newcomer == Some(self.message) => {
                self.stored.last().copied().filter(|newest| *newest != self.message)
            }
            Journey::Superseded | Journey::Discarded => self.newcomer,
            _ => None,
        }
    }
}

impl Observer for Listener {
    fn effect(&mut self, effect: Effect) {
        keep(&mut self.life, effect);
        if effect.message() == self.message {
            match effect {
                Effect::Started { class, .. } => self.class = Some(class),
                Effect::Moved { at, to, .. } => self.tell(at, LifeEventKind::Moved(to, self.rival(to))),
                Effect::Dismissed { at, .. } => self.tell(at, LifeEventKind::Dismissed),
                Effect::Exposed { .. } => {
                    let at = self.events.last().expect("what is read was shown").at;
                    self.tell(at, LifeEventKind::Exposed);
                }
                // The decision at which the fault was read has reported it.
                Effect::Touched { .. } => {}
            }
        }
        if let Effect::Moved { message, to, .. } = effect
            && to.is_settled()
        {
            self.stored.remove(&message);
        }
    }

    fn note(&mut self, message: MessageIx, at: SimTime, note: TraceEvent) {
        match note {
            TraceEvent::Stored { .. } => {
                self.stored.insert(message);
                self.newcomer = Some(message);
            }
            TraceEvent::Released => {
                self.stored.remove(&message);
            }
            _ => {}
        }
        if message == self.message {
            self.tell(at, LifeEventKind::Noted(note));
        }
    }
}

impl LifeRecorder for Listener {
    const EXPLAINS: bool = true;

    fn begin(&mut self, _device: DeviceIx, _counted: Counted) {}

    fn open(&mut self, _message: &Message) {}

    fn end(&mut self) {}

    fn skip(&mut self, message: MessageIx, class: AudienceClass, cause: SkipCause, at: SimTime) {
        keep_skipped(&mut self.life, message, cause, at);
        if message == self.message {
            self.tell(at, LifeEventKind::Skipped(class, cause));
        }
    }

    fn unskip(&mut self, message: MessageIx, _class: AudienceClass, at: SimTime) {
        if message == self.message {
            self.tell(at, LifeEventKind::Reopened);
        }
    }

    fn still_waiting(&mut self, message: MessageIx, cause: WaitCause) {
        if message == self.message {
            self.tell(self.until, LifeEventKind::StillWaiting(cause));
        }
    }

    fn changed(&mut self, change: PhoneChange, key: Key, at: SimTime) {
        self.events.push(LifeEvent { at, what: LifeEventKind::Changed(change, key) });
    }
}
