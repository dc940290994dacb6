//! The fates of a hosted tenant's messages, recomputed from its history as the forecast does: journeys and explanations
//! need no memory of their own. Must not decide anything or hold a text (R6).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::VariantArray as _;
use tokio_util::sync::CancellationToken;

use super::error::HostError;
use super::message_log::Posted;
use super::past::Past;
use crate::engine::MessageLook;
use crate::forecast::{HistoryPlanner, LifeEventKind, Story, TenantPlan, fates, story};
use crate::outcome::explain::explainer::{AskedMessage, Explanation, ending, handset};
use crate::outcome::explain::membership::Membership;
use crate::outcome::explain::question::Question;
use crate::outcome::explain::steps::Steps;
use crate::outcome::record::outcome::SCHEMA_VERSION;
use crate::outcome::record::selection::cause_of;
use crate::rules::base::ids::{DeviceIx, GroupIx, MessageIx};
use crate::rules::base::time::SimTime;
use crate::rules::delivery::fate::PairFate;
use crate::rules::model::world::World;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::Journey;
use crate::rules::service::message::MessageKind;
use crate::rules::timeline::agenda::LedgerEntry;
use crate::rules::timeline::history::TimedInput;
use crate::rules::timeline::posting::Recipients;

/// Where one pair is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JourneyLine {
    /// Its station.
    pub station: String,
    /// The cause, for stations that have one.
    pub cause: Option<String>,
    /// How it appeared, if it was shown.
    pub form: Option<String>,
    /// When it came to its station, in ms.
    pub at_ms: u64,
    /// When it was dismissed, in ms; null if it was not.
    pub dismissed_at_ms: Option<u64>,
}

/// A hosted tenant, recomputed from its history up to a moment.
#[derive(Debug)]
pub struct Recall {
    world: World,
    plan: TenantPlan,
    stop: CancellationToken,
}

impl Recall {
    /// From the inputs of a world that takes postings, up to and including `now`; faults are switched as they were. `None` if it is
    /// stopped meanwhile.
    pub fn new(world: &World, inputs: &[TimedInput], now: SimTime, stop: &CancellationToken) -> Option<Self> {
        let world = world.revision(inputs);
        let plan = TenantPlan::of_history(&world, inputs, now, stop)?;
        Some(Self { world, plan, stop: stop.clone() })
    }

    /// From the past of a hosted tenant, for questions about these devices and about messages to groups. `None` if it is stopped
    /// meanwhile.
    ///
    /// # Errors
    /// [`HostError::NotWhole`], [`HostError::WasReset`], and those of a store.
    pub fn of_devices(
        past: &mut Past,
        devices: impl IntoIterator<Item = DeviceIx>,
        stop: &CancellationToken,
    ) -> Result<Option<Self>, HostError> {
        let (world, devices) = (past.world(), devices.into_iter().map(|device| device.0).collect());
        let mut planner = HistoryPlanner::new(&world, past.now(), Some(devices), stop);
        past.rewind();
        loop {
            let piece = past.next_piece()?;
            if piece.is_empty() {
                break;
            }
            if !planner.add(piece.iter().map(|again| &again.input)) {
                return Ok(None);
            }
        }
        let plan = planner.finish();
        Ok(plan.map(|plan| Self { world, plan, stop: stop.clone() }))
    }

    /// The same for questions about a message, on its devices from this one on, at most `max`.
    ///
    /// # Errors
    /// As [`Recall::of_devices`].
    pub fn of_message(
        past: &mut Past,
        posted: &Posted,
        from: DeviceIx,
        max: usize,
        stop: &CancellationToken,
    ) -> Result<Option<Self>, HostError> {
        match &posted.recipients {
            Recipients::Device(device) => Self::of_devices(past, [*device], stop),
            Recipients::Groups(_) => {
                let Some(audiences) = Self::of_devices(past, [], stop)? else { return Ok(None) };
                let devices = audiences.plan.devices_of(posted.message);
                Self::of_devices(past, devices.range(from.0..).take(max).map(DeviceIx), stop)
            }
        }
    }

    /// The pairs of a device, by message.
    pub fn device(&self, device: DeviceIx) -> Vec<(MessageIx, JourneyLine)> {
        fates(&self.world, &self.plan, device).into_iter().map(|(message, fate)| (message, self.line(fate))).collect()
    }

    /// The pairs of a message, on its devices from this one on, at most `max`; fewer if it is stopped meanwhile.
    pub fn message(&self, message: MessageIx, from: DeviceIx, max: usize) -> Vec<(DeviceIx, JourneyLine)> {
        self.message_where(message, from, max, |_| true)
    }

