//! The steps of a fate as text for a help desk, each with its time, its cause and the draw that decided it. Must not
//! decide anything: every step comes from a report of the state machines.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::forecast::{LifeEvent, LifeEventKind, Story, TenantPlan};
use crate::rules::base::chance::Ratio;
use crate::rules::base::ids::{FaultIx, GroupIx, Key, MessageIx};
use crate::rules::base::time::{SimTime, Zone};
use crate::rules::delivery::observer::TraceEvent;
use crate::rules::faults::fault::FaultSet;
use crate::rules::model::change::PhoneChange;
use crate::rules::model::phone_by_hand::PhoneByHand;
use crate::rules::model::world::World;
use crate::rules::population::traits::Traits;
use crate::rules::sending::directory::Fact;
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::gateway::Gateway;
use crate::rules::service::journey::{Journey, LossCause};
use crate::rules::service::message::Refusal;
use crate::rules::timeline::agenda::LedgerEntry;

use super::causes;
use super::explainer::{AskedMessage, groups_of};
use super::membership::{DirectoryChange, Membership};
use super::question::Question;
use crate::outcome::words::millis;

/// One step of a fate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepLine {
    /// When, in ms since the scenario's start.
    pub at_ms: u64,
    /// The same in the device's local time: `Tue 21:30`.
    #[serde(default)]
    pub local: String,
    /// Milliseconds since the message was accepted; null before that, and if it was not.
    pub since_accepted_ms: Option<u64>,
    /// What happened: a word that stays the same from release to release.
    pub what: String,
    /// The same for people.
    pub text: String,
    /// What was drawn, a number from 0 to 4,294,967,295, each as likely; null where nothing was.
    pub draw: Option<u32>,
    /// It happens if the draw is below this number, 0 to 4,294,967,296; null where a draw chooses a length and decides nothing.
    pub threshold: Option<u64>,
    /// The faults behind it, by name.
    pub faults: Vec<String>,
}

/// Steps under construction.
pub(crate) struct Steps<'a> {
    pub(crate) world: &'a World,
    plan: &'a TenantPlan,
    question: Question,
    message: &'a AskedMessage,
    membership: &'a Membership<'a>,
    pub(super) traits: Traits,
    /// The device's local time.
    zone: &'a Zone,
    lines: Vec<StepLine>,
    /// The last trace event with its time: the reason for the next move.
    noted: Option<(SimTime, TraceEvent)>,
    /// What is set on the phone by hand, as told last, and when that was.
    pub(super) by_hand: Option<(SimTime, PhoneByHand)>,
}

impl<'a> Steps<'a> {
    pub(crate) fn new(
        world: &'a World,
        plan: &'a TenantPlan,
        question: Question,
        message: &'a AskedMessage,
        membership: &'a Membership<'a>,
    ) -> Self {
        let traits = world.fleet.traits(question.device);
        let zone = &world.fleet.strata()[traits.stratum.at()].zone;
        Self { world, plan, question, message, membership, traits, zone, lines: Vec::new(), noted: None, by_hand: None }
    }

    /// The steps in order of time.
    pub(crate) fn finish(mut self) -> Vec<StepLine> {
        self.lines.sort_by_key(|line| line.at_ms);
        self.lines
    }

    /// A send to other single devices.
    pub(crate) fn not_addressed(&mut self) {
        let text = "no copy: the send goes to single devices, and this one is not among them".to_owned();
        self.push(SimTime(self.message.asked_at_ms), "not_in_audience", text);
    }

    /// The tenant refused the message.
    pub(crate) fn refused(&mut self, entry: &LedgerEntry, refusal: Refusal) {
        let attempts = match entry.attempts {
            1 => String::new(),
            attempts => format!(" at attempt {attempts} as before"),
        };
        let next = match refusal.next_slot {
            Some(next) => format!("; the next slot is free at {next}"),
            None if refusal.reason.is_quota() => "; when a slot is free is not told".to_owned(),
            None => String::new(),
        };
        let (account, why) = (&self.message.account, causes::refused(refusal.reason));
        let text = format!("refused{attempts}, sent by `{account}`: {why}{next}");
        self.push(entry.at, "refused", text);
    }

