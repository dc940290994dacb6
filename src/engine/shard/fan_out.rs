//! How a shard hands fan-outs to its devices: those that follow one another together, device by device, in parts as far as
//! credits go. Decides for no device.

use std::ops::Range;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::state::ShardState;
use crate::engine::totals::PairFate;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::platform::GatewayName;
use crate::rules::base::time::SimTime;
use crate::rules::counting::recorder::Counted;
use crate::rules::delivery::device::DeviceInput;
use crate::rules::sending::crowd::{Audience, Crowd, FanOut};
use crate::rules::service::gateway;
use crate::rules::service::journey::{AudienceClass, Journey, SkipCause};

/// Devices that are handed something at once, at least: where the next one stands costs more than handing it out.
const PART_MIN: usize = 32;

/// Fan-outs that are handed out together: nothing else was asked of any device between them.
#[derive(Debug)]
pub(crate) struct Sweep {
    /// In order.
    pub(crate) fan_outs: Vec<Arc<FanOut>>,
    /// How far their devices may go at once: nothing else can come before that.
    pub(crate) until: SimTime,
    /// The first device that has not been given them yet.
    cursor: u32,
}

impl Sweep {
    /// The next device that one of them goes to.
    fn next_device(&self) -> Option<u32> {
        let next = |fan_out: &Arc<FanOut>| match &fan_out.audience {
            Audience::One { device, .. } => Some(device.0).filter(|device| *device >= self.cursor),
            Audience::Many(crowd) => {
                crowd.standings.carried.iter().filter_map(|carried| carried.range(self.cursor..).next()).min()
            }
        };
        self.fan_outs.iter().filter_map(next).min()
    }
}

impl ShardState {
    /// Begins to hand these fan-outs out; counts at once who is skipped.
    pub(crate) fn begin_sweep(&mut self, fan_outs: Vec<Arc<FanOut>>, until: SimTime) -> Sweep {
        for fan_out in &fan_outs {
            self.counter.open_message(&fan_out.message);
            match &fan_out.audience {
                Audience::One { standing: Ok(_), .. } => {}
                Audience::One { device, standing: Err(cause), class } => self.skip(fan_out, *device, *cause, *class),
                Audience::Many(crowd) => {
                    self.unskip_all(fan_out, crowd);
                    for cause in SkipCause::ALL {
                        for device in crowd.standings.skipped[cause as usize].range(self.devices.0..self.devices.1) {
                            let device = DeviceIx(device);
                            self.skip(fan_out, device, cause, crowd.class(device));
                        }
                    }
                }
            }
        }
        Sweep { fan_outs, until, cursor: self.devices.0 }
    }

    /// Hands out as much as there is room for; false if all has been handed out.
    pub(crate) fn hand_out(&mut self, sweep: &mut Sweep) -> bool {
        let Some(first) = sweep.next_device().filter(|first| *first < self.devices.1) else { return false };
        let room = self.credits.left(self.ready.len()).max(PART_MIN) as u32;
        let part = first..self.devices.1.min(first.saturating_add(room));
        for fan_out in &sweep.fan_outs {
            match &fan_out.audience {
                Audience::One { device, standing, class } => {
                    if let (Ok(gateway), true) = (standing, part.contains(&device.0)) {
                        self.start(fan_out, *device, *class, fan_out.begin[*gateway as usize], sweep.until);
                    }
                }
                Audience::Many(crowd) => self.hand_out_crowd(fan_out, crowd, &part, sweep.until),
            }
        }
        sweep.cursor = part.end;
        true
    }

