//! How a shard hands fan-outs to its devices: consecutive fan-outs together, device by device, in parts as large as the room for
//! turns. Must not decide for a device.

use std::ops::Range;
use std::sync::Arc;

use roaring::RoaringBitmap;
use strum::VariantArray as _;

use super::recorders::Recorders;
use crate::engine::phone::slot::Phones;
use crate::rules::base::ids::DeviceIx;
use crate::rules::base::platform::GatewayName;
use crate::rules::base::time::SimTime;
use crate::rules::counting::recorder::Counted;
use crate::rules::delivery::device::DeviceInput;
use crate::rules::population::fleet::Fleet;
use crate::rules::sending::crowd::{Audience, Crowd, FanOut};
use crate::rules::service::audience::AudienceClass;
use crate::rules::service::gateway;
use crate::rules::service::journey::SkipCause;

/// Devices in a part, at least: the search for the next device costs more than its input.
const PART_MIN: usize = 32;

/// Fan-outs that are handed out together: no device has another input between them.
#[derive(Debug)]
pub(super) struct Sweep {
    /// In order.
    fan_outs: Vec<Arc<FanOut>>,
    /// The time that their devices may reach: no other input comes before it.
    until: SimTime,
    /// The first device that has not been given them yet, and the end of the shard's devices.
    rest: Range<u32>,
}

impl Sweep {
    /// Begins to hand out fan-outs to these devices, and counts the pairs that are skipped.
    pub(super) fn begin(
        fan_outs: Vec<Arc<FanOut>>,
        until: SimTime,
        devices: Range<u32>,
        fleet: &Fleet,
        recorders: &mut Recorders,
    ) -> Self {
        let counted = |device| Counted::of(&fleet.traits(device));
        for fan_out in &fan_outs {
            recorders.counts.open_message(&fan_out.message);
            match &fan_out.audience {
                Audience::One { standing: Ok(_), .. } => {}
                Audience::One { device, standing: Err(cause), class } => {
                    recorders.skip(fan_out, *device, counted(*device), *cause, *class);
                }
                Audience::Many(crowd) => {
                    for device in crowd.reopened.range(devices.clone()).map(DeviceIx) {
                        recorders.unskip(fan_out, crowd, device, counted(device));
                    }
                    for &cause in SkipCause::VARIANTS {
                        let skipped = crowd.standings.skipped[cause as usize].range(devices.clone());
                        for device in skipped.map(DeviceIx) {
                            recorders.skip(fan_out, device, counted(device), cause, crowd.class(device));
                        }
                    }
                }
            }
        }
        Self { fan_outs, until, rest: devices }
    }

    /// How many fan-outs there are.
    pub(super) fn len(&self) -> usize {
        self.fan_outs.len()
    }

    /// The time that their devices may reach.
    pub(super) const fn until(&self) -> SimTime {
        self.until
    }

    /// Gives the inputs to the devices of the next part, about `room` of them; false if all have theirs.
    pub(super) fn hand_out(&mut self, room: usize, mut give: impl FnMut(DeviceIx, SimTime, DeviceInput)) -> bool {
        let Some(first) = self.next_device().filter(|first| *first < self.rest.end) else { return false };
        let room = room.max(PART_MIN) as u32;
        let part = first..self.rest.end.min(first.saturating_add(room));
        for fan_out in &self.fan_outs {
            match &fan_out.audience {
                Audience::One { device, standing, class } => {
                    if let (Ok(gateway), true) = (standing, part.contains(&device.0)) {
                        give(*device, fan_out.at, start(fan_out, *class, fan_out.begin[*gateway as usize]));
                    }
                }
                Audience::Many(crowd) => hand_out_crowd(fan_out, crowd, &part, &mut give),
            }
        }
        self.rest.start = part.end;
        true
    }

    /// The next device that one of the fan-outs goes to.
    fn next_device(&self) -> Option<u32> {
        let next = |fan_out: &Arc<FanOut>| match &fan_out.audience {
            Audience::One { device, .. } => Some(device.0).filter(|device| *device >= self.rest.start),
            Audience::Many(crowd) => {
                crowd.standings.carried.iter().filter_map(|carried| carried.range(self.rest.start..).next()).min()
            }
        };
        self.fan_outs.iter().filter_map(next).min()
    }

    /// Leaves out what has not been handed out, and returns the number of pairs. Skipped pairs were counted at the beginning.
    pub(super) fn leave_out_rest(&self, recorders: &mut Recorders) -> u64 {
        let mut pairs = 0;
        for fan_out in &self.fan_outs {
            match &fan_out.audience {
                Audience::One { device, standing: Ok(_), .. } if self.rest.contains(&device.0) => {
                    recorders.counts.leave_out(fan_out.message.ix);
                    pairs += 1;
                }
                Audience::One { .. } => {}
                Audience::Many(crowd) => {
                    let of = |carried: &RoaringBitmap| carried.range_cardinality(self.rest.clone());
                    pairs += crowd.standings.carried.iter().map(of).sum::<u64>();
                }
            }
        }
        pairs
    }
}

fn hand_out_crowd(
    fan_out: &FanOut,
    crowd: &Crowd,
    part: &Range<u32>,
    give: &mut impl FnMut(DeviceIx, SimTime, DeviceInput),
) {
    for &gateway in GatewayName::VARIANTS {
        let (carried, begin) = (&crowd.standings.carried[gateway as usize], fan_out.begin[gateway as usize]);
        let before = part.start.checked_sub(1).map_or(0, |last| carried.rank(last));
        for (device, rank) in carried.range(part.clone()).map(DeviceIx).zip(before..) {
            give(device, fan_out.at, start(fan_out, crowd.class(device), gateway::slot(begin, rank)));
        }
    }
}