    /// The tenant accepted the message.
    pub(crate) fn accepted(&mut self, entry: &LedgerEntry, story: &Story) {
        let judged = story
            .events
            .iter()
            .filter(|event| matches!(event.what, LifeEventKind::Started(_) | LifeEventKind::Skipped(..)));
        let until = judged.map(|event| event.at).next_back().unwrap_or_else(|| self.last_chance(story));
        for change in self.membership.bearing_on(self.groups(), until) {
            self.directory(&change);
        }
        let attempts = match entry.attempts {
            1 => String::new(),
            attempts => format!(" at attempt {attempts}, after refusals by a quota"),
        };
        let to = match self.message.groups.as_slice() {
            [] => "this device".to_owned(),
            groups => quoted(groups),
        };
        self.push(entry.at, "accepted", format!("accepted{attempts}: to {to}, sent by `{}`", self.message.account));
        if story.events.is_empty() {
            return self.absent(until);
        }
        let ends = |event: &LifeEvent| !matches!(event.what, LifeEventKind::Changed(..));
        let last = story.events.iter().rposition(ends).expect("a story without a pair is empty");
        for event in &story.events[..=last] {
            self.happened(event, story);
        }
    }

    /// The last moment at which catch-up could have reached the device.
    fn last_chance(&self, story: &Story) -> SimTime {
        story.message.catch_up_until.unwrap_or(story.message.accepted_at).min(self.world.horizon.just_before())
    }

