//! *Touched*, for waits caused by a union of windows (X32): read when the wait begins, and again at the end of each
//! millisecond at which a window begins. Must not move copies.

use super::faults::Window;
use super::model::{Device, FaultKind, Ms, NEVER, Scenario};
use super::pair::{Pair, Place, Station, Stored};

impl Scenario {
    /// The windows of the faults of a kind that cover a device and begin at this moment.
    fn beginning(&self, kind: &FaultKind, device: &Device, now: Ms) -> Vec<(usize, Window)> {
        let begun = self.in_force(kind, device, now).into_iter();
        let windows = begun.map(|at| (at, self.faults[at].window_at(now).expect("it is in force")));
        windows.filter(|(_, window)| window.from == now).collect()
    }

    /// The wait of a copy that finds the phone offline, and the faults that count at once.
    pub(crate) fn begin_store(&self, device: &Device, now: Ms) -> (Stored, Vec<usize>) {
        let faults = self.in_force(&FaultKind::Offline, device, now);
        let mut windows: Vec<(usize, Window)> =
            faults.iter().map(|at| (*at, self.faults[*at].window_at(now).expect("it is in force"))).collect();
        if self.is_present(device, now) {
            let end = windows.iter().map(|(_, window)| window.to).max().unwrap_or(now);
            return (Stored { end: self.next_present(device, end), pending: Vec::new() }, faults);
        }
        // Presence comes first; faults that last longer count from its end.
        let mut stored = Stored { end: self.next_present(device, now), pending: Vec::new() };
        windows.sort_by_key(|(_, window)| window.from);
        for group in windows.chunk_by(|(_, one), (_, other)| one.from == other.from) {
            self.extend_store(device, &mut stored, group, now);
        }
        (stored, Vec::new())
    }

    /// What windows that begin together add to a wait.
    fn extend_store(&self, device: &Device, stored: &mut Stored, group: &[(usize, Window)], now: Ms) {
        let furthest = group.iter().map(|(_, window)| window.to).max().unwrap_or(0);
        if furthest <= stored.end || stored.end == NEVER {
            return;
        }
        let counts_from = self.next_present(device, now);
        let movers = group.iter().filter(|(_, window)| window.to == furthest);
        stored.pending.extend(movers.map(|(at, _)| (*at, counts_from)));
        stored.end = self.next_present(device, furthest);
    }

    /// What the end of a millisecond adds to the faults that touched a pair.
    pub(crate) fn wait_on(&self, pair: &mut Pair, now: Ms) {
        if pair.station != Station::Waiting {
            return;
        }
        let device = &self.devices[pair.device];
        for copy in &mut pair.copies {
            match copy {
                Place::Queued { entered, .. } => {
                    let name = device.platform.gateway().expect("what is queued has a gateway");
                    if *entered < now && self.is_throttle_edge(name, now) {
                        pair.touched.extend(self.tightest(name, now));
                    }
                }
                Place::Held { end, leaves } => {
                    let begun = self.beginning(&FaultKind::Hold, device, now);
                    let furthest = begun.iter().map(|(_, window)| window.to).max().unwrap_or(0);
                    if now <= *end && furthest > *end {
                        let movers = begun.iter().filter(|(_, window)| window.to == furthest);
                        pair.touched.extend(movers.map(|(at, _)| *at));
                        *end = furthest;
                        *leaves = furthest.saturating_add(self.retry(device));
                    }
                }
                Place::Stored(stored) => {
                    let begun = self.beginning(&FaultKind::Offline, device, now);
                    self.extend_store(device, stored, &begun, now);
                    let due = stored.pending.iter().filter(|(_, from)| *from <= now);
                    pair.touched.extend(due.map(|(at, _)| *at));
                    stored.pending.retain(|(_, from)| *from > now);
                }
                Place::Travelling { .. } | Place::Gone => {}
            }
        }
    }

    /// The fixed wait after a hold (X20).
    pub(crate) fn retry(&self, device: &Device) -> Ms {
        self.gateway(device.platform.gateway().expect("what is held has a gateway")).retry
    }

    /// Whether a hold begins exactly at the end of another: then both are one union, and nothing leaves between them.
    pub(crate) fn is_held_on(&self, device: &Device, end: Ms, now: Ms) -> bool {
        now == end && !self.beginning(&FaultKind::Hold, device, now).is_empty()
    }
}