fn start(fan_out: &FanOut, class: AudienceClass, slot: u128) -> DeviceInput {
    DeviceInput::Start { message: fan_out.message, phase: fan_out.phase, class, slot }
}

/// Leaves out a whole fan-out, and returns the number of pairs. Reopened pairs were counted before, and stay skipped.
pub(super) fn leave_out_all(fan_out: &FanOut, devices: Range<u32>, recorders: &mut Recorders) -> u64 {
    recorders.counts.open_message(&fan_out.message);
    recorders.counts.leave_out(fan_out.message.ix);
    match &fan_out.audience {
        Audience::One { .. } => 1,
        Audience::Many(crowd) => {
            let of = |set: &RoaringBitmap| set.range_cardinality(devices.clone());
            let sets = crowd.standings.carried.iter().chain(&crowd.standings.skipped);
            sets.map(of).sum::<u64>() - of(&crowd.reopened)
        }
    }
}

/// Removes the inputs that are in no turn yet, and returns the number of pairs that would have begun with them.
pub(super) fn leave_out_inputs(phones: &mut Phones, recorders: &mut Recorders) -> u64 {
    let mut pairs = 0;
    for device in phones.devices() {
        let Some(work) = phones.get_mut(device).and_then(|phone| phone.work.as_mut()) else { continue };
        let in_flight = work.turn.as_ref().map_or(0, |turn| turn.inputs);
        for (_, input) in work.inputs.drain(in_flight..) {
            if let DeviceInput::Start { message, .. } = input {
                recorders.counts.leave_out(message.ix);
                pairs += 1;
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fixture;
    use crate::rules::base::ids::{Key, MessageIx, SendIx};
    use crate::rules::model::world::World;
    use crate::rules::sending::crowd::Phase;
    use crate::rules::service::message::{Message, MessageKind};

    const DEVICES: u32 = 100;

    /// A fan-out to all even devices; the first odd one is skipped.
    fn fan_out(ix: u32) -> Arc<FanOut> {
        let mut crowd = Crowd::default();
        crowd.standings.carried[0].extend((0..DEVICES).step_by(2));
        crowd.standings.skipped[SkipCause::AppMissing as usize].insert(1);
        let message = Message {
            ix: MessageIx(ix),
            send: SendIx(0),
            occurrence: ix,
            key: Key(u64::from(ix)),
            kind: MessageKind::Group,
            accepted_at: SimTime(5),
            expiry_ms: [1; 2],
            catch_up_until: None,
        };
        let audience = Audience::Many(Arc::new(crowd));
        Arc::new(FanOut { message, at: SimTime(5), phase: Phase::Send, audience, begin: [0; 2] })
    }

    fn begun(world: &World, recorders: &mut Recorders) -> Sweep {
        Sweep::begin(vec![fan_out(0), fan_out(1)], SimTime(9), 0..DEVICES, &world.fleet, recorders)
    }

    #[test]
    fn every_device_gets_all_fan_outs_once_in_parts() {
        let world = fixture::world(DEVICES, Vec::new());
        let mut recorders = Recorders::new(&world, &fixture::options(), 0);
        let (mut sweep, mut given, mut parts) = (begun(&world, &mut recorders), Vec::new(), 0);
        while sweep.hand_out(1, |device, at, input| {
            let DeviceInput::Start { message, .. } = input else { panic!("a journey starts") };
            assert_eq!(at, SimTime(5));
            given.push((device.0, message.ix.0));
        }) {
            parts += 1;
        }
        given.sort_unstable();
        let expected: Vec<_> = (0..DEVICES).step_by(2).flat_map(|device| [(device, 0), (device, 1)]).collect();
        assert_eq!((given, parts), (expected, 4), "parts of 32 devices");
        assert_eq!(sweep.leave_out_rest(&mut recorders), 0);
    }

    #[test]
    fn what_is_left_out_and_what_is_handed_out_is_everything() {
        let world = fixture::world(DEVICES, Vec::new());
        let mut recorders = Recorders::new(&world, &fixture::options(), 0);
        let (mut sweep, mut given) = (begun(&world, &mut recorders), 0);
        assert!(sweep.hand_out(40, |_, _, _| given += 1));
        assert_eq!(given + sweep.leave_out_rest(&mut recorders), u64::from(DEVICES));
        let whole = leave_out_all(&fan_out(2), 0..DEVICES, &mut recorders);
        assert_eq!(whole, u64::from(DEVICES) / 2 + 1, "a skipped pair was not counted yet");
    }

    #[test]
    fn inputs_of_a_turn_in_flight_are_not_left_out() {
        let world = fixture::world(1, Vec::new());
        let mut recorders = Recorders::new(&world, &fixture::options(), 0);
        let mut phones = Phones::new(0..1);
        let message = fan_out(0);
        recorders.counts.open_message(&message.message);
        for _ in 0..3 {
            phones.work(DeviceIx(0)).inputs.push((SimTime(5), start(&message, AudienceClass::Member, 0)));
        }
        let turn = crate::engine::phone::turn_work::UnderWay {
            reservations: 0,
            inputs: 1,
            until: SimTime(5),
            wanted: None,
            faults: None,
        };
        phones.work(DeviceIx(0)).turn = Some(turn);
        assert_eq!(leave_out_inputs(&mut phones, &mut recorders), 2);
        assert_eq!(phones.work(DeviceIx(0)).inputs.len(), 1);
    }
}
