//! A run from its start to its end, moment by moment: first what is due, then the inputs (T2, X2). Its rules are in the
//! other files.

use std::collections::BTreeSet;

use super::admission::{Addressee, Moment};
use super::directory::{Directory, View};
use super::gateway::Queue;
use super::minutes::{Attempt, Open, SetOut};
use super::model::{GatewayName, Ms, Scenario};
use super::pair::{Class, Message, Pair, Place, Station};
use super::phone::Phone;
use super::quota::Taken;

/// One occurrence of a send, and one device where it goes to single devices.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) send: usize,
    pub(crate) occurrence: u64,
    pub(crate) device: Option<usize>,
    pub(crate) attempts: u64,
    /// The message that it became, or why it was refused and when the quota is free again.
    pub(crate) outcome: Result<usize, (&'static str, Option<Ms>)>,
}

/// The messages that a quota let pass.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Passed {
    pub(crate) accepted: u64,
    pub(crate) refused: u64,
}

pub(crate) struct Tenant<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) directory: Directory,
    pub(crate) phones: Vec<Phone>,
    pub(crate) messages: Vec<Message>,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) ledger: Vec<Entry>,
    pub(crate) group_quota: Passed,
    pub(crate) device_quota: Passed,
    pub(crate) group_taken: Taken,
    pub(crate) device_taken: Vec<Taken>,
    queues: [Queue; 2],
    /// Entries to be retried, with their moments, in the order of their refusals.
    pub(crate) retries: Vec<(Ms, usize)>,
    /// Every attempt to send, for the minutes.
    pub(crate) log: Vec<Attempt>,
    /// When a pair was skipped as not enrolled, and when it set out after all.
    pub(crate) set_out: Vec<SetOut>,
    /// The waiting pairs at the end of each visited moment.
    pub(crate) open: Vec<(Ms, Open)>,
    /// Moments at which an event is possible; superfluous ones do no harm.
    moments: BTreeSet<Ms>,
    /// The present moment.
    now: Option<Ms>,
}

impl<'a> Tenant<'a> {
    /// The whole run.
    pub(crate) fn run(scenario: &'a Scenario) -> Self {
        let mut tenant = Self {
            scenario,
            directory: Directory::new(scenario),
            phones: scenario.devices.iter().map(Phone::new).collect(),
            messages: Vec::new(),
            pairs: Vec::new(),
            ledger: Vec::new(),
            group_quota: Passed::default(),
            device_quota: Passed::default(),
            group_taken: Taken::default(),
            device_taken: vec![Taken::default(); scenario.devices.len()],
            queues: [Queue::default(); 2],
            retries: Vec::new(),
            log: Vec::new(),
            set_out: Vec::new(),
            open: Vec::new(),
            moments: BTreeSet::new(),
            now: None,
        };
        tenant.plan();
        while let Some(now) = tenant.moments.pop_first() {
            tenant.now = Some(now);
            tenant.internal(now);
            tenant.inputs(now);
            tenant.pairs.iter_mut().for_each(|pair| scenario.wait_on(pair, now));
            tenant.wake_for_waiting();
            tenant.open.push((now, Open::new(&tenant.pairs)));
        }
        tenant
    }

    /// Adds every moment that is known before the run.
    fn plan(&mut self) {
        let scenario = self.scenario;
        let windows = scenario.faults.iter().flat_map(|fault| fault.windows(scenario.duration));
        let mut moments: Vec<Ms> = windows.flat_map(|window| [window.from, window.to]).collect();
        moments.extend(scenario.devices.iter().flat_map(|device| scenario.presence_edges(device)));
        moments.extend(self.directory.items.iter().flat_map(|item| [item.at, item.visible]));
        for send in &scenario.sends {
            moments.extend((0..).map_while(|nth| send.times.nth(nth)).take_while(|at| *at < scenario.duration));
        }
        for at in moments {
            self.wake(at);
        }
    }

    /// Schedules a later moment; nothing happens at the end of the run itself (X3).
    pub(crate) fn wake(&mut self, at: Ms) {
        if self.now.is_none_or(|now| now < at) && at < self.scenario.duration {
            self.moments.insert(at);
        }
    }

    /// A wait that became longer ends at another moment.
    fn wake_for_waiting(&mut self) {
        let copies = self.pairs.iter().flat_map(|pair| &pair.copies);
        let ends: Vec<Ms> = copies
            .filter_map(|copy| match copy {
                Place::Held { leaves, .. } => Some(*leaves),
                Place::Stored(stored) => Some(stored.end),
                Place::Queued { .. } | Place::Travelling { .. } | Place::Gone => None,
            })
            .collect();
        for at in ends {
            self.wake(at);
        }
    }

