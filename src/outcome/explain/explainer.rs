//! The explanation of one fate: a plain record of the request, the device and every step, from the forecast's own plan
//! and life. Must not decide anything or keep a text of a message (R6).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::forecast::{LifeEventKind, Story, TenantPlan, story};
use crate::rules::base::ids::{DeviceIx, GroupIx};
use crate::rules::base::time::SimTime;
use crate::rules::model::send::Target;
use crate::rules::model::world::World;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::journey::Journey;
use crate::rules::timeline::agenda::LedgerEntry;

use super::causes;
use super::membership::Membership;
use super::question::Question;
use super::steps::{StepLine, Steps};
use crate::outcome::record::outcome::SCHEMA_VERSION;
use crate::outcome::record::selection::cause_of;

/// What became of one message on one device, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// The version of this format.
    pub schema_version: u32,
    /// The scenario's name.
    pub scenario: String,
    /// The seed of all chance.
    pub seed: u64,
    /// The edition of the service.
    pub profile: String,
    /// The device.
    pub device: DeviceSnapshot,
    /// The message.
    pub message: AskedMessage,
    /// Where the pair is at the end; null if there is none.
    pub pair: Option<Ending>,
    /// Everything that happened, in order of time; the last says how it ended.
    pub steps: Vec<StepLine>,
}

/// What a device is, as drawn for the start of the scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Handset")]
pub struct DeviceSnapshot {
    /// Its name.
    pub name: String,
    /// Its user; null if it has none.
    pub user: Option<String>,
    /// Its cohort.
    pub cohort: String,
    /// Its platform.
    pub platform: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The gateway that carries its messages; null if none does.
    pub gateway: Option<String>,
    /// Enrolled at the start.
    pub enrolled: bool,
    /// Enrolled by another user than its own.
    pub enrolled_by_another: bool,
    /// How it is enrolled; means something on Android only.
    pub enrollment: String,
    /// The apps at the start: `company_portal`, `intune`, `both` or `none`.
    pub app: String,
    /// The app is too old for the profile of 2025; Android only.
    pub app_outdated: bool,
    /// Notifications are allowed at the start.
    pub push_permission: bool,
    /// Play Services are there; Android only.
    pub play_services: bool,
    /// The app is force-stopped at the start; Android only.
    pub force_stopped: bool,
    /// Battery optimisation blocks the app; Android only, since 2025.
    pub battery_restricted: bool,
    /// What the lock screen shows: `full`, `hidden` or `off`.
    pub lock_screen: String,
}

/// What was asked of the tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AskedMessage {
    /// The send's name.
    pub send: String,
    /// Which occurrence, from 0.
    pub occurrence: u32,
    /// How many occurrences the send has.
    pub occurrences: u64,
    /// `group` or `device`.
    pub kind: String,
    /// Who sent it.
    pub account: String,
    /// The groups that it addresses; empty for single devices.
    pub groups: Vec<String>,
    /// Those of them that the device's user is in, as the sender sees it when the message is judged last.
    pub through: Vec<String>,
    /// When it was asked for first, in ms.
    pub asked_at_ms: u64,
    /// Attempts, retries included; 0 if this device was never asked for.
    pub attempts: u64,
    /// When it was accepted, in ms; null if it was not.
    pub accepted_at_ms: Option<u64>,
    /// Why it was refused; null if it was not.
    pub reason: Option<String>,
    /// When the quota that refused it has a slot again, in ms.
    pub next_slot_ms: Option<u64>,
}

/// Where a pair is at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ending {
    /// Its station.
    pub station: String,
    /// The cause, for stations that have one: the same word as in the report.
    pub cause: Option<String>,
    /// How it appeared, if it was shown.
    pub form: Option<String>,
    /// Why the pair belongs to the message: `member`, `late_joiner`, `stale_member` or `stale_device`.
    pub class: String,
    /// When it came to its station, in ms.
    pub at_ms: u64,
    /// The same in the phone's local time: `Tue 21:30`.
    #[serde(default)]
    pub local: String,
    /// When it was dismissed, in ms; null if it was not before the end.
    pub dismissed_at_ms: Option<u64>,
}

/// Explains fates of one world.
#[derive(Debug)]
pub struct Explainer<'a> {
    world: &'a World,
    plan: TenantPlan,
}

impl<'a> Explainer<'a> {
    /// Plans the world once, for all explanations.
    pub fn new(world: &'a World) -> Self {
        Self::unless_stopped(world, &CancellationToken::new()).expect("nothing stops it")
    }

    /// The same; `None` if it is cancelled meanwhile.
    pub fn unless_stopped(world: &'a World, stop: &CancellationToken) -> Option<Self> {
        let plan = TenantPlan::entire(world, stop);
        (!stop.is_cancelled()).then_some(Self { world, plan })
    }