    /// Leaves out what has not been handed out of these fan-outs; how many pairs that is. Skipped pairs were counted when the sweep
    /// began.
    pub(crate) fn leave_out_rest(&mut self, sweep: &Sweep) -> u64 {
        let rest = sweep.cursor..self.devices.1;
        let mut pairs = 0;
        for fan_out in &sweep.fan_outs {
            match &fan_out.audience {
                Audience::One { device, standing: Ok(_), .. } if rest.contains(&device.0) => {
                    self.counter.leave_out(fan_out.message.ix);
                    pairs += 1;
                }
                Audience::One { .. } => {}
                Audience::Many(crowd) => {
                    let of = |carried: &RoaringBitmap| carried.range_cardinality(rest.clone());
                    pairs += crowd.standings.carried.iter().map(of).sum::<u64>();
                }
            }
        }
        pairs
    }

    /// Leaves a whole fan-out out; how many pairs that is. Reopened pairs were counted before, and stay skipped.
    pub(crate) fn leave_out_all(&mut self, fan_out: &FanOut) -> u64 {
        self.counter.open_message(&fan_out.message);
        self.counter.leave_out(fan_out.message.ix);
        let devices = self.devices.0..self.devices.1;
        match &fan_out.audience {
            Audience::One { .. } => 1,
            Audience::Many(crowd) => {
                let of = |set: &RoaringBitmap| set.range_cardinality(devices.clone());
                let sets = crowd.standings.carried.iter().chain(&crowd.standings.skipped);
                sets.map(of).sum::<u64>() - of(&crowd.reopened)
            }
        }
    }

    /// Takes inputs away that no turn has been given for; how many pairs would have begun with them.
    pub(crate) fn leave_out_inputs(&mut self) -> u64 {
        let mut pairs = 0;
        for device in (self.devices.0..self.devices.1).map(DeviceIx) {
            let Some(work) = self.phones.get(device).and_then(|phone| phone.work.as_mut()) else { continue };
            let given = work.turn.as_ref().map_or(0, |turn| turn.inputs);
            for (_, input) in work.inputs.drain(given..) {
                if let DeviceInput::Start { message, .. } = input {
                    self.counter.leave_out(message.ix);
                    pairs += 1;
                }
            }
        }
        pairs
    }

    fn hand_out_crowd(&mut self, fan_out: &FanOut, crowd: &Crowd, part: &Range<u32>, until: SimTime) {
        for gateway in GatewayName::ALL {
            let (carried, begin) = (&crowd.standings.carried[gateway as usize], fan_out.begin[gateway as usize]);
            let before = part.start.checked_sub(1).map_or(0, |last| carried.rank(last));
            for (device, rank) in carried.range(part.clone()).map(DeviceIx).zip(before..) {
                self.start(fan_out, device, crowd.class(device), gateway::slot(begin, rank), until);
            }
        }
    }

    fn start(&mut self, fan_out: &FanOut, device: DeviceIx, class: AudienceClass, slot: u128, until: SimTime) {
        let input = DeviceInput::Start { message: fan_out.message, phase: fan_out.phase, class, slot };
        self.give(device, fan_out.at, input, until);
    }

    fn unskip_all(&mut self, fan_out: &FanOut, crowd: &Crowd) {
        for device in crowd.reopened.range(self.devices.0..self.devices.1).map(DeviceIx) {
            let (counted, class) = (self.counted(device), crowd.class_before(device));
            self.counter.unskip(counted, fan_out.message.ix, class, fan_out.at);
            self.gauges.unskipped(&fan_out.message, counted.platform);
        }
    }

    fn skip(&mut self, fan_out: &FanOut, device: DeviceIx, cause: SkipCause, class: AudienceClass) {
        let counted = self.counted(device);
        self.counter.skip(counted, fan_out.message.ix, class, cause, fan_out.at);
        self.gauges.skipped(&fan_out.message, counted.platform, cause);
        let fate = PairFate { journey: Journey::Skipped(cause), at: fan_out.at, dismissed_at: None };
        self.ends.moved(&fan_out.message, device, fate);
        if let Some(watch) = &mut self.watch {
            watch.moved(&fan_out.message, None, fate.journey);
        }
    }

    pub(crate) fn counted(&self, device: DeviceIx) -> Counted {
        Counted::of(&self.world.fleet.traits(device))
    }
}