    /// The same for the pairs that are asked for.
    pub(crate) fn message_where(
        &self,
        message: MessageIx,
        from: DeviceIx,
        max: usize,
        is_wanted: impl Fn(&JourneyLine) -> bool,
    ) -> Vec<(DeviceIx, JourneyLine)> {
        let devices = self.plan.devices_of(message);
        let wanted = devices.range(from.0..).map(DeviceIx).take_while(|_| !self.stop.is_cancelled());
        let found = wanted.filter_map(|device| {
            let fate = fates(&self.world, &self.plan, device).remove(&message)?;
            Some((device, self.line(fate))).filter(|(_, line)| is_wanted(line))
        });
        found.take(max).collect()
    }

    /// What has become of a message to one device, as the actors would report it.
    pub fn look(&self, message: MessageIx, device: DeviceIx) -> MessageLook {
        let mut look = MessageLook { sent: 1, ..MessageLook::default() };
        let Story { events, fate, .. } = story(&self.world, &self.plan, device, message);
        match fate.map(|fate| fate.journey) {
            Some(Journey::Waiting(cause)) => look.waiting[cause as usize] = 1,
            Some(settled) => look.settled = [(settled, 1)].into(),
            None => {}
        }
        look.dismissed = fate.and_then(|fate| fate.dismissed_at).map_or(0, |_| 1);
        look.exposed = u64::from(events.iter().any(|event| event.what == LifeEventKind::Exposed));
        look
    }

    /// The pairs of a message by [`AudienceClass`], in its order.
    pub fn classes(&self, message: MessageIx) -> [u64; AudienceClass::VARIANTS.len()] {
        self.plan.classes_of(message)
    }

    fn line(&self, fate: PairFate) -> JourneyLine {
        let form = match fate.journey {
            Journey::Shown(form) => Some(form.name().to_owned()),
            _ => None,
        };
        JourneyLine {
            station: fate.journey.station().name().to_owned(),
            cause: cause_of(&self.world, fate.journey).map(str::to_owned),
            form,
            at_ms: fate.at.ms(),
            dismissed_at_ms: fate.dismissed_at.map(SimTime::ms),
        }
    }

    /// Every step of one message on one device; `None` if the message is not in this history.
    pub fn explain(mut self, posted: &Posted, device: DeviceIx) -> Option<Explanation> {
        let message = *self.plan.message(posted.message)?;
        // The send that represents all postings gets this message's recipients while its steps are described.
        self.world.sends[World::POSTED.at()].target = posted.recipients.clone().into_target();
        let Self { world, plan, stop: _ } = self;
        let question = Question { device, send: World::POSTED, occurrence: message.occurrence };
        let membership = Membership::new(&world, device);
        let asked = asked_message(&world, posted, &membership);
        let mut steps = Steps::new(&world, &plan, question, &asked, &membership);
        let story = story(&world, &plan, device, posted.message);
        let entry = LedgerEntry {
            send: World::POSTED,
            occurrence: message.occurrence,
            device: posted.recipients.device(),
            key: message.key,
            attempts: 1,
            at: posted.at,
            outcome: Ok(posted.message),
        };
        let pair = ending(&world, device, &story);
        if entry.device.is_some_and(|to| to != device) {
            steps.not_addressed();
        } else {
            steps.accepted(&entry, &story);
        }
        let steps = steps.finish();
        Some(Explanation {
            schema_version: SCHEMA_VERSION,
            scenario: world.name.clone(),
            seed: world.chance.seed(),
            profile: world.profile.name().to_owned(),
            device: handset(&world, device),
            message: asked,
            pair,
            steps,
        })
    }
}

fn asked_message(world: &World, posted: &Posted, membership: &Membership<'_>) -> AskedMessage {
    let (kind, groups) = match &posted.recipients {
        Recipients::Device(_) => (MessageKind::Device, &[][..]),
        Recipients::Groups(groups) => (MessageKind::Group, groups.as_slice()),
    };
    let names = |groups: &[_]| groups.iter().map(|group: &GroupIx| world.groups[group.at()].name.clone()).collect();
    AskedMessage {
        send: world.sends[World::POSTED.at()].name.clone(),
        occurrence: posted.message.0,
        occurrences: 1,
        kind: kind.name().to_owned(),
        account: world.accounts[posted.account.at()].name.clone(),
        groups: names(groups),
        through: names(&membership.visible_in(groups, posted.at)),
        asked_at_ms: posted.at.ms(),
        attempts: 1,
        accepted_at_ms: Some(posted.at.ms()),
        reason: None,
        next_slot_ms: None,
    }
}