    /// Explains one fate.
    pub fn explain(&self, question: Question) -> Explanation {
        let (world, plan) = (self.world, &self.plan);
        let entry = self.entry(question);
        let membership = Membership::new(world, question.device);
        let message = asked_message(world, question, entry, &membership);
        let mut steps = Steps::new(world, plan, question, &message, &membership);
        let mut pair = None;
        match entry {
            None => steps.not_addressed(),
            Some(entry) => match entry.outcome {
                Err(refusal) => steps.refused(entry, refusal),
                Ok(ix) => {
                    let story = story(world, plan, question.device, ix);
                    pair = ending(world, question.device, &story);
                    steps.accepted(entry, &story);
                }
            },
        }
        let steps = steps.finish();
        Explanation {
            schema_version: SCHEMA_VERSION,
            scenario: world.name.clone(),
            seed: world.chance.seed(),
            profile: world.profile.name().to_owned(),
            device: handset(world, question.device),
            message,
            pair,
            steps,
        }
    }

    /// The ledger's entry of the message: that of this device, if each device has its own.
    fn entry(&self, question: Question) -> Option<&LedgerEntry> {
        let same = |entry: &&LedgerEntry| {
            (entry.send, entry.occurrence) == (question.send, question.occurrence)
                && entry.device.is_none_or(|device| device == question.device)
        };
        self.plan.agenda.ledger().iter().find(same)
    }
}

/// The groups that a send addresses.
pub(crate) fn groups_of(target: &Target) -> &[GroupIx] {
    match target {
        Target::Groups(groups) => groups,
        Target::Devices { .. } => &[],
    }
}

fn asked_message(
    world: &World,
    question: Question,
    entry: Option<&LedgerEntry>,
    membership: &Membership<'_>,
) -> AskedMessage {
    let send = &world.sends[question.send.at()];
    let asked_at = send.times[question.occurrence as usize];
    let groups = groups_of(&send.target);
    let names = |groups: &[GroupIx]| groups.iter().map(|group| world.groups[group.at()].name.clone()).collect();
    let refusal = entry.and_then(|entry| entry.outcome.err());
    AskedMessage {
        send: send.name.clone(),
        occurrence: question.occurrence,
        occurrences: send.times.len() as u64,
        kind: send.target.kind().name().to_owned(),
        account: world.accounts[send.account.at()].name.clone(),
        groups: names(groups),
        through: names(&membership.visible_in(groups, entry.map_or(asked_at, |entry| entry.at))),
        asked_at_ms: asked_at.ms(),
        attempts: entry.map_or(0, |entry| u64::from(entry.attempts)),
        accepted_at_ms: entry.filter(|entry| entry.outcome.is_ok()).map(|entry| entry.at.ms()),
        reason: refusal.map(|refusal| refusal.reason.name().to_owned()),
        next_slot_ms: refusal.and_then(|refusal| refusal.next_slot).map(SimTime::ms),
    }
}

pub(crate) fn handset(world: &World, device: DeviceIx) -> DeviceSnapshot {
    let (fleet, traits) = (&world.fleet, world.fleet.traits(device));
    let stratum = &fleet.strata()[traits.stratum.at()];
    DeviceSnapshot {
        name: fleet.device_name(device),
        user: fleet.user_of(device).map(|user| fleet.user_name(user)),
        cohort: stratum.cohort.clone(),
        platform: traits.platform.name().to_owned(),
        labels: stratum.labels.clone(),
        gateway: traits.platform.gateway().map(|gateway| gateway.name().to_owned()),
        enrolled: traits.enrolled,
        enrolled_by_another: traits.enrolled_by_another,
        enrollment: causes::enrollment(traits.enrollment).to_owned(),
        app: causes::app(traits.app).to_owned(),
        app_outdated: traits.app_outdated,
        push_permission: traits.push_permission,
        play_services: traits.play_services,
        force_stopped: traits.force_stopped,
        battery_restricted: traits.battery_restricted,
        lock_screen: causes::lock_screen(traits.lock_screen).to_owned(),
    }
}

pub(crate) fn ending(world: &World, device: DeviceIx, story: &Story) -> Option<Ending> {
    let fate = story.fate?;
    let zone = &world.fleet.strata()[world.fleet.traits(device).stratum.at()].zone;
    let form = match fate.journey {
        Journey::Shown(form) => Some(form.name().to_owned()),
        _ => None,
    };
    Some(Ending {
        station: fate.journey.station().name().to_owned(),
        cause: cause_of(world, fate.journey).map(str::to_owned),
        form,
        class: class_of(story).name().to_owned(),
        at_ms: fate.at.ms(),
        local: zone.clock_at(fate.at),
        dismissed_at_ms: fate.dismissed_at.map(SimTime::ms),
    })
}

/// The last reported class of the pair.
fn class_of(story: &Story) -> AudienceClass {
    let said = story.events.iter().rev().find_map(|event| match event.what {
        LifeEventKind::Started(class) | LifeEventKind::Skipped(class, _) => Some(class),
        _ => None,
    });
    said.expect("a pair sets out or is skipped, and both report its class")
}
