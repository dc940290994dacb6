//! The inputs of one millisecond: changes of phones, sends, retries (X2, X5–X9). Must not move copies.

use super::admission::{Addressee, distinct};
use super::directory::View;
use super::minutes::Attempt;
use super::model::{HOUR, Ms, Send, Target};
use super::pair::Message;
use super::tenant::{Entry, Tenant};

/// Group messages an hour (R40).
const GROUP_MESSAGES_MAX: usize = 25;
/// Messages an hour to one device (R43).
const DEVICE_MESSAGES_MAX: usize = 10;

impl Tenant<'_> {
    /// The inputs of a millisecond, each with its immediate effects.
    pub(crate) fn inputs(&mut self, now: Ms) {
        for item in self.directory.items.iter().filter(|item| item.at == now) {
            if let Some(device) = item.device.map(|id| self.scenario.device_at(id)) {
                self.phones[device].change(&self.scenario.devices[device], item);
            }
        }
        for (at, send) in self.scenario.sends.iter().enumerate() {
            let occurrences = (0..).map_while(|nth| Some((nth, send.times.nth(nth)?)));
            let due = occurrences.take_while(|(_, at)| *at <= now).find(|(_, at)| *at == now);
            let Some((occurrence, _)) = due else { continue };
            for device in self.targets(send) {
                let outcome = Err(("never asked", None));
                self.ledger.push(Entry { send: at, occurrence, device, attempts: 0, outcome });
                self.ask(self.ledger.len() - 1, now);
            }
        }
        let due: Vec<usize> = self.retries.iter().filter(|(at, _)| *at == now).map(|(_, entry)| *entry).collect();
        for entry in due {
            self.ask(entry, now);
        }
    }

    /// The single devices that a send goes to, in fleet order (X28), or one `None` for groups.
    fn targets(&self, send: &Send) -> Vec<Option<usize>> {
        match &send.target {
            Target::Groups(_) => vec![None],
            Target::Device(id) => vec![Some(self.scenario.device_at(*id))],
            Target::Devices(ids) => {
                let mut places: Vec<usize> = ids.iter().map(|id| self.scenario.device_at(*id)).collect();
                places.sort_unstable();
                places.into_iter().map(Some).collect()
            }
        }
    }

    /// One attempt to send.
    fn ask(&mut self, at: usize, now: Ms) {
        self.ledger[at].attempts += 1;
        let Entry { send: send_at, occurrence, device, .. } = self.ledger[at];
        let send = &self.scenario.sends[send_at];
        let groups = if let Target::Groups(groups) = &send.target { distinct(groups) } else { Vec::new() };
        let to = device.map_or(Addressee::Groups(&groups), Addressee::Device);
        if let Some(reason) = self.moment(now).refuses(send, to) {
            self.ledger[at].outcome = Err((reason, None));
            self.log.push(Attempt { at: now, to_group: device.is_none(), reason: Some(reason), group_slots: 0 });
            return;
        }
        let cost = if self.scenario.service.slot_for_each_group && device.is_none() { groups.len() } else { 1 };
        let (taken, passed, limit, reason) = match device {
            None => (&mut self.group_taken, &mut self.group_quota, GROUP_MESSAGES_MAX, "group_quota"),
            Some(device) => {
                (&mut self.device_taken[device], &mut self.device_quota, DEVICE_MESSAGES_MAX, "device_quota")
            }
        };
        let free = taken.free_at(self.scenario, now, cost, limit);
        let counts = free == now || self.scenario.service.refused_counted;
        if counts {
            taken.take(now, cost);
        }
        let group_slots = if counts && device.is_none() { cost as u64 } else { 0 };
        if free > now {
            passed.refused += 1;
            // Attempts that are refused and counted make the wait longer (X36).
            let free = taken.free_at(self.scenario, now, cost, limit);
            self.log.push(Attempt { at: now, to_group: device.is_none(), reason: Some(reason), group_slots });
            self.refuse(at, reason, free, now);
            return;
        }
        passed.accepted += 1;
        self.log.push(Attempt { at: now, to_group: device.is_none(), reason: None, group_slots });
        self.ledger[at].outcome = Ok(self.messages.len());
        self.messages.push(Message { send: send_at, occurrence, accepted_at: now, groups: groups.clone() });
        self.start(to, now);
    }

    /// The journeys of the message that was accepted last.
    fn start(&mut self, to: Addressee<'_>, now: Ms) {
        let audience: Vec<usize> = match to {
            Addressee::Device(device) => vec![device],
            Addressee::Groups(groups) => {
                let addressed = |device: &usize| self.moment(now).is_addressed(*device, groups, View::Visible);
                (0..self.scenario.devices.len()).filter(addressed).collect()
            }
        };
        let mut batch = Vec::new();
        for device in audience {
            let skip = self.moment(now).skips(device, self.phones[device], to);
            let class = self.moment(now).class(device, to);
            // A message that is not sent to a phone does not count towards its hour.
            let is_sent = skip.is_none() && matches!(to, Addressee::Groups(_));
            if is_sent && self.scenario.service.group_messages_count {
                self.device_taken[device].take_beside(now);
            }
            batch.push(self.pair(self.messages.len() - 1, device, class, skip, now));
        }
        self.enqueue(&batch, now);
        self.move_copies(now);
    }

    /// X7: whole seconds, rounded up; an hour, if the refusal gives no time.
    fn refuse(&mut self, at: usize, reason: &'static str, free: Ms, now: Ms) {
        let withheld = self.scenario.service.hint_withheld;
        self.ledger[at].outcome = Err((reason, (!withheld).then_some(free)));
        let wait = if withheld { HOUR } else { (free - now).div_ceil(1_000) * 1_000 };
        if self.ledger[at].attempts <= self.scenario.sends[self.ledger[at].send].retries {
            self.retries.push((now + wait, at));
            self.wake(now + wait);
        }
    }
}