    pub(crate) fn moment(&self, now: Ms) -> Moment<'_> {
        Moment { scenario: self.scenario, directory: &self.directory, now }
    }

    fn internal(&mut self, now: Ms) {
        for pair in self.pairs.iter_mut().filter(|pair| pair.station == Station::Waiting) {
            if pair.is_over(now) {
                pair.settle(Station::Expired, now);
            }
        }
        if self.directory.visible_moments().any(|visible| visible == now) {
            (0..self.messages.len()).for_each(|message| self.catch_up(message, now));
        }
        self.move_copies(now);
    }

    /// Catches up devices that become visible within the window after a message (R37, X11, X12, X14).
    fn catch_up(&mut self, at: usize, now: Ms) {
        let message = &self.messages[at];
        let is_inside = message.accepted_at < now && now <= message.accepted_at + self.scenario.catch_up;
        if message.groups.is_empty() || !is_inside {
            return;
        }
        let groups = message.groups.clone();
        let mut batch = Vec::new();
        for device in 0..self.scenario.devices.len() {
            let moment = self.moment(now);
            if !moment.is_addressed(device, &groups, View::Visible) {
                continue;
            }
            let skip = moment.skips(device, self.phones[device], Addressee::Groups(&groups));
            let known = self.pairs.iter().position(|pair| pair.message == at && pair.device == device);
            match known.map(|pair| (pair, self.pairs[pair].station)) {
                None => batch.push(self.pair(at, device, Class::LateJoiner, skip, now)),
                Some((pair, Station::Skipped("not_enrolled"))) if skip != Some("not_enrolled") => {
                    let late = self.new_pair(at, device, Class::LateJoiner, skip, now);
                    self.set_out.push(SetOut { device, skipped_at: self.pairs[pair].at, at: now });
                    self.pairs[pair] = late;
                    batch.push(pair);
                }
                Some(_) => {}
            }
        }
        self.enqueue(&batch, now);
    }

    fn new_pair(&self, message: usize, device: usize, class: Class, skip: Option<&'static str>, now: Ms) -> Pair {
        let station = skip.map_or(Station::Waiting, Station::Skipped);
        let Message { send, accepted_at, .. } = self.messages[message];
        let gateway = self.scenario.devices[device].platform.gateway().map(|name| self.scenario.gateway(name).expiry);
        let expiry = self.scenario.sends[send].expiry.or(gateway).unwrap_or(0);
        let (copies, touched) = (Vec::new(), BTreeSet::new());
        Pair { message, device, class, accepted_at, expiry, station, at: now, copies, touched }
    }

    pub(crate) fn pair(
        &mut self,
        message: usize,
        device: usize,
        class: Class,
        skip: Option<&'static str>,
        now: Ms,
    ) -> usize {
        let pair = self.new_pair(message, device, class, skip, now);
        self.pairs.push(pair);
        self.pairs.len() - 1
    }

    /// Puts one batch, in fleet order, into the queues of its gateways (T4, X17).
    pub(crate) fn enqueue(&mut self, batch: &[usize], now: Ms) {
        for (at, name) in [GatewayName::Apns, GatewayName::Fcm].into_iter().enumerate() {
            let of_gateway = |pair: &&usize| {
                let pair = &self.pairs[**pair];
                pair.station == Station::Waiting && self.scenario.devices[pair.device].platform.gateway() == Some(name)
            };
            let ranked: Vec<usize> = batch.iter().filter(of_gateway).copied().collect();
            if ranked.is_empty() {
                continue;
            }
            let slots = self.scenario.slots(name, &mut self.queues[at], now, ranked.len());
            for (pair, slot) in ranked.into_iter().zip(slots) {
                if self.pairs[pair].is_over(now) {
                    self.pairs[pair].settle(Station::Expired, now);
                    continue;
                }
                let leaves = self.scenario.leaves(name, slot, now);
                self.wake(leaves);
                self.wake(self.pairs[pair].accepted_at + self.pairs[pair].expiry);
                self.pairs[pair].copies.push(Place::Queued { leaves, entered: now });
                if leaves > now {
                    let cuts = self.scenario.cuts(name, now);
                    self.pairs[pair].touched.extend(cuts.into_iter().map(|(at, ..)| at));
                }
            }
        }
    }
}
