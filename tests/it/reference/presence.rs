//! When a phone is online without the effect of faults (X22). Must not look at faults.

use super::model::{Device, Ms, NEVER, Presence, Scenario};

const MINUTE: Ms = 60_000;
const DAY_MINUTES: i64 = 24 * 60;

impl Scenario {
    /// Milliseconds of the local day at a moment.
    fn local(&self, now: Ms) -> Ms {
        let minutes = 6 * 60 + self.start_minutes.cast_signed() + self.zone_minutes;
        let day_start = Ms::try_from(minutes.rem_euclid(DAY_MINUTES)).expect("a remainder is not negative");
        (day_start * MINUTE + now) % (24 * 60 * MINUTE)
    }

    pub(crate) fn is_present(&self, device: &Device, now: Ms) -> bool {
        match device.presence {
            Presence::Online => true,
            Presence::Offline => false,
            Presence::Night { from, to, inverted } => {
                let (local, from, to) = (self.local(now), from * MINUTE, to * MINUTE);
                let night = if from < to { from <= local && local < to } else { from <= local || local < to };
                night == inverted
            }
        }
    }

    /// The first moment from `now` on at which the phone is online without the effect of faults.
    pub(crate) fn next_present(&self, device: &Device, now: Ms) -> Ms {
        if now == NEVER || self.is_present(device, now) {
            return now;
        }
        // Local times are whole minutes after the start, so nothing changes between two of them.
        let first = now.div_ceil(MINUTE) * MINUTE;
        let days = 2 * 24 * 60;
        (0..days).map(|minute| first + minute * MINUTE).find(|at| self.is_present(device, *at)).unwrap_or(NEVER)
    }

    /// Every moment of the run at which presence may change.
    pub(crate) fn presence_edges(&self, device: &Device) -> Vec<Ms> {
        let minutes = (0..self.duration.div_ceil(MINUTE)).map(|minute| minute * MINUTE);
        let changes = |at: &Ms| *at > 0 && self.is_present(device, *at) != self.is_present(device, *at - 1);
        if matches!(device.presence, Presence::Night { .. }) { minutes.filter(changes).collect() } else { Vec::new() }
    }
}
