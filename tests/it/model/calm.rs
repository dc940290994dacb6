//! Risk: a fast path decides otherwise than the slow one, leaves the device otherwise, or its counts differ from those of its
//! effects.

use std::collections::BTreeMap;

use reveille::rules::base::ids::{DeviceIx, Key, MessageIx, SendIx};
use reveille::rules::base::time::SimTime;
use reveille::rules::counting::recorder::{Counted, Recorder};
use reveille::rules::delivery::calm::CalmPhone;
use reveille::rules::delivery::device::{Departure, Device};
use reveille::rules::delivery::observer::TurnTrace;
use reveille::rules::delivery::phone::{DeviceContext, DeviceWorld};
use reveille::rules::delivery::portal::Portal;
use reveille::rules::population::draws::Draws;
use reveille::rules::sending::crowd::Phase;
use reveille::rules::service::audience::AudienceClass;
use reveille::rules::service::gateway;
use reveille::rules::service::journey::Effect;
use reveille::rules::service::message::{Message, MessageKind};

use crate::fixtures::drivers::world;

/// Phones of every kind, with gaps in their presence, a gateway with a queue, and faults of every sort that a pair meets.
const SCENARIO: &str = r#"
schema = 1
name = "calm"
seed = 5
duration = "24h"
[delivery.fcm]
capacity = "6_000/min"
loss = 0.05
[fleet]
users = 400
[[fleet.cohort]]
name = "iphones"
share = 0.5
platform = "ios"
presence = { offline = 0.3, gap = "1h" }
[[fleet.cohort]]
name = "androids"
share = 0.5
platform = "android"
presence = { offline = 0.3, gap = "1h" }
[[send]]
name = "news"
at = "1h"
to = { groups = ["All users"] }
title = "t"
body = "b"
[[fault]]
name = "down"
kind = "outage"
mode = "hold"
at = "3h"
for = "1h"
scope = { gateway = "fcm" }
[[fault]]
name = "slow"
kind = "delay"
delay = "1m"
at = "6h"
for = "1h"
[[fault]]
name = "brake"
kind = "throttle"
rate = "60/min"
at = "9h"
for = "1h"
[[fault]]
name = "masts"
kind = "offline"
at = "12h"
for = "1h"
scope = { pick = "30%" }
"#;

/// Messages to each phone, half an hour apart.
const MESSAGES: u32 = 48;

fn message(ix: u32) -> Message {
    Message {
        ix: MessageIx(ix),
        send: SendIx(0),
        occurrence: ix,
        key: Key(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(u64::from(ix) + 1)),
        kind: MessageKind::Group,
        accepted_at: SimTime(u64::from(ix) * 1_800_000 + 60_000),
        // The shortest ones expire in transit, the longest ones wait for the phone; some are tried once.
        expiry_ms: [
            [600_000, 2_000, 36_000_000, 7_200_000][ix as usize % 4],
            [0, 36_000_000, 5_000_000][ix as usize % 3],
        ],
        catch_up_until: None,
    }
}

/// A device and its portal, and what they did since it was looked at last.
#[derive(Default)]
struct Life {
    machine: Device,
    portal: Portal,
    effects: Vec<Effect>,
}

impl Life {
    /// One pair departs on the slow path.
    fn depart(&mut self, device_world: &DeviceWorld<'_>, departure: &Departure<'_>) {
        let mut turn = TurnTrace::default();
        self.machine.start(device_world, departure, &mut turn);
        self.take(device_world, turn);
    }

    fn advance(&mut self, device_world: &DeviceWorld<'_>, now: SimTime) {
        let mut turn = TurnTrace::default();
        self.machine.advance(device_world, now, &mut turn);
        self.take(device_world, turn);
    }

    fn take(&mut self, device_world: &DeviceWorld<'_>, turn: TurnTrace) {
        self.effects.extend(turn.effects);
        for handover in turn.handovers {
            self.portal.accept(device_world, handover, &mut self.effects);
        }
    }

    /// The effects by message, each in order, dismissals aside: the fast path tells them at once, the slow one when they
    /// are due.
    fn told(&mut self) -> BTreeMap<MessageIx, Vec<Effect>> {
        let mut told = BTreeMap::<_, Vec<Effect>>::new();
        for effect in self.effects.drain(..).filter(|effect| !matches!(effect, Effect::Dismissed { .. })) {
            told.entry(effect.message()).or_default().push(effect);
        }
        told
    }
}

#[test]
fn the_fast_paths_have_the_effects_and_counts_of_the_slow_one_and_leave_the_device_as_it_does() {
    let world = world(SCENARIO);
    let (mut fast_counts, mut slow_counts) = (Recorder::new(&world), Recorder::new(&world));
    for message in (0..MESSAGES).map(message) {
        fast_counts.open_message(&message);
        slow_counts.open_message(&message);
    }
    let end = world.horizon.just_before();
    let mut steps = BTreeMap::<String, u32>::new();
    for device in (0..400).map(DeviceIx) {
        let context = DeviceContext::new(&world, device);
        let device_world = context.on(&world);
        let counted = Counted::of(&context.traits);
        let (mut fast, mut slow, mut arrivals) = (Life::default(), Life::default(), Vec::new());
        let calm = CalmPhone::of(&device_world, &fast.machine, &fast.portal).expect("no phone dozes");
        for message in (0..MESSAGES).map(message) {
            let (at, key) = (message.accepted_at, context.traits.key);
            let departure = Departure {
                message: &message,
                phase: Phase::Send,
                class: AudienceClass::Member,
                // Up to four seconds of the queue, and none for some.
                slot: gateway::slot(
                    world.gateway(context.traits.platform.gateway().expect("it has one")).rates.sum_at(at),
                    u64::from(device.0 % 8) * 50,
                ),
                at,
                until: at + 1_200_000,
                draws: Some(Draws::of(&world.chance, key, message.key)),
            };
            let mut taken = Vec::new();
            calm.come_back(&device_world, &mut fast.machine, at, &mut arrivals, |step| taken.push(*step));
            match calm.pass(&device_world, &mut fast.machine, &departure) {
                Some(step) => taken.push(step),
                None => fast.depart(&device_world, &departure),
            }
            // A pair that is not calm goes the slow way in both.
            fast.effects.iter().for_each(|effect| fast_counts.count(counted, *effect));
            for step in &taken {
                step.effects(end, |effect| fast.effects.push(effect));
                fast_counts.count_calm(counted, step, end);
                let kind = format!("{step:?}");
                *steps.entry(kind.split(['(', ' ']).next().unwrap_or_default().to_owned()).or_default() += 1;
            }
            slow.depart(&device_world, &departure);
            slow.effects.iter().for_each(|effect| slow_counts.count(counted, *effect));
            let what = || format!("device {device:?}, message {:?}: {taken:?}", message.ix);
            assert_eq!(fast.told(), slow.told(), "{}", what());
            let state = |life: &Life| serde_json::to_value(&life.machine).expect("it is plain data");
            assert_eq!(state(&fast), state(&slow), "{}", what());
        }
        for (life, counts) in [(&mut fast, &mut fast_counts), (&mut slow, &mut slow_counts)] {
            life.advance(&device_world, end);
            life.portal.advance(end, &mut life.effects);
            life.effects.drain(..).for_each(|effect| counts.count(counted, effect));
        }
    }
    for (step, least) in [("Ended", 4_000), ("Stored", 1_000), ("Returned", 300)] {
        assert!(steps.get(step).is_some_and(|taken| *taken >= least), "too few of {step}: {steps:?}");
    }
    assert_eq!(fast_counts.close(), slow_counts.close());
}