    fn groups(&self) -> &'a [GroupIx] {
        groups_of(&self.world.sends[self.question.send.at()].target)
    }

    fn absent(&mut self, until: SimTime) {
        let groups = quoted(&self.message.groups);
        let mut late = self.membership.bearing_on(self.groups(), until).into_iter();
        let late = late.rfind(|change| change.holds && change.visible_at > until);
        let text = match (self.membership.user, late) {
            (None, _) => "no copy: the device has no user, and group messages go to the devices of users".to_owned(),
            (Some(_), Some(late)) => {
                let visible = self.moment(late.visible_at);
                format!(
                    "no copy: the sender sees its user in {groups} only {visible}, too late for catch-up until {until}"
                )
            }
            (Some(_), None) => {
                format!(
                    "no copy: as the sender sees it, its user is not in {groups} at the send, nor by the end of catch-up at {until}"
                )
            }
        };
        self.push(until, "not_in_audience", text);
    }

    fn directory(&mut self, change: &DirectoryChange) {
        let (what, word) = match (change.fact, change.holds) {
            (Fact::Membership(group, _), true) => ("joined", format!("joins `{}`", self.world.groups[group.at()].name)),
            (Fact::Membership(group, _), false) => ("left", format!("leaves `{}`", self.world.groups[group.at()].name)),
            (Fact::Enrolment(_), true) => ("enrolled", "is enrolled".to_owned()),
            (Fact::Enrolment(_), false) => ("unenrolled", "is unenrolled".to_owned()),
        };
        let subject = if matches!(change.fact, Fact::Membership(..)) { "its user" } else { "the device" };
        let (name, visible) = (change.name(self.world), self.moment(change.visible_at));
        let slowed = self.by(", slowed by", change.slowed_by);
        let text = format!("{subject} {word} (change `{name}`); the sender sees it {visible}{slowed}");
        self.push(change.at, what, text).faults = self.names(change.slowed_by);
    }

    fn happened(&mut self, event: &LifeEvent, story: &Story) {
        let at = event.at;
        match event.what {
            LifeEventKind::Started(class) => self.in_audience(at, class),
            LifeEventKind::Skipped(class, cause) => {
                self.in_audience(at, class);
                self.push(at, "skipped", causes::skipped(cause, &self.traits));
            }
            LifeEventKind::Reopened => {
                let text = "its enrolment becomes visible inside the window for catch-up: it sets out after all";
                self.push(at, "reopened", text.to_owned());
            }
            LifeEventKind::Noted(note) => {
                self.noted(at, &note);
                self.noted = Some((at, note));
            }
            LifeEventKind::Moved(to, rival) => self.moved(at, to, rival, story),
            LifeEventKind::Exposed => {
                self.push(at, "exposed", "another app on the phone could read the notification".to_owned());
            }
            LifeEventKind::Dismissed => {
                self.push(at, "dismissed", "dismissed: the notification leaves the screen".to_owned());
            }
            LifeEventKind::Changed(change, key) => self.changed(at, change, key),
            LifeEventKind::StillWaiting(cause) => {
                let text = format!("still waiting at the end of the scenario, for {}", causes::waits_for(cause));
                self.push(at, "still_waiting", text);
            }
        }
    }

    fn in_audience(&mut self, at: SimTime, class: AudienceClass) {
        let groups = self.membership.visible_in(self.groups(), at);
        let names: Vec<String> = groups.iter().map(|group| self.world.groups[group.at()].name.clone()).collect();
        let text = match (self.groups(), class) {
            ([], AudienceClass::StaleDevice) => {
                "addressed by itself, though unenrolled: the sender does not see that yet".to_owned()
            }
            ([], _) => "addressed by itself".to_owned(),
            (_, class) => causes::in_audience(class, &quoted(&names)),
        };
        self.push(at, "in_audience", text);
    }

    fn moved(&mut self, at: SimTime, to: Journey, rival: Option<MessageIx>, story: &Story) {
        let (what, text, faults) = match to {
            // The trace event before it has given the reason.
            Journey::Waiting(_) => return,
            Journey::Skipped(cause) => ("skipped", causes::skipped(cause, &self.traits), FaultSet::default()),
            Journey::Blocked(cause) => {
                let faults = match self.noted {
                    Some((noted_at, TraceEvent::Hindered { faults })) if noted_at == at => faults,
                    _ => FaultSet::default(),
                };
                let by = if faults.is_empty() { "; no fault did it".to_owned() } else { self.by(", through", faults) };
                ("blocked", format!("{}{by}", causes::blocked(cause)), faults)
            }
            Journey::Lost(LossCause::Gateway) => {
                ("lost", format!("lost by {}; it is never sent again", self.gateway().name.name()), FaultSet::default())
            }
            Journey::Lost(LossCause::Fault(fault)) => {
                let text = format!("lost to fault `{}`; it is never sent again", self.name(fault));
                ("lost", text, FaultSet::of(fault))
            }
            Journey::Superseded => ("superseded", self.superseded(rival), FaultSet::default()),
            Journey::Discarded => ("discarded", self.discarded(rival, story), FaultSet::default()),
            Journey::Expired => ("expired", self.expired(at, story), FaultSet::default()),
            Journey::Shown(form) => ("shown", causes::shown(form).to_owned(), FaultSet::default()),
        };
        self.push(at, what, text).faults = self.names(faults);
    }

    fn superseded(&self, rival: Option<MessageIx>) -> String {
        let (gateway, keeps) = (self.gateway().name.name(), self.gateway().stored);
        let by = rival.map_or_else(|| "a newer message".to_owned(), |rival| format!("`{}`", self.message_name(rival)));
        format!(
            "superseded by {by}: {gateway} stores the newest {keeps} for a phone that is offline, and drops the rest"
        )
    }

    fn discarded(&self, rival: Option<MessageIx>, story: &Story) -> String {
        let (gateway, keeps) = (self.gateway().name.name(), self.gateway().stored);
        let by = match rival {
            Some(rival) if rival != story.message.ix => format!("`{}` was", self.message_name(rival)),
            _ => "it was".to_owned(),
        };
        format!(
            "discarded: {by} one more than the {keeps} that {gateway} stores for a phone that is offline, and so all go"
        )
    }

    fn expired(&self, at: SimTime, story: &Story) -> String {
        let gateway = self.gateway();
        let expiry_ms = story.message.expiry_ms[gateway.name as usize];
        let failed = self.noted.is_some_and(|(noted_at, note)| {
            noted_at == at && matches!(note, TraceEvent::Offline { .. } | TraceEvent::Dozing { .. })
        });
        match (failed, expiry_ms) {
            (true, 0) => "expired: it is tried once and never stored (expiry 0)".to_owned(),
            (true, _) => format!("expired: {} stores nothing for a phone that is offline", gateway.name.name()),
            (false, _) if self.noted.is_none() => {
                format!("expired before it could set out: it is tried for {} after acceptance", span(expiry_ms))
            }
            (false, _) => format!("expired: it is tried for {} after acceptance, and no longer", span(expiry_ms)),
        }
    }

    fn changed(&mut self, at: SimTime, change: PhoneChange, key: Key) {
        let named = self.world.changes.iter().find(|known| known.key == key);
        let name = named.map_or_else(String::new, |known| format!(" (change `{}`)", known.name));
        self.push(at, "phone_changed", format!("on the phone, {}{name}", causes::changed(change)));
    }

    pub(crate) fn push(&mut self, at: SimTime, what: &str, text: String) -> &mut StepLine {
        let accepted = self.message.accepted_at_ms.filter(|accepted| *accepted <= at.ms());
        self.lines.push(StepLine {
            at_ms: at.ms(),
            local: self.zone.clock_at(at),
            since_accepted_ms: accepted.map(|accepted| at.ms() - accepted),
            what: what.to_owned(),
            text,
            draw: None,
            threshold: None,
            faults: Vec::new(),
        });
        self.lines.last_mut().expect("it has just been pushed")
    }

    pub(crate) fn drawn(
        &mut self,
        at: SimTime,
        what: &str,
        text: String,
        draw: u32,
        rate: Option<Ratio>,
    ) -> &mut StepLine {
        let line = self.push(at, what, text);
        (line.draw, line.threshold) = (Some(draw), rate.map(Ratio::threshold));
        line
    }

    /// The gateway of a device that has journeys.
    pub(crate) fn gateway(&self) -> &'a Gateway {
        self.world.gateway(self.traits.platform.gateway().expect("only carried devices have journeys"))
    }

    /// The name of another message, as a question uses it.
    fn message_name(&self, message: MessageIx) -> String {
        let entry = self.plan.agenda.ledger().iter().find(|entry| entry.outcome == Ok(message));
        match entry {
            Some(entry) => format!("{}/{}", self.world.sends[entry.send.at()].name, entry.occurrence),
            // A posting is in no plan of a sender.
            None => message.0.to_string(),
        }
    }

    pub(crate) fn moment(&self, at: SimTime) -> String {
        if at >= self.world.horizon { "after the end of the scenario".to_owned() } else { format!("at {at}") }
    }

    pub(crate) fn name(&self, fault: FaultIx) -> &'a str {
        &self.world.faults[fault.at()].name
    }

    pub(crate) fn names(&self, faults: FaultSet) -> Vec<String> {
        faults.iter().map(|fault| self.name(fault).to_owned()).collect()
    }

    /// `words` and the faults; empty if there are none.
    pub(crate) fn by(&self, words: &str, faults: FaultSet) -> String {
        if faults.is_empty() { String::new() } else { format!("{words} {}", quoted(&self.names(faults))) }
    }
}

#[expect(clippy::cast_precision_loss, reason = "text only")]
pub(crate) fn span(ms: u64) -> String {
    millis(ms as f64)
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => "none of its groups".to_owned(),
        [one] => one.clone(),
        [firsts @ .., last] => format!("{} and {last}", firsts.join(", ")),
    }
}
