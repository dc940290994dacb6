//! A copy from the gateway's queue to the phone (X19–X25): leaves, is held, travels, attempts, is stored. One pair at a
//! time; only the store looks at the phone's other pairs.

use super::model::{FaultKind, GatewayName, Ms};
use super::pair::{Place, Station, Stored};
use super::tenant::Tenant;

impl Tenant<'_> {
    /// Everything that is due at a moment after the catch-up: leaving, release, arrival (T2).
    pub(crate) fn move_copies(&mut self, now: Ms) {
        for at in 0..self.pairs.len() {
            for copy in 0..self.pairs[at].copies.len() {
                if matches!(self.pairs[at].copies[copy], Place::Queued { leaves, .. } if leaves == now) {
                    self.leave(at, copy, now);
                }
            }
        }
        for at in 0..self.pairs.len() {
            for copy in 0..self.pairs[at].copies.len() {
                self.release(at, copy, now);
            }
        }
        let mut arriving: Vec<usize> = (0..self.pairs.len()).collect();
        arriving.sort_by_key(|at| self.pairs[*at].message);
        for at in arriving {
            // A settled pair has no copies any more, so a duplicate of it is ignored.
            for copy in 0..self.pairs[at].copies.len() {
                if matches!(self.pairs[at].copies.get(copy), Some(Place::Travelling { arrives }) if *arrives == now) {
                    self.attempt(at, copy, now);
                }
            }
        }
    }

    fn release(&mut self, at: usize, copy: usize, now: Ms) {
        let device = &self.scenario.devices[self.pairs[at].device];
        match &self.pairs[at].copies[copy] {
            Place::Held { end, leaves } if *leaves == now && !self.scenario.is_held_on(device, *end, now) => {
                self.leave(at, copy, now);
            }
            Place::Stored(_) if self.is_online(self.pairs[at].device, now) => self.travel(at, copy, now, 0),
            _ => {}
        }
    }

    fn is_online(&self, device: usize, now: Ms) -> bool {
        let device = &self.scenario.devices[device];
        self.scenario.is_present(device, now) && self.scenario.in_force(&FaultKind::Offline, device, now).is_empty()
    }

    fn travel(&mut self, at: usize, copy: usize, now: Ms, delay: Ms) {
        let device = &self.scenario.devices[self.pairs[at].device];
        let gateway = self.scenario.gateway(device.platform.gateway().expect("what travels has a gateway"));
        let arrives = now + gateway.latency + delay;
        self.wake(arrives);
        self.pairs[at].copies[copy] = Place::Travelling { arrives };
    }

    /// X19: the first rule that applies.
    fn leave(&mut self, at: usize, copy: usize, now: Ms) {
        let scenario = self.scenario;
        let device = &scenario.devices[self.pairs[at].device];
        let gateway = scenario.gateway(device.platform.gateway().expect("what leaves has a gateway"));
        let holds = scenario.in_force(&FaultKind::Hold, device, now);
        let window = |at: &usize| scenario.faults[*at].window_at(now).expect("it is in force");
        if let Some(end) = holds.iter().map(|hold| window(hold).to).max() {
            let leaves = end.saturating_add(gateway.retry);
            self.wake(leaves);
            self.pairs[at].touched.extend(holds);
            self.pairs[at].copies[copy] = Place::Held { end, leaves };
            return;
        }
        let refusals = scenario.in_force(&FaultKind::Refuse, device, now);
        if let Some(first) = refusals.first().copied() {
            self.pairs[at].touched.extend(refusals);
            self.pairs[at].settle(Station::Lost(Some(first)), now);
            return;
        }
        let loss = scenario.in_force(&FaultKind::Loss { all: true }, device, now).into_iter();
        if let Some(first) = loss.into_iter().find(|at| scenario.faults[*at].has_full_rate(now)) {
            self.pairs[at].touched.insert(first);
            self.pairs[at].settle(Station::Lost(Some(first)), now);
            return;
        }
        if gateway.loses_all {
            self.pairs[at].settle(Station::Lost(None), now);
            return;
        }
        let delay = self.delay(at, now);
        let doubles = scenario.in_force(&FaultKind::Duplicate { all: true }, device, now).into_iter();
        let doubles: Vec<usize> = doubles.filter(|at| scenario.faults[*at].has_full_rate(now)).collect();
        self.travel(at, copy, now, delay);
        for fault in doubles {
            self.pairs[at].touched.insert(fault);
            self.pairs[at].copies.push(Place::Gone);
            let copy = self.pairs[at].copies.len() - 1;
            self.travel(at, copy, now, delay);
        }
    }

    /// Delays in force add up; one of 0 ms touches nothing.
    fn delay(&mut self, at: usize, now: Ms) -> Ms {
        let scenario = self.scenario;
        let device = &scenario.devices[self.pairs[at].device];
        let mut sum = 0;
        for (fault_at, fault) in scenario.faults.iter().enumerate() {
            if let FaultKind::Delay(delay) = fault.kind
                && delay > 0
                && fault.covers(device)
                && fault.is_in_force(now)
            {
                sum += delay;
                self.pairs[at].touched.insert(fault_at);
            }
        }
        sum
    }

    /// X25: offline first, then the phone's own state.
    fn attempt(&mut self, at: usize, copy: usize, now: Ms) {
        let device_at = self.pairs[at].device;
        let device = &self.scenario.devices[device_at];
        if !self.is_online(device_at, now) {
            let (stored, touched) = self.scenario.begin_store(device, now);
            self.pairs[at].touched.extend(touched);
            self.store(at, copy, stored, now);
            return;
        }
        let arrival = self.phones[device_at].arrive(self.scenario, device, now);
        self.pairs[at].touched.extend(arrival.touched);
        self.pairs[at].settle(arrival.form.map_or_else(Station::Blocked, Station::Shown), now);
    }

    /// R53, R54, X24.
    fn store(&mut self, at: usize, copy: usize, stored: Stored, now: Ms) {
        let pair = &self.pairs[at];
        let device = &self.scenario.devices[pair.device];
        let name = device.platform.gateway().expect("what is stored has a gateway");
        let room = self.scenario.gateway(name).stored;
        if pair.is_stored() {
            self.pairs[at].copies[copy] = Place::Gone;
            return;
        }
        if room == 0 || pair.expiry == 0 {
            self.pairs[at].settle(Station::Expired, now);
            return;
        }
        self.wake(stored.end);
        self.pairs[at].copies[copy] = Place::Stored(stored);
        let on_device = |other: &usize| self.pairs[*other].device == self.pairs[at].device;
        let mut kept: Vec<usize> = (0..self.pairs.len()).filter(on_device).collect();
        kept.retain(|other| self.pairs[*other].is_stored());
        if kept.len() <= room {
            return;
        }
        match name {
            GatewayName::Apns => {
                let oldest = kept.into_iter().min_by_key(|other| self.pairs[*other].message);
                self.pairs[oldest.expect("the new copy is stored")].settle(Station::Superseded, now);
            }
            GatewayName::Fcm => kept.into_iter().for_each(|other| self.pairs[other].settle(Station::Discarded, now)),
        }
    }
}
